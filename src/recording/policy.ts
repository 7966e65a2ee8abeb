import type { AnyCodec, Packet } from '../../codecs/core/index.ts'
import type { Flow, FlowSink } from '../flow.ts'

/**
 * What of a flow's bytes may be written: all of them, as nobody minds or nobody knows where secrets would be; all but
 * the secrets found in them; or none, as what carries the protocol hides where they are.
 */
export type Policy = 'open' | 'searched' | 'closed'

export function policyFor({ carriers, codec, unwrapped = [] }: Flow): Policy {
  // What was taken off before is not in the bytes.
  const outermost = carriers[unwrapped.length]
  if (outermost !== undefined) return outermost.encrypted === true ? 'open' : 'closed'
  return codec === undefined ? 'open' : 'searched'
}

export interface RecordedOptions<S> {
  /** Begins to write it: when first something is written, as the protocol is known by then. */
  readonly begin: (codec: AnyCodec | undefined) => S
  readonly keepSecrets: boolean
  /** Told once, where all of the flow's bytes are overwritten. */
  readonly overwritten: (flow: Flow) => void
  readonly closed: () => void
}

/** One flow on its way to the recording: what is shown of it goes on to `inner` at once. */
export interface RecordedSink extends FlowSink {
  inner: FlowSink | undefined
  opened(flow: Flow): void
  packet(packet: Packet): void
}
