import { u16At } from '../../codecs/core/index.ts'
import type { Fragments } from './fragments.ts'
import { ETHERNET_BRIDGED, IPV4, IPV6, readLink, unwrap } from './link.ts'
import { i32At, type PacketInfo, type SkipReason, TCP, UDP } from './packet.ts'

/** Internet protocol numbers that carry others. */
const IP_IN_IP = 4
const IPV6_IN_IP = 41
const GRE = 47

/** IP headers in one packet: tunnels in tunnels. */
const MAX_HEADERS = 8

/** Beside the protocol numbers: what reading an IP header can come to. */
const BAD = -1
const HELD = -2

/**
 * Reads a packet's headers down to TCP's or UDP's, through whatever tunnels there are, and leaves it at the payload.
 * `held`: a fragment, kept until the rest is there.
 */
export function dissect(
  packet: PacketInfo,
  linkType: number,
  fragments: Fragments,
): SkipReason | 'tcp' | 'udp' | 'held' {
  let skip = readLink(packet, linkType)
  for (let header = 0; skip === undefined && header < MAX_HEADERS; header++) {
    const protocol = packet.etherType === IPV4 ? ipv4(packet, fragments) : ipv6(packet, fragments)
    switch (protocol) {
      case TCP:
        return tcp(packet) ? 'tcp' : 'badHeader'
      case UDP:
        return udp(packet) ? 'udp' : 'badHeader'
      case IP_IN_IP:
        packet.etherType = IPV4
        break
      case IPV6_IN_IP:
        packet.etherType = IPV6
        break
      case GRE:
        skip = gre(packet)
        break
      case HELD:
        return 'held'
      case BAD:
        return 'badHeader'
      default:
        return 'notTransport'
    }
  }
  return skip ?? 'badHeader'
}

/** RFC 791 §3.1. Answers the protocol of what follows. */
function ipv4(packet: PacketInfo, fragments: Fragments): number {
  const { bytes, at } = packet
  if (!packet.has(20)) return BAD
  const first = bytes[at] as number
  const headerLength = (first & 15) << 2
  if (first >> 4 !== 4 || headerLength < 20) return BAD
  const total = u16At(bytes, at + 2)
  // A segment that the network card is to cut up may have no length yet. All that the frame holds is its own then.
  if (total !== 0) {
    if (total < headerLength) return BAD
    endAt(packet, at + total)
  }
  if (!packet.has(headerLength)) return BAD
  packet.v6 = false
  packet.identification = u16At(bytes, at + 4)
  packet.source0 = i32At(bytes, at + 12)
  packet.target0 = i32At(bytes, at + 16)
  packet.source1 = packet.source2 = packet.source3 = 0
  packet.target1 = packet.target2 = packet.target3 = 0
  packet.at = at + headerLength
  const protocol = bytes[at + 9] as number
  const fragment = u16At(bytes, at + 6) & 0x3fff
  return fragment === 0 ? protocol : collect(packet, fragments, protocol, (fragment & 0x1fff) << 3, fragment >= 0x2000)
}

/** RFC 8200 §3, §4: the header, and those that may stand between it and the transport's. */
function ipv6(packet: PacketInfo, fragments: Fragments): number {
  const { bytes, at } = packet
  if (!packet.has(40) || (bytes[at] as number) >> 4 !== 6) return BAD
  const length = u16At(bytes, at + 4)
  // 0: a jumbogram (RFC 2675), or a segment that the network card is to cut up.
  if (length !== 0) endAt(packet, at + 40 + length)
  packet.v6 = true
  packet.identification = 0
  packet.source0 = i32At(bytes, at + 8)
  packet.source1 = i32At(bytes, at + 12)
  packet.source2 = i32At(bytes, at + 16)
  packet.source3 = i32At(bytes, at + 20)
  packet.target0 = i32At(bytes, at + 24)
  packet.target1 = i32At(bytes, at + 28)
  packet.target2 = i32At(bytes, at + 32)
  packet.target3 = i32At(bytes, at + 36)
  packet.at = at + 40
  return extensions(packet, fragments, bytes[at + 6] as number)
}

