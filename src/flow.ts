import type { AnyCodec, CarrierStatus, Facts, Joined, Packet, Side } from '../codecs/core/index.ts'

export interface Endpoint {
  /** An address, without brackets; a path for a Unix socket, whose port is 0. */
  readonly host: string
  readonly port: number
}

/** `127.0.0.1:5672`, `[::1]:5672`, or a Unix socket's path. */
export function formatEndpoint({ host, port }: Endpoint): string {
  if (port === 0 && host.startsWith('/')) return host
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** How one side of a connection stopped: in order, by a reset, or only because we stopped looking. */
export type Ending = 'fin' | 'reset' | 'lost'

/** One connection as its source knows it. Times everywhere are nanoseconds since the source's origin. */
export interface FlowInfo {
  /** From 1, in the order of appearance. */
  readonly id: number
  readonly transport: 'stream' | 'datagram'
  readonly client: Endpoint
  readonly server: Endpoint
  readonly started: number
  readonly joined: Joined
  /** What carried it on the wire and was taken off before it came here, from the outside in. */
  readonly unwrapped?: readonly CarrierStatus[]
  /** The way it came, for people: `127.0.0.1:11883 → mqtt://broker:1883`. */
  readonly route?: string
  /** Ids of what it is known to be, from the outside in: for where it is joined in its middle. */
  readonly protocols?: readonly string[]
}

/**
 * Where a source of traffic delivers it. The proxy, a capture and a recording differ only in who calls this.
 * Everything is synchronous; a source that can wait asks `drain` between its blocks.
 */
export interface Sink {
  /** Once, before anything else: the moment that times count from, in nanoseconds since the Unix epoch. */
  start(origin: bigint): void
  open(flow: FlowInfo): FlowSink
  /** TLS secrets that the source carries, as pcapng's Decryption Secrets Block types them. */
  secrets?(type: number, bytes: Uint8Array): void
  /** The frame that is completed next has this number: some that came before it were left out. */
  number?(next: number): void
  /** Resolves when what was delivered has been digested; undefined if it is. */
  drain?(): Promise<void> | undefined
}

export interface FlowSink {
  /**
   * Bytes in stream order, or one datagram, of which the capture cut `missing` off the end. `record` is the capture
   * record that completed them, from 1; 0 if live. The sink keeps no view of `bytes` that it does not hold alive.
   */
  data(side: Side, bytes: Uint8Array, time: number, record: number, missing: number): void
  /** `length` bytes were sent here that the capture does not have. */
  gap(side: Side, length: number, time: number, record: number): void
  /** `side` will send no more. */
  end(side: Side, time: number, ending: Ending): void
  /** Nothing more will come of this flow; sides that did not end before are lost. */
  close(time: number): void
  /** Somebody wrote this about what `side` sends next. */
  remark?(side: Side, text: string): void
}

/** Per direction. */
export type BySide<T> = Record<Side, T>

/**
 * What a flow is said to speak: its protocol's id, or that of the outermost carrier where what it carries cannot be told
 * (`tls`, `http`), or `unknown`.
 */
export const protocolOf = ({ codec, carriers }: Flow): string =>
  codec?.id ?? carriers[0]?.name.split(' ')[0]?.toLowerCase() ?? 'unknown'

/** One connection as it is known so far. */
export interface Flow extends FlowInfo {
  /** Undefined while undecided, and for good where the bytes are none of ours. */
  readonly codec: AnyCodec | undefined
  /** Whether more bytes are awaited to tell the protocol by. */
  readonly undecided: boolean
  /** What is here of the frame that `side` is sending, to look at. */
  partial(side: Side): Packet | undefined
  /** What carries the protocol, from the outside in. */
  readonly carriers: readonly CarrierStatus[]
  readonly frames: Readonly<BySide<number>>
  readonly bytes: Readonly<BySide<number>>
  readonly malformed: number
  readonly lost: number
  /** When something last happened. */
  readonly ended: number
  readonly ending: Ending | undefined
  readonly facts: Readonly<BySide<Facts>>
}
