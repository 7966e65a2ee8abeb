import { expect, test } from 'vitest'
import { ethernet, ipv4, type PacketSpec, pcap, read, readFlow, Talk, tcp } from './build.ts'

const talk = new Talk()
const MS = 1e6

/** Packets with the time that each is captured at, in ms. */
const at = (...pairs: readonly (readonly [ms: number, bytes: Uint8Array])[]): PacketSpec[] =>
  pairs.map(([ms, bytes]) => ({ time: ms * MS, bytes }))

test('in order: each segment as its own packet delivers it, ends and closing told', async () => {
  const flow = await readFlow([
    ...talk.handshake,
    talk.client(1, 'hello'),
    talk.server(1, 'hi', 'AP', 6),
    talk.client(6, '', 'AF', 3),
    talk.server(3, '', 'AF', 7),
    talk.client(7, '', 'A', 4),
  ])
  expect(flow).toMatchObject({
    id: 1,
    transport: 'stream',
    joined: 'start',
    started: 0,
    client: { host: '10.0.0.1', port: 40000 },
    server: { host: '10.0.0.2', port: 1883 },
  })
  expect(flow.log).toEqual([
    ['data', 'client', 'hello', 4],
    ['data', 'server', 'hi', 5],
    ['end', 'client', 'fin'],
    ['end', 'server', 'fin'],
    ['close'],
  ])
  expect(flow.times).toEqual([3e5, 4e5])
})

test('reordered segments come out in order, with the packet that made them deliverable', async () => {
  const flow = await readFlow([
    ...talk.handshake,
    talk.client(5, 'efgh'),
    talk.client(9, 'ijkl'),
    talk.client(1, 'abcd'),
    talk.client(13, 'mnop'),
  ])
  expect(flow.log.slice(0, 4)).toEqual([
    ['data', 'client', 'abcd', 6],
    ['data', 'client', 'efgh', 6],
    ['data', 'client', 'ijkl', 6],
    ['data', 'client', 'mnop', 7],
  ])
  expect(flow.times).toEqual([5e5, 5e5, 5e5, 6e5])
})

test('a retransmission is not delivered again; of an overlap the first bytes stay', async () => {
  const flow = await readFlow([
    ...talk.handshake,
    talk.client(1, 'abcd'),
    talk.client(1, 'ABCD'),
    talk.client(3, 'CDef'),
    talk.client(1, 'ABCDEFgh'),
  ])
  expect(flow.text('client')).toBe('abcdefgh')
})

test('of an overlap among waiting segments the first bytes stay', async () => {
  const flow = await readFlow([
    ...talk.handshake,
    talk.client(5, 'eeff'),
    talk.client(3, 'CCEEFFGG'),
    talk.client(1, 'aabbxxyyzzww'),
  ])
  expect(flow.text('client')).toBe('aaCCeeffGGww')
})

test('sequence numbers wrap at 2^32, also in the middle of reordered segments', async () => {
  const wrapping = new Talk({ client: 0xffff_fff8 })
  const flow = await readFlow([
    ...wrapping.handshake,
    wrapping.client(1, 'abcd'),
    wrapping.client(9, 'ijkl'),
    wrapping.client(5, 'efgh'),
    wrapping.client(13, 'mnop'),
    wrapping.server(1, '', 'A', 17),
    wrapping.client(17, '', 'AF'),
  ])
  expect(flow.text('client')).toBe('abcdefghijklmnop')
  expect(flow.log).toContainEqual(['end', 'client', 'fin'])
})

test('keep-alives say nothing, with a made-up byte or with none', async () => {
  const flow = await readFlow([
    ...talk.handshake,
    talk.client(1, 'abcd'),
    talk.client(4, '\0', 'A'),
    talk.client(4, '', 'A'),
    talk.client(5, 'efgh'),
  ])
  expect(flow.text('client')).toBe('abcdefgh')
})

test('data with the SYN (fast open) and with the FIN', async () => {
  const flow = await readFlow([
    talk.client(0, 'first', 'S'),
    talk.server(0, '', 'SA', 6),
    talk.client(6, 'last', 'AFP'),
    talk.client(6, 'last', 'AFP'),
  ])
  expect(flow.log.slice(0, 3)).toEqual([
    ['data', 'client', 'first', 1],
    ['data', 'client', 'last', 3],
    ['end', 'client', 'fin'],
  ])
})

test('a FIN that overtakes data waits for it', async () => {
  const flow = await readFlow([...talk.handshake, talk.client(5, '', 'AF'), talk.client(1, 'abcd')])
  expect(flow.log.slice(0, 2)).toEqual([
    ['data', 'client', 'abcd', 5],
    ['end', 'client', 'fin'],
  ])
})

test('super-segments, larger than any link carries, and without a length in the IP header', async () => {
  const big = 'x'.repeat(60_000)
  const segment = tcp({ seq: 1001, data: big, flags: 'AP' })
  const flow = await readFlow([
    ...talk.handshake,
    ethernet(ipv4(6, segment, { total: 0 })),
    talk.client(60_001, 'rest'),
  ])
  expect(flow.text('client')).toBe(`${big}rest`)
})

