import { u16At, u32At } from '../../codecs/core/index.ts'
import type { PacketInfo, SkipReason } from './packet.ts'

/** EtherTypes, as the IEEE registers them. */
export const IPV4 = 0x0800
export const IPV6 = 0x86dd
export const ETHERNET_BRIDGED = 0x6558
const PPP = 0x880b
const VLAN = 0x8100
const QINQ = 0x88a8
const QINQ_OLD = 0x9100
const QINQ_OLDER = 0x9200
const MPLS = 0x8847
const MPLS_MULTICAST = 0x8848
const PPPOE_SESSION = 0x8864
const KNOWN: ReadonlySet<number> = new Set([IPV4, IPV6, VLAN, QINQ, MPLS, PPPOE_SESSION])
/** Up to this, the field is a length, and an LLC header follows. */
const MAX_LENGTH = 1500

/** Tags, labels and tunnels in one packet: more is an attack or damage. */
const MAX_LAYERS = 32

/** Goes from the link layer to the IP header: leaves `at` there, and `etherType` set. Answers why not. */
type LinkReader = (packet: PacketInfo) => SkipReason | undefined

/** Link types as https://www.tcpdump.org/linktypes.html numbers them. */
const LINKS = new Map<number, LinkReader>([
  [0, nullHeader],
  [1, ethernet],
  [9, ppp],
  [12, rawIp],
  [14, rawIp],
  [101, rawIp],
  [108, nullHeader],
  [113, cooked],
  [228, rawIp],
  [229, rawIp],
  [276, cooked2],
])

export function readLink(packet: PacketInfo, linkType: number): SkipReason | undefined {
  const read = linkType === 1 ? ethernet : LINKS.get(linkType)
  return read === undefined ? 'linkType' : read(packet)
}

export function ethernet(packet: PacketInfo): SkipReason | undefined {
  if (!packet.has(14)) return 'badHeader'
  const etherType = u16At(packet.bytes, packet.at + 12)
  packet.at += 14
  if (etherType === IPV4 || etherType === IPV6) {
    packet.etherType = etherType
    return undefined
  }
  return unwrap(packet, etherType)
}

/** Follows what an EtherType names, through tags and labels, to IP. */
export function unwrap(packet: PacketInfo, etherType: number): SkipReason | undefined {
  let type = etherType
  for (let layer = 0; layer < MAX_LAYERS; layer++) {
    switch (type) {
      case IPV4:
      case IPV6:
        packet.etherType = type
        return undefined
      case VLAN:
      case QINQ:
      case QINQ_OLD:
      case QINQ_OLDER:
        if (!packet.has(4)) return 'badHeader'
        type = u16At(packet.bytes, packet.at + 2)
        packet.at += 4
        break
      case ETHERNET_BRIDGED:
        if (!packet.has(14)) return 'badHeader'
        type = u16At(packet.bytes, packet.at + 12)
        packet.at += 14
        break
      case MPLS:
      case MPLS_MULTICAST:
        type = labels(packet)
        break
      case PPPOE_SESSION:
        packet.at += 6
        return ppp(packet)
      case PPP:
        return ppp(packet)
      default:
        if (type < 0) return 'badHeader'
        if (type > MAX_LENGTH) return 'notIp'
        type = snap(packet)
    }
  }
  return 'badHeader'
}

/** RFC 3032: labels up to the bottom of the stack; what is under them only its first nibble tells (RFC 4928). */
function labels(packet: PacketInfo): number {
  for (;;) {
    if (!packet.has(5)) return -1
    const bottom = ((packet.bytes[packet.at + 2] as number) & 1) === 1
    packet.at += 4
    if (bottom) break
  }
  const nibble = (packet.bytes[packet.at] as number) >> 4
  if (nibble === 4) return IPV4
  if (nibble === 6) return IPV6
  // A pseudowire: a control word begins with 0 (RFC 4385), but so does many an address.
  if (nibble === 0 && !(packet.has(14) && KNOWN.has(u16At(packet.bytes, packet.at + 12)))) packet.at += 4
  return ETHERNET_BRIDGED
}

/** RFC 1042: EtherTypes behind an 802.2 header. */
function snap(packet: PacketInfo): number {
  const { bytes, at } = packet
  if (!packet.has(8)) return -1
  if (u16At(bytes, at) !== 0xaaaa || bytes[at + 2] !== 3) return NOT_IP
  packet.at += 8
  return u16At(bytes, at + 6)
}

/** An EtherType that stands for nothing we know. */
const NOT_IP = 0xffff

/** RFC 1661: the protocol field is one byte if that is odd; HDLC-like framing may stand before it (RFC 1662). */
function ppp(packet: PacketInfo): SkipReason | undefined {
  const { bytes } = packet
  if (!packet.has(4)) return 'badHeader'
  if (u16At(bytes, packet.at) === 0xff03) packet.at += 2
  const first = bytes[packet.at] as number
  const short = (first & 1) === 1
  const protocol = short ? first : u16At(bytes, packet.at)
  packet.at += short ? 1 : 2
  if (protocol === 0x21) packet.etherType = IPV4
  else if (protocol === 0x57) packet.etherType = IPV6
  else if (protocol === 0x281) return unwrap(packet, MPLS)
  else return 'notIp'
  return undefined
}

/** BSD loopback: the address family in the byte order of the machine that captured, or in network order. */
function nullHeader(packet: PacketInfo): SkipReason | undefined {
  if (!packet.has(4)) return 'badHeader'
  const word = u32At(packet.bytes, packet.at)
  const family = word > 0xffff ? (word >>> 24) | ((word >>> 8) & 0xff00) : word
  packet.at += 4
  if (family === 2) packet.etherType = IPV4
  // AF_INET6 of Linux, NetBSD and OpenBSD, FreeBSD, macOS.
  else if (family === 10 || family === 24 || family === 28 || family === 30) packet.etherType = IPV6
  else return 'notIp'
  return undefined
}

/** Linux "cooked" capture, as the `any` device gives: LINUX_SLL. */
function cooked(packet: PacketInfo): SkipReason | undefined {
  if (!packet.has(16)) return 'badHeader'
  packet.vantage += (u16At(packet.bytes, packet.at) + 1) << 8
  const etherType = u16At(packet.bytes, packet.at + 14)
  packet.at += 16
  return unwrap(packet, etherType)
}

/** LINUX_SLL2, which knows the interface. */
function cooked2(packet: PacketInfo): SkipReason | undefined {
  if (!packet.has(20)) return 'badHeader'
  const { bytes, at } = packet
  packet.vantage += (((bytes[at + 10] as number) + 1) << 8) ^ (u32At(bytes, at + 4) << 12)
  packet.at += 20
  return unwrap(packet, u16At(bytes, at))
}

function rawIp(packet: PacketInfo): SkipReason | undefined {
  if (!packet.has(1)) return 'badHeader'
  packet.etherType = (packet.bytes[packet.at] as number) >> 4 === 6 ? IPV6 : IPV4
  return undefined
}
