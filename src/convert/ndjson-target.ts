import { toJson } from '../../codecs/core/index.ts'
import type { FlowInfo } from '../flow.ts'
import type { SessionMeta } from '../metadata.ts'
import type { Output } from '../output/index.ts'
import { type Known, overwrite, protocolsOf, type Scribe, type Target } from '../recording/index.ts'
import { isoOf } from './moment.ts'

/** Writes a recording as NDJSON: a line a chunk, as it came. */
export class NdjsonTarget implements Target {
  readonly #output: Output
  readonly #session: () => Partial<SessionMeta>
  #origin = 0n

  /** `session`: what is said of the whole, when it begins. */
  constructor(output: Output, session: () => Partial<SessionMeta>) {
    this.#output = output
    this.#session = session
  }

  start(origin: bigint): void {
    this.#origin = origin
    this.#line({ recording: 1, origin: isoOf(origin), ...this.#session() })
  }

  open(info: FlowInfo, known: Known): Scribe {
    const { id: flow, started, transport, client, server, joined, route, unwrapped } = info
    const protocols = protocolsOf(known) ?? info.protocols
    // What is not there is left out.
    const open = { transport, client, server, joined, route, unwrapped, protocols }
    this.#line({ flow, time: this.#iso(started), open })
    return {
      data: (from, time, bytes, offset, secrets) => {
        const written = secrets.length === 0 ? bytes : bytes.slice()
        overwrite(written, 0, written.length, offset, secrets)
        this.#line({ flow, time: this.#iso(time), from, data: dataOf(written) })
      },
      gap: (from, time, gap) => this.#line({ flow, time: this.#iso(time), from, gap }),
      end: (from, time, end) => {
        if (end !== 'lost') this.#line({ flow, time: this.#iso(time), from, end })
      },
      close: () => this.#line({ flow, closed: true }),
      comment: (from, _offset, comment) => this.#line({ flow, from, comment }),
    }
  }

  secrets(type: number, bytes: Uint8Array): void {
    this.#line({ secrets: type, data: dataOf(bytes) })
  }

  #iso(time: number): string {
    return isoOf(this.#origin + BigInt(Math.round(time)))
  }

  #line(content: object): void {
    this.#output.write(`${JSON.stringify(content)}\n`)
  }
}

/** Text where all of the bytes are, else base64. */
function dataOf(bytes: Uint8Array): unknown {
  const json = toJson(bytes)
  // A text that begins with a byte order mark loses it.
  if (typeof json === 'string' && Buffer.byteLength(json) !== bytes.length) {
    return { base64: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64') }
  }
  return json
}
