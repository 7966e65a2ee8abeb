import { isIPv6 } from 'node:net'

/** Both ends of a made-up connection, of one address family. */
export interface Ends {
  readonly client: End
  readonly server: End
}

export interface End {
  /** 4 or 16 bytes. */
  readonly address: Uint8Array
  readonly port: number
}

export const FIN = 0x01
export const SYN = 0x02
export const RST = 0x04
export const PSH = 0x08
export const ACK = 0x10

const TCP = 6
const UDP = 17
const UDP_HEADER = 8
const HOPS = 64
const DO_NOT_FRAGMENT = 0x4000
/** Together with the scale in SYN_OPTIONS a window that is never full. */
const WINDOW = 0xffff

/** Maximum segment size 65495; window scale 14, the largest (RFC 7323 2.2). */
export const SYN_OPTIONS = Uint8Array.of(2, 4, 0xff, 0xd7, 1, 3, 3, 14)
export const NO_TCP_OPTIONS = new Uint8Array(0)

/** Bytes of the IP and TCP headers. */
export const headerLength = ({ client }: Ends, tcpOptions: Uint8Array): number =>
  (client.address.length === 4 ? 20 : 40) + 20 + tcpOptions.length

export interface Segment {
  readonly from: End
  readonly to: End
  readonly sequence: number
  readonly acknowledged: number
  readonly flags: number
  readonly options: Uint8Array
  /** Counts the packets of this sender. */
  readonly id: number
}

/**
 * Writes the IP (RFC 791, RFC 8200) and TCP (RFC 9293) headers at `at`, before a payload that stands in its place, with
 * checksums. `at` and the options' length are multiples of four, and `words` are the same bytes as `view`; up to the
 * next multiple of four, zeros follow the payload.
 */
export function writeHeaders(view: DataView, words: Uint32Array, at: number, segment: Segment, payload: number): void {
  const { from, to, options } = segment
  const length = 20 + options.length + payload
  const tcp = writeIp(view, words, at, segment, TCP, length)
  view.setUint16(tcp, from.port)
  view.setUint16(tcp + 2, to.port)
  view.setUint32(tcp + 4, segment.sequence)
  view.setUint32(tcp + 8, segment.acknowledged)
  view.setUint16(tcp + 12, ((5 + options.length / 4) << 12) | segment.flags)
  view.setUint16(tcp + 14, WINDOW)
  view.setUint32(tcp + 16, 0)
  copy(view, tcp + 20, options)
  view.setUint16(tcp + 16, transportChecksum(words, tcp, from, TCP, length))
}

/** Bytes of the IP and UDP headers. */
export const udpHeaderLength = ({ client }: Ends): number => (client.address.length === 4 ? 20 : 40) + UDP_HEADER

/** Writes the IP and UDP (RFC 768) headers at `at`, as `writeHeaders` does those of TCP. */
export function writeUdpHeaders(view: DataView, words: Uint32Array, at: number, route: Route, payload: number): void {
  const { from, to } = route
  const length = UDP_HEADER + payload
  const udp = writeIp(view, words, at, route, UDP, length)
  view.setUint16(udp, from.port)
  view.setUint16(udp + 2, to.port)
  view.setUint16(udp + 4, length)
  view.setUint16(udp + 6, 0)
  // Zero would say that there is none.
  view.setUint16(udp + 6, transportChecksum(words, udp, from, UDP, length) || 0xffff)
}

type Route = Pick<Segment, 'from' | 'to' | 'id'>

/** Writes the IP header of a packet with `length` bytes after it; returns where they begin. */
function writeIp(
  view: DataView,
  words: Uint32Array,
  at: number,
  { from, to, id }: Route,
  protocol: number,
  length: number,
): number {
  const v4 = from.address.length === 4
  const end = at + (v4 ? 20 : 40)
  const addresses = end - from.address.length * 2
  if (v4) {
    view.setUint16(at, 0x4500)
    view.setUint16(at + 2, 20 + length)
    view.setUint16(at + 4, id & 0xffff)
    view.setUint16(at + 6, DO_NOT_FRAGMENT)
    view.setUint16(at + 8, (HOPS << 8) | protocol)
    view.setUint16(at + 10, 0)
  } else {
    view.setUint32(at, 0x6000_0000)
    view.setUint16(at + 4, length)
    view.setUint16(at + 6, (protocol << 8) | HOPS)
  }
  copy(view, addresses, from.address)
  copy(view, addresses + from.address.length, to.address)
  if (v4) view.setUint16(at + 10, checksum(words, at, end, 0))
  return end
}

/** Over the pseudo header, too: both addresses, which stand just before `start`, the protocol and the length. */
const transportChecksum = (words: Uint32Array, start: number, from: End, protocol: number, length: number): number =>
  checksum(words, start - from.address.length * 2, start + length, protocol + length)

function copy(view: DataView, at: number, bytes: Uint8Array): void {
  for (let i = 0; i < bytes.length; i++) view.setUint8(at + i, bytes[i] as number)
}

/** Whether 32-bit words of memory have their first byte lowest. */
const LITTLE = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1

/**
 * The Internet checksum (RFC 1071) of bytes [start, end) and `more`. The order of bytes within words does not matter to
 * a one's complement sum but for its own, so whole words are added as memory has them.
 */
function checksum(words: Uint32Array, start: number, end: number, more: number): number {
  let a = 0
  let b = 0
  let at = start >> 2
  const last = (end + 3) >> 2
  for (; at + 3 < last; at += 4) {
    a += (words[at] as number) + (words[at + 1] as number)
    b += (words[at + 2] as number) + (words[at + 3] as number)
  }
  for (; at < last; at++) a += words[at] as number
  const sum = folded(a + b)
  return ~folded((LITTLE ? ((sum & 0xff) << 8) | (sum >> 8) : sum) + more) & 0xffff
}

function folded(sum: number): number {
  let rest = sum
  while (rest > 0xffff) rest = (rest % 0x1_0000) + Math.floor(rest / 0x1_0000)
  return rest
}

/** The bytes of an IPv4 or IPv6 address; undefined where `host` is neither. */
export function addressBytes(host: string): Uint8Array | undefined {
  const dotted = /^(?:.*:)?(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(host)
  const tail = dotted === null ? undefined : Uint8Array.from(dotted.slice(1), Number)
  if (!host.includes(':')) return tail
  if (!isIPv6(host)) return undefined
  const bytes = new Uint8Array(16)
  const plain = tail === undefined ? host : host.replace(/[\d.]+$/, `${hex16(tail, 0)}:${hex16(tail, 2)}`)
  const [head = '', rest] = plain.split('::')
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map(group => Number.parseInt(group, 16))
  const before = groups(head)
  const after = rest === undefined ? [] : groups(rest)
  const all = [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after]
  all.forEach((group, index) => {
    bytes[index * 2] = group >> 8
    bytes[index * 2 + 1] = group & 255
  })
  return bytes
}

const hex16 = (bytes: Uint8Array, at: number): string =>
  (((bytes[at] as number) << 8) | (bytes[at + 1] as number)).toString(16)

/** `::ffff:10.0.0.1`: an IPv4 address among IPv6 ones. */
export function mapped(address: Uint8Array): Uint8Array {
  if (address.length === 16) return address
  const bytes = new Uint8Array(16)
  bytes.set([0xff, 0xff], 10)
  bytes.set(address, 12)
  return bytes
}
