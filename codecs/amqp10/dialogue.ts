import { type Dialogue, other, type Packet, type Side, u16At } from '../core/index.ts'
import { isOurHeader, isProtocolHeader } from './delimit.ts'
import { bodyAt, fieldAt, isTrue, rowAt, uintAt } from './peek.ts'
import type { Row } from './schema.ts'

/** What this side's last protocol header announced; `unknown` before the first. */
export type Phase = 'unknown' | 'amqp' | 'tls' | 'sasl'

export interface Context {
  readonly phase: Phase
  /** The largest frame that the other side takes, once both have opened. */
  readonly maxFrameSize: number | undefined
  readonly opened: boolean
  /** A transfer that goes on with a delivery that an earlier one of its link began. */
  readonly continuation: boolean
}

/** Deliveries that may be under way at once on one side of a connection; of more, the oldest is forgotten. */
const MAX_DELIVERIES = 4096
const MAX_FRAME_SIZE = 0xffffffff
const PHASES: Readonly<Record<number, Phase>> = { 0: 'amqp', 2: 'tls', 3: 'sasl' }

/** One side of a connection. */
class Speaker {
  phase: Phase = 'unknown'
  /** The largest frame that it takes, as its open said. */
  takes: number | undefined
  /** Channel and handle of links on which a delivery was begun and not ended. */
  readonly underWay = new Set<number>()
  plain: Context = { phase: 'unknown', maxFrameSize: undefined, opened: false, continuation: false }
  continuing: Context = { ...this.plain, continuation: true }

  /** Contexts are made when something changes, not for every frame. */
  settle(peer: Speaker): void {
    const opened = this.takes !== undefined
    const maxFrameSize = opened ? peer.takes : undefined
    this.plain = { phase: this.phase, maxFrameSize, opened, continuation: false }
    this.continuing = { ...this.plain, continuation: true }
  }
}

/** The same however the connection was joined: all that is known is learnt from its frames. */
export class Amqp10Dialogue implements Dialogue<Context> {
  readonly #speakers: Readonly<Record<Side, Speaker>> = { client: new Speaker(), server: new Speaker() }

  context(side: Side, bytes: Uint8Array, start: number, end: number): Context {
    const speaker = this.#speakers[side]
    if (speaker.underWay.size === 0 || start + 8 > end || isProtocolHeader(bytes, start, end)) return speaker.plain
    const at = bodyAt(bytes, start)
    if (rowAt(bytes, at, end)?.name !== 'transfer') return speaker.plain
    const link = linkOf(bytes, start, at, end)
    return speaker.underWay.has(link) ? speaker.continuing : speaker.plain
  }

  follow({ side, buffer, start, end }: Packet<Context>): void {
    if (isProtocolHeader(buffer, start, end)) {
      if (isOurHeader(buffer, start, end)) this.#turn(side, PHASES[buffer[start + 4] as number] as Phase)
      return
    }
    const at = bodyAt(buffer, start)
    const row = rowAt(buffer, at, end)
    if (row === undefined) return
    const speaker = this.#speakers[side]
    if (row.name === 'transfer') followTransfer(speaker.underWay, buffer, start, at, end)
    else if (row.name === 'open') {
      const size = uintAt(buffer, fieldAt(buffer, at, end, 2), end)
      speaker.takes = size < 0 ? MAX_FRAME_SIZE : size
      this.#settle()
    } else if (speaker.underWay.size > 0) forget(speaker.underWay, row, buffer, start, at, end)
  }

  #turn(side: Side, phase: Phase): void {
    this.#speakers[side].phase = phase
    this.#settle()
  }

  #settle(): void {
    for (const side of ['client', 'server'] as const) this.#speakers[side].settle(this.#speakers[other(side)])
  }
}

const HANDLES = 0x1_0000_0000

/** Channel and handle as one number. */
function linkOf(bytes: Uint8Array, start: number, at: number, end: number): number {
  const handle = uintAt(bytes, fieldAt(bytes, at, end, 0), end)
  return u16At(bytes, start + 6) * HANDLES + Math.max(0, handle)
}

function followTransfer(underWay: Set<number>, bytes: Uint8Array, start: number, at: number, end: number): void {
  const more = isTrue(bytes, fieldAt(bytes, at, end, 5)) && !isTrue(bytes, fieldAt(bytes, at, end, 9))
  if (!more) {
    if (underWay.size > 0) underWay.delete(linkOf(bytes, start, at, end))
    return
  }
  if (underWay.size >= MAX_DELIVERIES) underWay.delete(underWay.values().next().value as number)
  underWay.add(linkOf(bytes, start, at, end))
}

/** What ends a link, a session or the connection ends the deliveries on it. */
function forget(underWay: Set<number>, row: Row, bytes: Uint8Array, start: number, at: number, end: number): void {
  if (row.name === 'detach') underWay.delete(linkOf(bytes, start, at, end))
  else if (row.name === 'close') underWay.clear()
  else if (row.name === 'end') {
    const channel = u16At(bytes, start + 6)
    for (const link of underWay) if (Math.floor(link / HANDLES) === channel) underWay.delete(link)
  }
}
