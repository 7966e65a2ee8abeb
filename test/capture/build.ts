import type { Side } from '../../codecs/core/index.ts'
import { other } from '../../codecs/core/index.ts'
import { type CaptureOptions, type CaptureSummary, readCapture } from '../../src/capture/index.ts'
import type { Ending, FlowInfo, Sink } from '../../src/flow.ts'

/** Builds captures out of nothing, layer by layer, and reads them back into something to compare with. */

export const bytes = (...parts: readonly (number | string | Uint8Array)[]): Uint8Array =>
  Buffer.concat(
    parts.map(part =>
      typeof part === 'number' ? Buffer.of(part) : typeof part === 'string' ? Buffer.from(part) : Buffer.from(part),
    ),
  )

export const hex = (digits: string): Uint8Array => Buffer.from(digits.replace(/\s/g, ''), 'hex')
export const u16 = (value: number): Uint8Array => Uint8Array.of(value >> 8, value)
export const u32 = (value: number): Uint8Array => Uint8Array.of(value >> 24, value >> 16, value >> 8, value)

// ---- layers

export const IPV4 = 0x0800
export const IPV6 = 0x86dd
const macs = hex('020000000001 020000000002')

export const ethernet = (payload: Uint8Array, type = IPV4): Uint8Array => bytes(macs, u16(type), payload)
export const tagged = (payload: Uint8Array, tag = 0x8100, type = IPV4): Uint8Array =>
  bytes(macs, u16(tag), u16(7), u16(type), payload)

export interface IpOptions {
  readonly from?: string
  readonly to?: string
  readonly id?: number
  /** In bytes. */
  readonly offset?: number
  readonly more?: boolean
  /** What the total length field says; the truth if left out. */
  readonly total?: number
}

const v4 = (address: string): Uint8Array => Uint8Array.from(address.split('.').map(Number))

export function ipv4(protocol: number, payload: Uint8Array, options: IpOptions = {}): Uint8Array {
  const { from = '10.0.0.1', to = '10.0.0.2', id = 0, offset = 0, more = false } = options
  const { total = 20 + payload.length } = options
  const fragment = (offset >> 3) | (more ? 0x2000 : 0)
  return bytes(hex('4500'), u16(total), u16(id), u16(fragment), 64, protocol, u16(0), v4(from), v4(to), payload)
}

export const CLIENT6 = hex('20010db8 00000000 00000000 00000001')
export const SERVER6 = hex('20010db8 00000000 00000000 00000002')

export const ipv6 = (next: number, payload: Uint8Array, from = CLIENT6, to = SERVER6): Uint8Array =>
  bytes(hex('60000000'), u16(payload.length), next, 64, from, to, payload)

export interface Segment {
  readonly sport?: number
  readonly dport?: number
  readonly seq?: number
  readonly ack?: number
  /** Of S A F R P. */
  readonly flags?: string
  readonly data?: string | Uint8Array
}

const FLAGS: Record<string, number> = { F: 1, S: 2, R: 4, P: 8, A: 16 }

export function tcp({ sport = 40000, dport = 1883, seq = 0, ack = 0, flags = 'A', data = '' }: Segment): Uint8Array {
  const bits = [...flags].reduce((sum, flag) => sum | (FLAGS[flag] as number), 0)
  return bytes(u16(sport), u16(dport), u32(seq), u32(ack), 0x50, bits, u16(0xffff), u16(0), u16(0), bytes(data))
}

export const udp = (payload: Uint8Array | string, sport = 40000, dport = 5683): Uint8Array =>
  bytes(u16(sport), u16(dport), u16(8 + bytes(payload).length), u16(0), bytes(payload))

// ---- files

export interface PacketSpec {
  readonly bytes: Uint8Array
  /** In nanoseconds since the capture's origin. */
  readonly time?: number
  /** How much of it was captured. */
  readonly captured?: number
}

const ORIGIN_SECONDS = 1_700_000_000

export interface PcapOptions {
  readonly linkType?: number
  readonly little?: boolean
  readonly nano?: boolean
  readonly snapLength?: number
}

const word = (value: number, little: boolean): Uint8Array => (little ? u32(value).reverse() : u32(value))
const half = (value: number, little: boolean): Uint8Array => (little ? u16(value).reverse() : u16(value))

