import type { Sink } from '../flow.ts'
import type { Metadata, SessionMeta } from '../metadata.ts'
import { FlowTable } from './flows.ts'
import type { Records } from './format.ts'
import { Fragments } from './fragments.ts'
import { dissect } from './ip.ts'
import type { CaptureLimits } from './limits.ts'
import { PacketInfo, type SkipReason } from './packet.ts'
import { type CaptureComment, MAX_COMMENTS, MAX_REMARKS } from './summary.ts'

export interface AssemblyOptions {
  /** The input leaves something out, and says so. */
  readonly seeks?: boolean
  /** Where each block of a pcapng begins, and how many packets there are before it. */
  readonly onBlock?: ((offset: number, packets: number) => void) | undefined
}

/** From records to flows: numbers the packets, counts them, and hands each to where it belongs. */
export class Assembly implements Records {
  origin: bigint | undefined
  packets = 0
  tcpPackets = 0
  udpPackets = 0
  first = Number.POSITIVE_INFINITY
  last = Number.NEGATIVE_INFINITY
  readonly skipped: Record<SkipReason, number> = {
    notIp: 0,
    notTransport: 0,
    linkType: 0,
    badHeader: 0,
    fragments: 0,
    duplicates: 0,
  }
  readonly comments: CaptureComment[] = []
  readonly flows: FlowTable
  /** What a recording says of itself. */
  session: SessionMeta | undefined

  readonly #sink: Sink
  readonly #fragments: Fragments
  readonly #packet = new PacketInfo()
  #started = false
  /** What was written about the packet that comes next. */
  #remarks: string[] = []
  /** A recording has told of the flow that begins with it. */
  #introduced = false
  /** What came before the first packet told the origin. */
  #secrets: (readonly [type: number, bytes: Uint8Array])[] = []

  readonly #seeks: boolean
  readonly #onBlock: AssemblyOptions['onBlock']
  /** Packets, and the numbers that frames have from there on. */
  #jumps: (readonly [packet: number, frame: number])[] = []

  constructor(sink: Sink, ports: ReadonlySet<number>, limits: CaptureLimits, { seeks, onBlock }: AssemblyOptions = {}) {
    this.#sink = sink
    this.#seeks = seeks === true
    this.#onBlock = onBlock
    this.flows = new FlowTable(sink, ports, limits)
    this.#fragments = new Fragments(limits)
  }

  start(origin: bigint): void {
    this.origin = origin
    this.#begin(origin)
  }

  packet(
    bytes: Uint8Array,
    start: number,
    end: number,
    wireLength: number,
    time: number,
    linkType: number,
    vantage: number,
  ): void {
    const packet = this.#packet
    packet.record = ++this.packets
    if (this.#jumps[0]?.[0] === packet.record) this.#sink.number?.(this.#jumps.shift()?.[1] as number)
    packet.time = time
    packet.vantage = vantage
    packet.remarks = this.#remarks
    packet.bytes = bytes
    packet.at = start
    packet.end = end
    packet.wireEnd = Math.max(end, start + wireLength)
    if (time < this.first) this.first = time
    if (time > this.last) this.last = time
    const outcome = dissect(packet, linkType, this.#fragments)
    if (outcome === 'tcp') {
      this.tcpPackets++
      this.flows.tcp(packet)
    } else if (outcome === 'udp') {
      this.udpPackets++
      if (!this.flows.udp(packet)) this.skipped.duplicates++
    } else if (outcome !== 'held') this.skipped[outcome]++
    packet.missing = 0
    if (this.#remarks.length > 0) packet.remarks = this.#remarks = []
    this.#introduced = false
  }

  metadata(metadata: Metadata): void {
    if (metadata.kind === 'session') this.session ??= metadata
    else if (metadata.kind === 'flow' && this.session !== undefined) {
      this.#introduced = true
      this.flows.announce(metadata, Number(BigInt(metadata.started) - (this.origin ?? 0n)))
    } else if (metadata.kind === 'gap' && this.session !== undefined) {
      this.#packet.missing = metadata.length
    } else if (metadata.kind === 'seek' && this.#seeks) {
      this.packets = metadata.packet - 1
      this.#jumps = [...metadata.frames]
    }
  }

  block(offset: number): void {
    this.#onBlock?.(offset, this.packets)
  }

  other(): void {
    this.packets++
  }

  bad(): void {
    this.packets++
    this.skipped.linkType++
  }

  secrets(type: number, bytes: Uint8Array): void {
    if (this.#started) this.#sink.secrets?.(type, bytes)
    else this.#secrets.push([type, bytes])
  }

  comment(text: string): void {
    if (this.comments.length < MAX_COMMENTS) this.comments.push({ record: this.packets, text })
  }

  remark(text: string): void {
    if (this.comments.length < MAX_COMMENTS) this.comments.push({ record: this.packets + 1, text })
    // The first of a flow's first packet is a recording's own, and made anew.
    if (!this.#introduced && this.#remarks.length < MAX_REMARKS) this.#remarks.push(text)
    this.#introduced = false
  }

  /** Nothing more will come. */
  close(): void {
    if (!this.#started) this.#begin(0n)
    this.#fragments.close()
    this.skipped.fragments = this.#fragments.lost
    this.flows.close()
  }

  #begin(origin: bigint): void {
    this.#started = true
    this.#sink.start(origin)
    for (const [type, bytes] of this.#secrets) this.#sink.secrets?.(type, bytes)
    this.#secrets = []
  }
}
