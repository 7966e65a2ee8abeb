import { expect, test } from 'vitest'
import {
  bytes,
  ethernet,
  hex,
  IPV6,
  ipv4,
  ipv6,
  type PacketSpec,
  pcap,
  read,
  tagged,
  tcp,
  u16,
  u32,
  udp,
} from './build.ts'

const segment = tcp({ data: 'payload', flags: 'AP', seq: 77 })
const packet4 = ipv4(6, segment)
const packet6 = ipv6(6, segment)
const mpls = (...labels: readonly number[]): Uint8Array =>
  bytes(...labels.map((label, i) => u32((label << 12) | ((i === labels.length - 1 ? 1 : 0) << 8) | 64)))
const gre = (flags: number, type: number, rest: Uint8Array, payload: Uint8Array): Uint8Array =>
  ipv4(47, bytes(u16(flags), u16(type), rest, payload), { from: '192.0.2.1', to: '192.0.2.2' })
const none = bytes()

/** What a packet of this link type holds has to be found in each. */
const carried: Record<string, readonly [linkType: number, packet: Uint8Array]> = {
  Ethernet: [1, ethernet(packet4)],
  'Ethernet, IPv6': [1, ethernet(packet6, IPV6)],
  VLAN: [1, tagged(packet4)],
  'VLAN, IPv6': [1, tagged(packet6, 0x8100, IPV6)],
  QinQ: [1, ethernet(bytes(u16(5), u16(0x8100), u16(6), u16(0x0800), packet4), 0x88a8)],
  'QinQ by its older number': [1, ethernet(bytes(u16(5), u16(0x8100), u16(6), u16(0x0800), packet4), 0x9100)],
  MPLS: [1, ethernet(bytes(mpls(100), packet4), 0x8847)],
  'MPLS, three labels, IPv6': [1, ethernet(bytes(mpls(100, 200, 300), packet6), 0x8847)],
  'MPLS pseudowire with a control word': [1, ethernet(bytes(mpls(100), u32(0), ethernet(packet4)), 0x8847)],
  'MPLS pseudowire without': [1, ethernet(bytes(mpls(100), ethernet(packet4)), 0x8847)],
  PPPoE: [1, ethernet(bytes(0x11, 0, u16(1), u16(packet4.length + 2), u16(0x21), packet4), 0x8864)],
  'PPPoE, IPv6': [1, ethernet(bytes(0x11, 0, u16(1), u16(packet6.length + 2), u16(0x57), packet6), 0x8864)],
  'LLC and SNAP': [1, ethernet(bytes(hex('aaaa03 000000'), u16(0x0800), packet4), packet4.length + 8)],
  GRE: [1, ethernet(gre(0, 0x0800, none, packet4))],
  'GRE with checksum, key and sequence number': [
    1,
    ethernet(gre(0xb000, 0x0800, bytes(u32(0), u32(7), u32(1)), packet4)),
  ],
  'GRE, bridging Ethernet': [1, ethernet(gre(0x2000, 0x6558, u32(7), ethernet(packet4)))],
  'GRE, bridging tagged Ethernet': [1, ethernet(gre(0, 0x6558, none, tagged(packet4)))],
  'GRE, carrying IPv6': [1, ethernet(gre(0, IPV6, none, packet6))],
  'GRE of PPTP': [1, ethernet(gre(0x3081, 0x880b, bytes(u32(7), u32(1), u32(1)), bytes(0xff, 3, 0x21, packet4)))],
  ERSPAN: [1, ethernet(gre(0x1000, 0x88be, u32(1), bytes(u32(0), u32(0), ethernet(packet4))))],
  'IP in IP': [1, ethernet(ipv4(4, packet4, { from: '192.0.2.1', to: '192.0.2.2' }))],
  'IPv6 in IP': [1, ethernet(ipv4(41, packet6))],
  'IP in IPv6': [1, ethernet(ipv6(4, packet4), IPV6)],
  'IP in IP in GRE in VLAN': [1, tagged(gre(0, 0x0800, none, ipv4(4, packet4)))],
  'Linux cooked': [113, bytes(u16(0), u16(772), u16(6), hex('000000000000 0000'), u16(0x0800), packet4)],
  'Linux cooked, tagged': [
    113,
    bytes(u16(4), u16(1), u16(6), hex('020000000001 0000'), u16(0x8100), u16(7), u16(0x0800), packet4),
  ],
  'Linux cooked 2': [276, bytes(u16(IPV6), u16(0), u32(3), u16(1), 4, 6, hex('020000000001 0000'), packet6)],
  'null, little-endian': [0, bytes(hex('02000000'), packet4)],
  'null, big-endian': [0, bytes(hex('00000002'), packet4)],
  'null, IPv6 of macOS': [0, bytes(hex('1e000000'), packet6)],
  'null, IPv6 of FreeBSD, big-endian': [0, bytes(hex('0000001c'), packet6)],
  loopback: [108, bytes(hex('00000002'), packet4)],
  'loopback, little-endian': [108, bytes(hex('18000000'), packet6)],
  'raw IP': [101, packet4],
  'raw IP, version 6': [101, packet6],
  'raw IP of OpenBSD': [14, packet4],
  'raw IP of BSD': [12, packet6],
  'IPv4 alone': [228, packet4],
  'IPv6 alone': [229, packet6],
  PPP: [9, bytes(0xff, 3, u16(0x21), packet4)],
  'IPv6 with every extension header': [
    229,
    ipv6(
      0,
      bytes(
        hex('3c00 000000000000'), // hop-by-hop, then destination options
        hex('2b00 000000000000'), // then routing
        hex('3301 0000000000000000 000000000000'), // then 16 bytes of the kind that count in eights
        hex('0601 0000 00000000 00000000'), // authentication: 12 bytes, counted in fours
        segment,
      ),
    ),
  ],
  'IPv6, an atomic fragment': [229, ipv6(44, bytes(6, 0, u16(0), u32(1), segment))],
}