function extensions(packet: PacketInfo, fragments: Fragments, following: number): number {
  let next = following
  for (;;) {
    const { bytes, at } = packet
    switch (next) {
      case 0: // Hop-by-Hop Options
      case 43: // Routing
      case 60: // Destination Options
      case 135: // Mobility
      case 139: // Host Identity
      case 140: // Shim6
      case 51: {
        // Authentication, whose length alone counts in words of 4 bytes (RFC 4302 §2.2)
        if (!packet.has(8)) return BAD
        const units = bytes[at + 1] as number
        packet.at += next === 51 ? (units + 2) << 2 : (units + 1) << 3
        next = bytes[at] as number
        break
      }
      case 44: {
        if (!packet.has(8)) return BAD
        const fragment = u16At(bytes, at + 2)
        packet.identification = i32At(bytes, at + 4)
        packet.at += 8
        next = bytes[at] as number
        // An atomic fragment (RFC 6946) is whole by itself.
        if ((fragment & 0xfff9) === 0) break
        next = collect(packet, fragments, next, fragment & 0xfff8, (fragment & 1) === 1)
        if (next < 0) return next
        break
      }
      default:
        return next
    }
  }
}

/** The layer in hand ends here on the wire; what the frame holds beyond is padding. */
function endAt(packet: PacketInfo, wireEnd: number): void {
  packet.wireEnd = wireEnd
  if (wireEnd < packet.end) packet.end = wireEnd
}

function collect(packet: PacketInfo, fragments: Fragments, protocol: number, offset: number, more: boolean): number {
  if (packet.end < packet.at) return BAD
  const whole = fragments.add(packet, protocol, offset, more)
  if (whole === undefined) return HELD
  packet.bytes = whole
  packet.at = 0
  packet.end = packet.wireEnd = whole.length
  return protocol
}

/** RFC 2784 and 2890; version 1 is PPTP's (RFC 2637 §4.1). */
function gre(packet: PacketInfo): SkipReason | undefined {
  const { bytes, at } = packet
  if (!packet.has(4)) return 'badHeader'
  const flags = u16At(bytes, at)
  const type = u16At(bytes, at + 2)
  const sequenced = (flags & 0x1000) !== 0
  if ((flags & 0x4000) !== 0) return 'notIp' // source routes, which RFC 2784 did away with
  packet.at += 4
  if ((flags & 0x8000) !== 0) packet.at += 4
  if ((flags & 0x2000) !== 0) packet.at += 4
  if (sequenced) packet.at += 4
  if ((flags & 7) === 1 && (flags & 0x80) !== 0) packet.at += 4
  switch (type) {
    case ERSPAN:
      if (sequenced) packet.at += 8 // type II; type I has neither sequence number nor header
      return unwrap(packet, ETHERNET_BRIDGED)
    case ERSPAN_3:
      if (!packet.has(12)) return 'badHeader'
      packet.at += ((bytes[packet.at + 11] as number) & 1) === 1 ? 20 : 12
      return unwrap(packet, ETHERNET_BRIDGED)
    case 0:
      return 'notIp' // a keep-alive
    default:
      return unwrap(packet, type)
  }
}

const ERSPAN = 0x88be
const ERSPAN_3 = 0x22eb

/** RFC 9293 §3.1. */
function tcp(packet: PacketInfo): boolean {
  const { bytes, at } = packet
  if (!packet.has(20)) return false
  const headerLength = ((bytes[at + 12] as number) >> 4) << 2
  if (headerLength < 20 || at + headerLength > packet.wireEnd) return false
  packet.protocol = TCP
  packet.sourcePort = u16At(bytes, at)
  packet.targetPort = u16At(bytes, at + 2)
  packet.sequence = i32At(bytes, at + 4)
  packet.acknowledgement = i32At(bytes, at + 8)
  packet.flags = bytes[at + 13] as number
  toPayload(packet, at + headerLength)
  return true
}

/** RFC 768. */
function udp(packet: PacketInfo): boolean {
  const { bytes, at } = packet
  if (!packet.has(8)) return false
  const length = u16At(bytes, at + 4)
  // 0: longer than the field can say (RFC 2675 §4).
  if (length !== 0) {
    if (length < 8) return false
    if (at + length < packet.wireEnd) endAt(packet, at + length)
  }
  packet.protocol = UDP
  packet.sourcePort = u16At(bytes, at)
  packet.targetPort = u16At(bytes, at + 2)
  toPayload(packet, at + 8)
  return true
}

function toPayload(packet: PacketInfo, at: number): void {
  packet.at = at
  // The capture may have cut the packet within the options.
  if (packet.end < at) packet.end = at
}
