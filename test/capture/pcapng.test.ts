import { describe, expect, test } from 'vitest'
import { Blocks, bytes, ethernet, hex, IPV6, ipv4, ipv6, read, Talk, tcp, udp } from './build.ts'

const talk = new Talk()
const packets = [...talk.handshake, talk.client(1, 'hello'), talk.server(1, 'world', 'AP', 6)]

describe.each([true, false])('little-endian: %s', little => {
  const b = new Blocks(little)

  test.each([
    ['Enhanced Packet Blocks', (packet: Uint8Array) => b.enhanced(packet)],
    ['Simple Packet Blocks', (packet: Uint8Array) => b.simple(packet)],
    ['old Packet Blocks', (packet: Uint8Array) => b.old(packet)],
  ])('%s', async (_name, block) => {
    const { flows, summary } = await read(bytes(b.section, b.interface(), ...packets.map(block)))
    expect([flows[0]?.text('client'), flows[0]?.text('server')]).toEqual(['hello', 'world'])
    expect(summary).toMatchObject({ format: 'pcapng', packets: 5, damage: undefined })
  })

  test('a Simple Packet Block is cut at the interface’s snap length', async () => {
    const packet = talk.client(1, 'hello')
    const cut = packet.subarray(0, packet.length - 3)
    const { flows } = await read(
      bytes(b.section, b.interface(1, { snapLength: cut.length }), b.simple(cut, packet.length)),
    )
    expect(flows[0]?.text('client')).toBe('he···')
  })

  test.each([
    ['microseconds by default', undefined, 1_000_000n, 1_700_000_000_000_001n, 1_700_000_000_000_001_000n],
    ['nanoseconds', 9, 1_000_000_000n, 1_700_000_000_123_456_789n, 1_700_000_000_123_456_789n],
    ['seconds', 0, 1n, 1_700_000_000n, 1_700_000_000_000_000_000n],
    ['picoseconds', 12, 1_000_000_000_000n, 17_000_000_123_456_789_012n, 17_000_000_123_456_789n],
    ['2^-10 s', 0x8a, 1n << 10n, (1_700_000_000n << 10n) + 512n, 1_700_000_000_500_000_000n],
    ['2^-30 s', 0x9e, 1n << 30n, (1_700_000_000n << 30n) + (1n << 28n), 1_700_000_000_250_000_000n],
  ])('if_tsresol: %s', async (_name, resolution, perSecond, ticks, expected) => {
    const options = resolution === undefined ? [] : [b.option(9, Uint8Array.of(resolution))]
    const file = bytes(
      b.section,
      b.interface(1, { options }),
      b.enhanced(talk.client(1, 'a'), ticks),
      b.enhanced(talk.client(2, 'b'), ticks + 100_000n * perSecond),
    )
    const { origin, flows } = await read(file)
    expect(origin).toBe(expected)
    expect(flows[0]?.times).toEqual([0, 100_000e9])
  })

  test('if_tsoffset, also a negative one', async () => {
    for (const offset of [3600n, -3600n]) {
      const raw = Buffer.alloc(8)
      if (little) raw.writeBigInt64LE(offset)
      else raw.writeBigInt64BE(offset)
      const file = bytes(b.section, b.interface(1, { options: [b.option(14, raw)] }), b.enhanced(talk.client(1, 'a')))
      expect((await read(file)).origin).toBe((1_700_000_000n + offset) * 1_000_000_000n)
    }
  })

  test('several interfaces, each with its own link type and clock', async () => {
    const nano = [b.option(9, Uint8Array.of(9))]
    const raw = ipv4(6, tcp({ data: 'raw', flags: 'AP', sport: 40001 }))
    const file = bytes(
      b.section,
      b.interface(1),
      b.interface(101, { options: nano }),
      b.enhanced(talk.client(1, 'a'), 1_700_000_000_000_000n, 0),
      b.enhanced(raw, 1_700_000_000_000_000_007n, 1),
      b.enhanced(talk.client(2, 'b'), 1_700_000_000_000_001n, 0),
    )
    const { flows } = await read(file)
    expect(flows.map(flow => flow.times)).toEqual([[0, 1000], [7]])
  })

  test('several sections, each with its own byte order and interfaces', async () => {
    const other = new Blocks(!little)
    const file = bytes(
      b.section,
      b.interface(),
      b.enhanced(talk.client(1, 'one')),
      other.section,
      other.interface(101),
      other.enhanced(talk.client(4, 'two').subarray(14)),
      b.section,
      b.interface(1),
      b.enhanced(talk.client(7, 'three')),
    )
    const { flows, summary } = await read(file, {}, 13)
    expect(flows[0]?.text('client')).toBe('onetwothree')
    expect(summary.damage).toBe(undefined)
  })

  test('comments, secrets, names, statistics and blocks that nobody knows', async () => {
    const comment = (text: string) => b.option(1, Buffer.from(text))
    const secret = 'CLIENT_RANDOM 00 11\n'
    const secrets = bytes(b.w(0x544c534b), b.w(secret.length), Buffer.from(secret))
    const file = bytes(
      b.sectionWith(comment('from the lab'), b.option(3, Buffer.from('Linux'))),
      b.block(10, secrets),
      b.interface(1, { options: [comment('the uplink'), b.option(2, Buffer.from('eth0')), b.option(0, bytes())] }),
      b.block(4, hex('0000 0000')),
      b.enhanced(talk.client(1, 'a'), undefined, 0, comment('odd'), comment('very odd'), b.option(0, bytes())),
      b.block(0x0bad, hex('00007ed9'), Buffer.from('whatever')),
      b.block(10, secrets),
      b.block(5, hex('00000000'), b.time(1n)),
    )
    const { summary, secrets: seen } = await read(file)
    expect(summary.comments).toEqual([
      { record: 0, text: 'from the lab' },
      { record: 0, text: 'the uplink' },
      { record: 1, text: 'odd' },
      { record: 1, text: 'very odd' },
    ])
    expect(seen).toEqual([
      [0x544c534b, secret],
      [0x544c534b, secret],
    ])
    expect(summary.damage).toBe(undefined)
  })

  test('the same datagram on two interfaces', async () => {
    const packet = ethernet(ipv6(17, udp('a')), IPV6)
    const file = bytes(b.section, b.interface(), b.interface(), b.enhanced(packet), b.enhanced(packet, undefined, 1))
    const { flows, summary } = await read(file)
    expect(flows[0]?.text('client')).toBe('a')
    expect(summary.skipped.duplicates).toBe(1)
  })

  test('a packet of an interface that is not described is counted', async () => {
    const { summary } = await read(bytes(b.section, b.enhanced(talk.client(1, 'a')), b.simple(talk.client(1, 'a'))))
    expect(summary).toMatchObject({ packets: 2, skipped: { linkType: 2 }, first: 0, last: 0 })
  })

  test('cut anywhere: what is there is delivered', async () => {
    const before = bytes(b.section, b.interface(), b.enhanced(talk.client(1, 'one')))
    const file = bytes(before, b.enhanced(talk.client(4, 'last')))
    for (let length = before.length; length < file.length; length++) {
      const { flows, summary } = await read(file.subarray(0, length))
      expect(flows[0]?.text('client')).toMatch(/^one(l?a?s?t?·*)?$/)
      expect(summary.damage?.offset).toBe(length === before.length ? undefined : before.length)
    }
    const short = await read(file.subarray(0, file.length - 7))
    expect(short.flows[0]?.text('client')).toMatch(/^onel/)
  })

  test('a damaged block: reading goes on at the next that can be found', async () => {
    const start = bytes(b.section, b.interface(), b.enhanced(talk.client(1, 'one')))
    const bad = Buffer.from(b.enhanced(talk.client(4, 'two')))
    const end = b.enhanced(talk.client(7, 'three'))
    for (const length of [0, 7, 13, 40, 0xffff_fff0]) {
      bad.set(b.w(length), 4)
      const { flows, summary } = await read(bytes(start, bad, end), {}, 50)
      expect(flows[0]?.text('client')).toBe('one···three')
      expect(summary.damage?.offset).toBe(start.length)
    }
    const lost = await read(bytes(start, Buffer.alloc(400_000, 0x11), end))
    expect(lost.flows[0]?.text('client')).toBe('one')
  })
})