test.each(Object.entries(carried))('%s', async (_name, [linkType, packet]) => {
  const { flows, summary } = await read(pcap([packet], { linkType }))
  expect(flows.map(flow => flow.text('client'))).toEqual(['payload'])
  expect(summary).toMatchObject({ packets: 1, tcpPackets: 1, flows: 1 })
})

test.each(Object.entries(carried))(
  '%s, cut at every byte: nothing is made up, nothing thrown',
  async (_name, carrier) => {
    const [linkType, packet] = carrier
    for (let captured = 0; captured < packet.length; captured++) {
      const { flows, summary } = await read(pcap([{ bytes: packet, captured }], { linkType }))
      const skipped = Object.values(summary.skipped).reduce((sum, count) => sum + count, 0)
      expect(skipped + summary.tcpPackets).toBe(1)
      for (const flow of flows) expect(flow.text('client')).toMatch(/^p?a?y?l?o?a?d?·*$/)
    }
  },
)

test('addresses as people write them', async () => {
  const at = (from: string, to: string) => ethernet(ipv6(17, udp('x', 1, 2), hex(from), hex(to)), IPV6)
  const { flows } = await read(
    pcap([
      ethernet(ipv6(17, udp('x')), IPV6),
      at('00000000000000000000000000000001', 'fe800000000000000000000000000000'),
      at('20010db8000000010001000100010001', '20010000000000010000000000000001'),
      at('00000000000000000000ffff0a000001', '00000000000000000000000000000000'),
    ]),
  )
  const hosts = flows.flatMap(({ client, server }) => [client.host, server.host])
  expect(hosts).toEqual(
    expect.arrayContaining([
      ...['2001:db8::1', '2001:db8::2', '::1', 'fe80::'],
      ...['2001:db8:0:1:1:1:1:1', '2001:0:0:1::1', '::ffff:10.0.0.1', '::'],
    ]),
  )
})

test('what is no business of ours is counted by reason', async () => {
  const packets = [
    ethernet(bytes(u16(1)), 0x0806),
    ethernet(ipv4(1, bytes(8, 0, u16(0)))),
    ethernet(ipv4(132, bytes(u32(0)))),
    ethernet(bytes(0x45)),
    ethernet(hex('55'.repeat(40))),
  ]
  const { flows, summary } = await read(pcap(packets))
  expect(flows).toEqual([])
  expect(summary.skipped).toMatchObject({ notIp: 1, notTransport: 2, badHeader: 2, linkType: 0 })
  const unknown = await read(pcap(packets, { linkType: 999 }))
  expect(unknown.summary.skipped).toMatchObject({ linkType: 5 })
})