test('what a link pads a short frame with is no data', async () => {
  const padded = (frame: Uint8Array): Uint8Array => Buffer.concat([frame, Buffer.alloc(60 - frame.length, 0x55)])
  const flow = await readFlow([
    ...talk.handshake.map(padded),
    padded(talk.client(1, 'ab')),
    padded(talk.client(3, '', 'A')),
    padded(talk.client(3, 'cd')),
  ])
  expect(flow.text('client')).toBe('abcd')
})

test('what the snap length cut off is missing, not made up', async () => {
  const whole = talk.client(1, 'abcdefgh')
  const flow = await readFlow([
    ...talk.handshake,
    { bytes: whole, captured: whole.length - 5 },
    talk.client(9, 'ijkl'),
    { bytes: talk.client(13, 'mnop'), captured: 54 },
    talk.client(17, 'qrst'),
  ])
  expect(flow.text('client')).toBe('abc·····ijkl····qrst')
  expect(flow.missing).toEqual([5, 0, 0])
})

test('a retransmission that was cut elsewhere does not disturb', async () => {
  const whole = talk.client(5, 'efgh')
  const flow = await readFlow([
    ...talk.handshake,
    { bytes: whole, captured: whole.length - 2 },
    talk.client(1, 'abcd'),
    talk.client(9, 'ijkl'),
  ])
  expect(flow.text('client')).toBe('abcdef··ijkl')
})

test('copies of every packet, as the `any` device gives, count once', async () => {
  const packets = [
    ...talk.handshake,
    talk.client(1, 'abcd'),
    talk.server(1, 'wxyz', 'AP', 5),
    talk.client(5, '', 'AF', 5),
  ]
  const flow = await readFlow(packets.flatMap(packet => [packet, packet]))
  expect([flow.text('client'), flow.text('server')]).toEqual(['abcd', 'wxyz'])
})

test('a segment that the receiver has, and that does not turn up, is a gap', async () => {
  const flow = await readFlow(
    at(
      [0, talk.client(0, '', 'S')],
      [0, talk.server(0, '', 'SA')],
      [0, talk.client(1, 'abcd')],
      [1, talk.client(9, 'ijkl')],
      [1, talk.server(1, '', 'A', 13)],
      [3, talk.server(1, 'ok', 'AP', 13)],
      [4, talk.client(13, 'mnop')],
    ),
  )
  expect(flow.log.slice(0, 5)).toEqual([
    ['data', 'client', 'abcd', 3],
    ['data', 'server', 'ok', 6],
    ['gap', 'client', 4, 6],
    ['data', 'client', 'ijkl', 6],
    ['data', 'client', 'mnop', 7],
  ])
})

test('an acknowledgement that was captured before its data is no gap', async () => {
  const flow = await readFlow(
    at(
      [0, talk.client(0, '', 'S')],
      [0, talk.server(0, '', 'SA')],
      [1, talk.server(1, '', 'A', 9)],
      [1, talk.client(5, 'efgh')],
      [1.2, talk.client(1, 'abcd')],
    ),
  )
  expect(flow.text('client')).toBe('abcdefgh')
})

test('a segment that was not acknowledged is waited for, through duplicate acknowledgements, until it is sent again', async () => {
  const flow = await readFlow(
    at(
      [0, talk.client(0, '', 'S')],
      [0, talk.server(0, '', 'SA')],
      [1, talk.client(5, 'efgh')],
      ...Array.from({ length: 50 }, (_, i) => [2 + i, talk.client(9 + 4 * i, 'more')] as const),
      ...Array.from({ length: 50 }, (_, i) => [60 + i, talk.server(1, '', 'A', 1)] as const),
      [900, talk.client(1, 'abcd')],
    ),
  )
  expect(flow.text('client')).toBe(`abcdefgh${'more'.repeat(50)}`)
})

test('that the other side speaks does not prove anything lost', async () => {
  const flow = await readFlow([
    ...talk.handshake,
    talk.client(5, 'efgh'),
    ...Array.from({ length: 100 }, (_, i) => talk.server(1 + i, 'x', 'AP', 1)),
    talk.client(1, 'abcd'),
  ])
  expect(flow.text('client')).toBe('abcdefgh')
})

test('of a hole that is acknowledged in part, that part is given up, the rest waited for', async () => {
  const flow = await readFlow(
    at(
      [0, talk.client(0, '', 'S')],
      [0, talk.server(0, '', 'SA')],
      [1, talk.client(9, 'ijkl')],
      [2, talk.server(1, '', 'A', 5)],
      [9, talk.server(1, '', 'A', 5)],
      [300, talk.client(5, 'efgh')],
    ),
  )
  expect(flow.log.slice(0, 3)).toEqual([
    ['gap', 'client', 4, 5],
    ['data', 'client', 'efgh', 6],
    ['data', 'client', 'ijkl', 6],
  ])
})

