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
  answers: readonly ScriptLine[]
  /** What comes only after this: deliveries to a subscription. */
  events: readonly ScriptLine[]
  /** What another connection got of this. */
  elsewhere: readonly ScriptLine[]
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
  after: readonly Part[]
  /** A message that it passes on, and that another connection published. */
  cause: Part | undefined
  /** The message that it passes on as it is. */
  echo: Part | undefined
  /** The broker ends the connection here. */
  readonly end: 'fin' | 'reset' | undefined
}

// biome-ignore lint/suspicious/noExplicitAny: nothing is in it
const NOTHING: readonly any[] = []

type Relation = 'answers' | 'events' | 'elsewhere'

/** There may be very many, most without any: one empty list is enough. */
export function relate(part: Part, relation: Relation, line: ScriptLine): void {
  const lines = part[relation]
  if (lines === NOTHING) part[relation] = [line]
  else (lines as ScriptLine[]).push(line)
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
  readonly #bySignature = new Map<string, Likes>()
  /** By type and address. */
  readonly #byPlace = new Map<string, Part[]>()

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
      answers: NOTHING,
      events: NOTHING,
      elsewhere: NOTHING,
      echoed: false,
    }
    this.parts.push(part)
    const likes = this.#bySignature.get(signature)
    if (likes === undefined) this.#bySignature.set(signature, new Likes(part))
    else likes.add(part)
    const place = placeOf(act)
    const there = this.#byPlace.get(place)
    if (there === undefined) this.#byPlace.set(place, [part])
    else there.push(part)
    for (const [name, value] of Object.entries(act.likeness ?? {})) this.likeness.set(name, value)
    return part
  }

  /** What comes near: the same was done to the same, in another way. */
  near(act: Act): readonly Part[] {
    return this.#byPlace.get(placeOf(act)) ?? NOTHING
  }

  /** All of a signature, in their order. */
  having(signature: string): readonly Part[] {
    return this.#bySignature.get(signature)?.all ?? NOTHING
  }

  /** Those of them that are the same in detail, too. */
  exactly(signature: string, detail: string): readonly Part[] {
    return this.#bySignature.get(signature)?.exactly(detail) ?? NOTHING
  }
}

const placeOf = ({ type, address = '' }: Act): string => `${type} ${address}`

/** What has one signature. */
class Likes {
  readonly all: Part[]
  readonly #byDetail = new Map<string, Part[]>()

  constructor(first: Part) {
    this.all = []
    this.add(first)
  }

  add(part: Part): void {
    this.all.push(part)
    const { detail } = part.act
    const same = this.#byDetail.get(detail)
    if (same === undefined) this.#byDetail.set(detail, [part])
    else same.push(part)
  }

  exactly(detail: string): readonly Part[] | undefined {
    return this.#byDetail.get(detail)
  }
}