test('a packet that is nothing but tunnels ends', async () => {
  const labels = bytes(...Array.from({ length: 5000 }, () => u32(0)))
  const tags = bytes(...Array.from({ length: 5000 }, () => bytes(u16(1), u16(0x8100))))
  const deep = Array.from({ length: 40 }).reduce((inner: Uint8Array) => ipv4(4, inner), packet4)
  const { summary } = await read(
    pcap([ethernet(labels, 0x8847), ethernet(tags, 0x8100), ethernet(deep)], { snapLength: 0 }),
  )
  expect(summary.skipped.badHeader).toBe(3)
})

// ---- fragments

const fragments = (payload: Uint8Array, sizes: readonly number[], id = 5): Uint8Array[] => {
  let offset = 0
  return sizes.map((size, i) => {
    const part = payload.subarray(offset, offset + size)
    const packet = ipv4(6, part, { id, offset, more: i < sizes.length - 1 })
    offset += size
    return ethernet(packet)
  })
}
const long = tcp({ data: 'abcdefghijklmnopqrstuvwxyz', flags: 'AP' })

test.each([
  ['in order', [0, 1, 2]],
  ['the last first', [2, 1, 0]],
  ['one twice', [0, 1, 1, 2]],
  ['mixed', [1, 2, 0]],
])('IPv4 fragments: %s', async (_name, order) => {
  const parts = fragments(long, [24, 16, 6])
  const { flows } = await read(pcap(order.map(index => parts[index] as Uint8Array)))
  expect(flows[0]?.log[0]).toEqual(['data', 'client', 'abcdefghijklmnopqrstuvwxyz', order.length])
})

test('IPv4 fragments that overlap: the first bytes stay', async () => {
  const other = tcp({ data: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', flags: 'AP' })
  const { flows } = await read(
    pcap([
      ...fragments(long, [24, 22]).slice(0, 1),
      ethernet(ipv4(6, other.subarray(16, 40), { id: 5, offset: 16, more: true })),
      ...fragments(long, [24, 22]).slice(1),
    ]),
  )
  expect(flows[0]?.text('client')).toBe('abcdEFGHIJKLMNOPQRSTuvwxyz')
})

test('fragments of different datagrams are told apart', async () => {
  const one = fragments(long, [24, 22], 1)
  const two = fragments(tcp({ data: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', flags: 'AP', sport: 40001 }), [24, 22], 2)
  const mixed = [one[0], two[0], two[1], one[1]] as Uint8Array[]
  const { flows } = await read(pcap(mixed))
  expect(flows.map(flow => flow.text('client'))).toEqual(['ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz'])
})

test('IPv6 fragments, behind another extension header', async () => {
  const part = (start: number, end: number, more: boolean): Uint8Array =>
    ipv6(60, bytes(44, 0, hex('000000000000'), 6, 0, u16(start | (more ? 1 : 0)), u32(9), long.subarray(start, end)))
  const packets = [part(24, 46, false), part(0, 24, true)].map(packet => ethernet(packet, IPV6))
  const { flows } = await read(pcap(packets))
  expect(flows[0]?.text('client')).toBe('abcdefghijklmnopqrstuvwxyz')
})

test('fragments that never become whole are given up: by time, by number, by size, at the end', async () => {
  const first = (id: number, time: number): PacketSpec => ({
    bytes: fragments(long, [24, 22], id)[0] as Uint8Array,
    time,
  })
  const last = (id: number, time: number): PacketSpec => ({
    bytes: fragments(long, [24, 22], id)[1] as Uint8Array,
    time,
  })
  const old = await read(pcap([first(1, 0), last(1, 31e9)]))
  expect(old.summary).toMatchObject({ flows: 0, skipped: { fragments: 2 } })
  const many = await read(pcap([first(1, 0), first(2, 1), first(3, 2), last(1, 3), last(3, 4)]), {
    limits: { fragmented: 2 },
  })
  expect(many.summary).toMatchObject({ flows: 1, skipped: { fragments: 3 } })
  // Each takes a little more than its bytes, so two fit.
  const big = await read(pcap([first(1, 0), first(2, 1), first(3, 2), last(2, 3)]), { limits: { fragmentBytes: 400 } })
  expect(big.summary).toMatchObject({ flows: 1, skipped: { fragments: 2 } })
})