test('many lost segments, each acknowledged: what waits stays small', async () => {
  const lossy: Uint8Array[] = []
  for (let i = 0; i < 3000; i++) {
    if (i % 10 !== 0) lossy.push(talk.client(1 + 100 * i, 'd'.repeat(100)))
    lossy.push(talk.server(1, '', 'A', 101 + 100 * i))
  }
  const flow = await readFlow([...talk.handshake, ...lossy])
  const gaps = flow.log.filter(([what]) => what === 'gap')
  expect(gaps).toHaveLength(300)
  // Every tenth segment is lost: 19 packets further on there is another.
  const behind = flow.log.flatMap(what => (what[0] === 'gap' ? [what[3]] : [])).map((record, i) => record - 19 * i)
  expect(Math.max(...behind)).toBeLessThan(100)
})

test('one direction only: a hole is given up after a while', async () => {
  const flow = await readFlow(
    at(
      [0, talk.client(1, 'abcd')],
      [1, talk.client(9, 'ijkl')],
      [20_000, talk.client(13, 'mn')],
      [31_000, talk.client(15, 'op')],
    ),
  )
  expect(flow.log.slice(0, 5)).toEqual([
    ['data', 'client', 'abcd', 1],
    ['gap', 'client', 4, 4],
    ['data', 'client', 'ijkl', 4],
    ['data', 'client', 'mn', 4],
    ['data', 'client', 'op', 4],
  ])
})

test('an idle connection gets its gap too, by the packets of others', async () => {
  const stranger = new Talk({ port: 50000 })
  const { flows } = await read(
    pcap(
      at(
        [0, talk.client(0, '', 'S')],
        [0, talk.server(0, '', 'SA')],
        [1, talk.client(5, 'efgh')],
        [2, talk.server(1, '', 'A', 9)],
        [5000, stranger.client(0, '', 'S')],
        [9000, stranger.server(0, '', 'SA')],
      ),
    ),
  )
  expect(flows[0]?.log.slice(0, 2)).toEqual([
    ['gap', 'client', 4, 5],
    ['data', 'client', 'efgh', 5],
  ])
})

test('too much behind a hole: the hole is given up', async () => {
  const block = 'x'.repeat(1000)
  const packets = Array.from({ length: 20 }, (_, i) => talk.client(2001 + 1000 * i, block))
  const flow = await readFlow([...talk.handshake, ...packets], { limits: { directionBytes: 10_000 } })
  expect(flow.log[0]).toEqual(['gap', 'client', 2000, 12])
  expect(flow.text('client')).toBe('·'.repeat(1000) + block.repeat(20))
})

test('too much behind the holes of all connections: the oldest is given up', async () => {
  const talks = Array.from({ length: 10 }, (_, i) => new Talk({ port: 41_000 + i }))
  const early = talks.flatMap(one => [...one.handshake, one.client(2, 'x'.repeat(1000))])
  const late = talks.map(one => one.client(1, 'y'))
  const { flows } = await read(pcap([...early, ...late]), { limits: { totalBytes: 5000 } })
  // Each takes a little more than its bytes, so four fit.
  expect(flows.map(flow => flow.text('client')[0]).join('')).toBe('······yyyy')
})

test('at the end what waits is given out, and what is known to be missing told', async () => {
  const flow = await readFlow([
    ...talk.handshake,
    talk.client(1, 'abcd'),
    talk.client(9, 'ijkl'),
    talk.client(17, 'qrst'),
    talk.server(1, '', 'A', 31),
  ])
  expect(flow.text('client')).toBe('abcd····ijkl····qrst··········')
  expect(flow.log.slice(-3)).toEqual([['end', 'client', 'lost'], ['end', 'server', 'lost'], ['close']])
})

test('an acknowledgement of a FIN that the capture lacks is no gap', async () => {
  const flow = await readFlow([...talk.handshake, talk.client(1, 'abcd'), talk.server(1, '', 'AF', 6)])
  expect(flow.log).toEqual([
    ['data', 'client', 'abcd', 4],
    ['end', 'server', 'fin'],
    ['end', 'client', 'lost'],
    ['close'],
  ])
})

test('a capture that slept for gigabytes goes on where the connection is', async () => {
  const flow = await readFlow([
    ...talk.handshake,
    talk.client(1, 'abcd'),
    talk.client(3_000_000_001, 'lone'),
    talk.client(5, 'efgh'),
    talk.client(3_500_000_001, 'wake'),
    talk.client(3_500_000_005, 'fine'),
    talk.client(3_500_000_009, 'again'),
  ])
  expect(flow.log.slice(0, 5)).toEqual([
    ['data', 'client', 'abcd', 4],
    ['data', 'client', 'efgh', 6],
    ['gap', 'client', 3_499_999_996, 8],
    ['data', 'client', 'fine', 8],
    ['data', 'client', 'again', 9],
  ])
})
