import type { AnyCarrier, AnyCodec, Packet, Side } from '../../codecs/core/index.ts'
import type { Flow, FlowSink } from '../flow.ts'
import type { Redactor } from './redact.ts'
import type { Known, Scribe } from './target.ts'

/**
 * What of a flow's bytes may be written: all of them, as nobody minds or nobody knows where secrets would be; all but
 * the secrets found in them, also within what carries the protocol; or none, as nobody can tell where they are.
 */
export type Policy = 'open' | 'searched' | 'carried' | 'closed'

export function policyFor({ carriers, codec, unwrapped = [] }: Flow, redactor: Redactor, changeable: boolean): Policy {
  if (!redactor.active) return 'open'
  // What was taken off before is not in the bytes.
  const [outermost, ...inner] = carriers.slice(unwrapped.length)
  if (outermost === undefined) return codec === undefined ? 'open' : 'searched'
  if (outermost.encrypted === true) return 'open'
  return inner.length === 0 && changeable ? 'carried' : 'closed'
}

export interface RecordedOptions {
  /** What may carry protocols. */
  readonly carriers: readonly AnyCarrier[]
  /** Begins to write it: when first something is written, as the protocol is known by then. */
  readonly begin: (known: Known) => Scribe
  readonly redactor: Redactor
  /** Told once, where all of the flow's bytes are overwritten. */
  readonly overwritten: (flow: Flow) => void
  /** Told of bytes that are not written. */
  readonly lost: (length: number) => void
  readonly closed: () => void
}

/** One flow on its way to the recording: what is shown of it goes on to `inner` at once. */
export interface RecordedSink extends FlowSink {
  inner: FlowSink | undefined
  opened(flow: Flow): void
  packet(packet: Packet): void
  /** See Scribe; a packet's offset counts the bytes of what may carry it. Of none: what comes next. */
  comment(packet: Packet | undefined, text: string): void
}

/** Where a comment on a packet is to stand: see Scribe. What is carried is numbered otherwise than what carries it. */
export function placeOf(flow: Flow | undefined, packet: Packet | undefined): readonly [Side, number | undefined] {
  if (packet === undefined) return ['client', undefined]
  const { side, offset, length } = packet
  const carried = flow !== undefined && flow.carriers.length > (flow.unwrapped?.length ?? 0)
  return [side, carried ? undefined : offset + Math.max(0, length - 1)]
}

export const knownOf = (flow: Flow | undefined): Known => ({ flow, codec: flow?.codec as AnyCodec | undefined })
