import type { Act, AnyCodec, Packet } from '../../codecs/core/index.ts'

/** Something that the client of a recorded connection did. */
export interface Part {
  readonly script: Script
  /** Its place among all that this client did. */
  readonly index: number
  readonly act: Act
  /** Nanoseconds since the recording's origin. */
  readonly time: number
  /** What the broker answered, in its order. */
  readonly answers: ScriptLine[]
  /** What comes only after this: deliveries to a subscription. */
  readonly events: ScriptLine[]
  /** What another connection got of this. */
  readonly elsewhere: ScriptLine[]
  /** Somebody got it as it was: what is in it now is kept until then. */
  echoed: boolean
}

/** Something that the broker said on a recorded connection. */
export interface ScriptLine {
  readonly script: Script
  /** Its place among all that the broker said there. */
  readonly index: number
  readonly kind: 'answer' | 'event'
  readonly packets: readonly Packet[]
  readonly part: number
  readonly once: boolean
  readonly time: number
  /** What its client must have done before, the one that it is said for first. */
  readonly after: Part[]
  /** A message that it passes on, and that another connection published. */
  cause: Part | undefined
  /** The message that it passes on as it is. */
  echo: Part | undefined
  /** The broker ends the connection here. */
  readonly end: 'fin' | 'reset' | undefined
}

/** One recorded connection, as the broker's part of it is learnt. */
export class Script {
  /** In the recording. */
  readonly flow: number
  readonly codec: AnyCodec
  readonly parts: Part[] = []
  readonly lines: ScriptLine[] = []
  /** What the broker says unasked. */
  readonly opening: ScriptLine[] = []
  /** What tells who the client is, over all that opens the connection. */
  readonly likeness = new Map<string, string>()
  readonly #bySignature = new Map<string, Part[]>()
  readonly #byDetail = new Map<string, Part[]>()

  constructor(flow: number, codec: AnyCodec) {
    this.flow = flow
    this.codec = codec
  }

  /** `signature` is the act's, without names that were made up. */
  add(act: Act, signature: string, time: number): Part {
    const part: Part = {
      script: this,
      index: this.parts.length,
      act,
      time,
      answers: [],
      events: [],
      elsewhere: [],
      echoed: false,
    }
    this.parts.push(part)
    push(this.#bySignature, signature, part)
    push(this.#byDetail, `${signature}\n${act.detail}`, part)
    for (const [name, value] of Object.entries(act.likeness ?? {})) this.likeness.set(name, value)
    return part
  }

  /** All of a signature, in their order. */
  having(signature: string): readonly Part[] {
    return this.#bySignature.get(signature) ?? NONE
  }

  /** Those of them that are the same in detail, too. */
  exactly(signature: string, detail: string): readonly Part[] {
    return this.#byDetail.get(`${signature}\n${detail}`) ?? NONE
  }
}

const NONE: readonly Part[] = []

function push(map: Map<string, Part[]>, key: string, part: Part): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [part])
  else list.push(part)
}
