/** Why a packet is not looked at further. */
export type SkipReason =
  /** ARP, LLDP, spanning tree … */
  | 'notIp'
  /** ICMP, SCTP, ESP … */
  | 'notTransport'
  /** A link layer that is not known here, or an interface that the file does not describe. */
  | 'linkType'
  /** Headers that are cut off or make no sense. */
  | 'badHeader'
  /** Fragments of datagrams that never became whole. */
  | 'fragments'
  /** Datagrams that the capture holds twice, as one of several interfaces does. */
  | 'duplicates'

/** Transport protocols, as IP numbers them. */
export const TCP = 6
export const UDP = 17

/** Flags of a TCP header. */
export const FIN = 1
export const SYN = 2
export const RST = 4
export const PSH = 8
export const ACK = 16

/**
 * The packet in hand, as far as it is understood. There is one, filled anew for each packet: nothing is allocated on
 * the way from the file to the flow.
 */
export class PacketInfo {
  /** Nanoseconds since the capture's origin. */
  time = 0
  /** From 1: Wireshark's frame.number. */
  record = 0
  /** The interface and direction that it was captured on, where the file tells; to know copies by. */
  vantage = 0
  /** Bytes of its stream before it that are said to be missing for good. */
  missing = 0
  /** What somebody wrote about it. */
  remarks: readonly string[] = NONE

  bytes: Uint8Array = new Uint8Array(0)
  /** Where the layer in hand begins, and in the end the payload. */
  at = 0
  /** Where the captured bytes of that layer end. */
  end = 0
  /** Where they would end had the capture cut nothing off: `end`, or beyond it. */
  wireEnd = 0
  /** What the link layer or the tunnel says is inside. */
  etherType = 0

  v6 = false
  /** Addresses as 32-bit words; IPv4 has only the first. */
  source0 = 0
  source1 = 0
  source2 = 0
  source3 = 0
  target0 = 0
  target1 = 0
  target2 = 0
  target3 = 0
  identification = 0

  protocol = 0
  sourcePort = 0
  targetPort = 0

  sequence = 0
  acknowledgement = 0
  flags = 0

  /** Payload bytes on the wire. */
  get length(): number {
    return this.wireEnd - this.at
  }

  /** Whether `size` bytes of the layer in hand were captured. */
  has(size: number): boolean {
    return this.at + size <= this.end
  }
}

const NONE: readonly string[] = []

/** Signed, so that the engine keeps it in a register; unsigned fields do not matter where only equality does. */
export const i32At = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] as number) << 24) |
  ((bytes[at + 1] as number) << 16) |
  ((bytes[at + 2] as number) << 8) |
  (bytes[at + 3] as number)