export function pcap(packets: readonly (PacketSpec | Uint8Array)[], options: PcapOptions = {}): Uint8Array {
  const { linkType = 1, little = true, nano = false, snapLength = 65535 } = options
  const w = (value: number) => word(value, little)
  const head = [w(nano ? 0xa1b23c4d : 0xa1b2c3d4), half(2, little), half(4, little), w(0), w(0), w(snapLength)]
  const records = packets.flatMap((packet, index) => {
    const spec: PacketSpec = packet instanceof Uint8Array ? { bytes: packet } : packet
    const { time = index * 1e5, captured = spec.bytes.length } = spec
    const fraction = Math.floor((time % 1e9) / (nano ? 1 : 1000))
    const seconds = ORIGIN_SECONDS + Math.floor(time / 1e9)
    return [w(seconds), w(fraction), w(captured), w(spec.bytes.length), spec.bytes.subarray(0, captured)]
  })
  return bytes(...head, w(linkType), ...records)
}

// ---- reading back

export type Happening =
  | readonly ['data', Side, string, number]
  | readonly ['gap', Side, number, number]
  | readonly ['end', Side, Ending]
  | readonly ['close']

export interface Read {
  readonly flows: ReadFlow[]
  readonly summary: CaptureSummary
  readonly origin: bigint | undefined
  readonly secrets: (readonly [type: number, text: string])[]
}

export interface ReadFlow extends FlowInfo {
  readonly log: Happening[]
  readonly times: number[]
  readonly missing: number[]
  /** All bytes of a side, with `·` for each that is missing. */
  text(side: Side): string
}

/** A sink that writes down all it is told, and the read that goes with it. */
export class Recorder implements Sink {
  readonly flows: ReadFlow[] = []
  readonly secretsSeen: (readonly [number, string])[] = []
  origin: bigint | undefined
  onData = (_text: string): void => {}

  start(origin: bigint): void {
    if (this.origin !== undefined) throw new Error('started twice')
    this.origin = origin
  }

  secrets(type: number, secret: Uint8Array): void {
    if (this.origin === undefined) throw new Error('secrets before the start')
    this.secretsSeen.push([type, Buffer.from(secret).toString()])
  }

  open(info: FlowInfo) {
    if (this.origin === undefined) throw new Error('a flow before the start')
    const log: Happening[] = []
    const flow: ReadFlow = { ...info, log, times: [], missing: [], text: side => textOf(log, side) }
    this.flows.push(flow)
    const ended = { client: false, server: false }
    let closed = false
    const check = (side: Side): void => {
      if (closed || ended[side]) throw new Error(`${side} goes on after its end`)
    }
    return {
      data: (side: Side, chunk: Uint8Array, time: number, record: number, missing: number): void => {
        check(side)
        const text = Buffer.from(chunk).toString('latin1')
        log.push(['data', side, text, record])
        flow.times.push(time)
        flow.missing.push(missing)
        if (missing > 0) log.push(['gap', side, missing, record])
        this.onData(text)
      },
      gap: (side: Side, length: number, _time: number, record: number): void => {
        check(side)
        if (!(length > 0)) throw new Error(`a gap of ${length}`)
        log.push(['gap', side, length, record])
      },
      end: (side: Side, _time: number, ending: Ending): void => {
        check(side)
        ended[side] = true
        log.push(['end', side, ending])
      },
      close: (): void => {
        if (closed) throw new Error('closed twice')
        closed = true
        log.push(['close'])
      },
    }
  }
}

function textOf(log: readonly Happening[], side: Side): string {
  return log
    .map(what => {
      if (what[0] === 'data' && what[1] === side) return what[2]
      return what[0] === 'gap' && what[1] === side ? '·'.repeat(Math.min(what[2], 1000)) : ''
    })
    .join('')
}

export async function* chunked(file: Uint8Array, size = file.length): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.length; at += size) yield Uint8Array.from(file.subarray(at, at + size))
}

export async function read(file: Uint8Array, options: CaptureOptions = {}, chunk?: number): Promise<Read> {
  const recorder = new Recorder()
  const summary = await readCapture({ stream: chunked(file, chunk), name: 'test' }, recorder, options)
  return { flows: recorder.flows, summary, origin: recorder.origin, secrets: recorder.secretsSeen }
}

/** The only flow of a capture of these packets. */
export async function readFlow(packets: readonly (PacketSpec | Uint8Array)[], options?: CaptureOptions) {
  const { flows } = await read(pcap(packets), options)
  if (flows.length !== 1) throw new Error(`${flows.length} flows`)
  return flows[0] as ReadFlow
}

// ---- a TCP connection, packet by packet

export const CLIENT_ISN = 1000
export const SERVER_ISN = 9000

/** Packets of one connection. Sequence numbers count from 1 behind each side's SYN, as Wireshark shows them. */
export class Talk {
  readonly #isn: Record<Side, number>
  readonly #port: number

  constructor({ client = CLIENT_ISN, server = SERVER_ISN, port = 40000 } = {}) {
    this.#isn = { client, server }
    this.#port = port
  }

  packet(side: Side, relative: { seq?: number; ack?: number; flags?: string; data?: string | Uint8Array }): Uint8Array {
    const { seq = 1, ack = 1, flags = 'AP', data = '' } = relative
    const client = side === 'client'
    const [from, to] = client ? ['10.0.0.1', '10.0.0.2'] : ['10.0.0.2', '10.0.0.1']
    const segment = {
      sport: client ? this.#port : 1883,
      dport: client ? 1883 : this.#port,
      seq: this.#isn[side] + seq,
      ack: flags.includes('A') ? this.#isn[other(side)] + ack : 0,
      flags,
      data,
    }
    return ethernet(ipv4(6, tcp(segment), { from, to }))
  }

  client(seq: number, data: string | Uint8Array = '', flags = 'AP', ack = 1): Uint8Array {
    return this.packet('client', { seq, ack, flags, data })
  }

  server(seq: number, data: string | Uint8Array = '', flags = 'AP', ack = 1): Uint8Array {
    return this.packet('server', { seq, ack, flags, data })
  }

  get handshake(): Uint8Array[] {
    return [this.client(0, '', 'S'), this.server(0, '', 'SA'), this.client(1, '', 'A')]
  }
}

/** Writes blocks of a pcapng in one byte order. */
export class Blocks {
  readonly little: boolean

  constructor(little: boolean) {
    this.little = little
  }

  w(value: number): Uint8Array {
    return this.little ? u32(value).reverse() : u32(value)
  }

  h(value: number): Uint8Array {
    return this.little ? u16(value).reverse() : u16(value)
  }

  block(type: number, ...body: readonly Uint8Array[]): Uint8Array {
    const content = bytes(...body)
    const padding = new Uint8Array(-content.length & 3)
    const length = this.w(12 + content.length + padding.length)
    return bytes(this.w(type), length, content, padding, length)
  }

  option(code: number, value: Uint8Array): Uint8Array {
    return bytes(this.h(code), this.h(value.length), value, new Uint8Array(-value.length & 3))
  }

  get section(): Uint8Array {
    return this.sectionWith()
  }

  sectionWith(...options: readonly Uint8Array[]): Uint8Array {
    const unknown = hex('ffffffffffffffff')
    return this.block(0x0a0d0d0a, this.w(0x1a2b3c4d), this.h(1), this.h(0), unknown, ...options)
  }

  interface(linkType = 1, { snapLength = 0, options = [] as readonly Uint8Array[] } = {}): Uint8Array {
    return this.block(1, this.h(linkType), this.h(0), this.w(snapLength), ...options)
  }

  time(ticks: bigint): Uint8Array {
    return bytes(this.w(Number(ticks >> 32n)), this.w(Number(ticks & 0xffffffffn)))
  }

  enhanced(packet: Uint8Array, ticks = 1_700_000_000_000_000n, id = 0, ...options: readonly Uint8Array[]): Uint8Array {
    const padded = bytes(packet, new Uint8Array(-packet.length & 3))
    const length = this.w(packet.length)
    return this.block(6, this.w(id), this.time(ticks), length, length, padded, ...options)
  }

  old(packet: Uint8Array, ticks = 1_700_000_000_000_000n, id = 0): Uint8Array {
    const length = this.w(packet.length)
    return this.block(2, this.h(id), this.h(0), this.time(ticks), length, length, packet)
  }

  simple(packet: Uint8Array, wireLength = packet.length): Uint8Array {
    return this.block(3, this.w(wireLength), packet)
  }
}
