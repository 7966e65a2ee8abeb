import { expect, test } from 'vitest'
import {
  bytes,
  ethernet,
  hex,
  ipv4,
  type PacketSpec,
  pcap,
  type ReadFlow,
  read,
  readFlow,
  Talk,
  u16,
  u32,
  udp,
} from './build.ts'

const talk = new Talk()
const names = (flows: readonly ReadFlow[]) => flows.map(({ client, server }) => `${client.port}>${server.port}`)

test('who opens is the client, whatever the ports', async () => {
  const low = new Talk({ port: 80 })
  const { flows } = await read(pcap(low.handshake), { ports: new Set([80]) })
  expect(names(flows)).toEqual(['80>1883'])
})

test('a SYN-ACK alone tells too, and where the client begins', async () => {
  const low = new Talk({ port: 80 })
  const { flows } = await read(pcap([low.server(0, '', 'SA'), low.client(5, 'efgh'), low.client(1, 'abcd')]))
  expect(names(flows)).toEqual(['80>1883'])
  expect(flows[0]).toMatchObject({ joined: 'start' })
  expect(flows[0]?.text('client')).toBe('abcdefgh')
})

test('a SYN that was captured after its SYN-ACK belongs to the same connection', async () => {
  const [syn, synAck, ack] = talk.handshake as [Uint8Array, Uint8Array, Uint8Array]
  const flow = await readFlow([synAck, syn, ack, talk.client(1, 'abcd')])
  expect(flow.text('client')).toBe('abcd')
})

test('a SYN-ACK that is missing: the first acknowledgement tells where the server begins', async () => {
  const flow = await readFlow([
    talk.client(0, '', 'S'),
    talk.client(1, '', 'A'),
    talk.server(4, 'def'),
    talk.server(1, 'abc'),
  ])
  expect(flow.text('server')).toBe('abcdef')
})

test('in the middle: the known port is the server, else the lower one', async () => {
  const low = new Talk({ port: 1000 })
  const known = await read(pcap([low.server(1, 'x')]), { ports: new Set([1883]) })
  expect(names(known.flows)).toEqual(['1000>1883'])
  const unknown = await read(pcap([low.server(1, 'x')]))
  expect(names(unknown.flows)).toEqual(['1883>1000'])
  const both = await read(pcap([low.server(1, 'x')]), { ports: new Set([1000, 1883]) })
  expect(names(both.flows)).toEqual(['1883>1000'])
})

test('in the middle: begins with the first bytes, but not with a keep-alive or an old retransmission', async () => {
  const flow = await readFlow([
    talk.client(100, '\0', 'A', 500),
    talk.server(490, 'old bytes.', 'AP', 101),
    talk.server(500, 'new', 'AP', 101),
    talk.client(101, 'fresh', 'AP', 503),
  ])
  expect(flow.joined).toBe('middle')
  expect([flow.text('client'), flow.text('server')]).toEqual(['fresh', 'new'])
})

test('a connection attempt that is refused is a flow without bytes', async () => {
  const flow = await readFlow([talk.client(0, '', 'S'), talk.packet('server', { seq: -9000, flags: 'RA' })])
  expect(flow.log).toEqual([['end', 'server', 'reset'], ['end', 'client', 'reset'], ['close']])
})

test('an attempt that is not answered, tried again, is one flow', async () => {
  const flow = await readFlow([talk.client(0, '', 'S'), talk.client(0, '', 'S'), talk.client(0, '', 'S')])
  expect(flow.log.slice(-1)).toEqual([['close']])
})

test('a reset ends its sender; what the other side had on its way still comes', async () => {
  const flow = await readFlow([
    ...talk.handshake,
    talk.client(1, 'abcd'),
    talk.client(5, '', 'R'),
    talk.server(1, 'wxyz', 'AP', 5),
    talk.client(5, '', 'R'),
  ])
  expect(flow.log).toEqual([
    ['data', 'client', 'abcd', 4],
    ['end', 'client', 'reset'],
    ['data', 'server', 'wxyz', 6],
    ['end', 'server', 'reset'],
    ['close'],
  ])
})

test('a reset with no connection opens none', async () => {
  const { flows, summary } = await read(pcap([talk.client(1, '', 'R'), talk.server(1, '', 'RA')]))
  expect(flows).toEqual([])
  expect(summary.tcpPackets).toBe(2)
})

test('used again, the same ports are another connection: after an end, and without one', async () => {
  const again = new Talk({ client: 500_000, server: 600_000 })
  const third = new Talk({ client: 700_000, server: 800_000 })
  const { flows } = await read(
    pcap([
      ...talk.handshake,
      talk.client(1, 'one', 'AFP'),
      talk.server(1, '', 'AF', 5),
      talk.client(5, '', 'A', 2),
      ...again.handshake,
      again.client(1, 'two'),
      ...third.handshake,
      third.client(1, 'three'),
    ]),
  )
  expect(flows.map(({ id }) => id)).toEqual([1, 2, 3])
  expect(flows.map(flow => flow.text('client'))).toEqual(['one', 'two', 'three'])
  expect(flows[0]?.log).toContainEqual(['end', 'client', 'fin'])
  expect(flows[1]?.log).toContainEqual(['end', 'client', 'lost'])
})

test('used again with the SYN missing: bytes beyond the end are of a new connection', async () => {
  const { flows } = await read(
    pcap([
      ...talk.handshake,
      talk.client(1, 'one', 'AFP'),
      talk.server(1, '', 'AF', 5),
      talk.client(1, 'one', 'AFP'),
      talk.client(90_000, 'two'),
    ]),
  )
  expect(flows.map(flow => flow.text('client'))).toEqual(['one', 'two'])
  expect(flows[1]?.joined).toBe('middle')
})

test('stragglers of a closed connection open no new one', async () => {
  const flow = await readFlow([
    ...talk.handshake,
    talk.client(1, 'one', 'AFP'),
    talk.server(1, 'two', 'AFP', 5),
    talk.client(1, 'one', 'AFP'),
    talk.server(1, 'two', 'AFP', 5),
    talk.client(5, '', 'A', 5),
    talk.client(5, '', 'R'),
  ])
  expect(flow.log.filter(([what]) => what === 'data')).toHaveLength(2)
})

test('one direction only', async () => {
  const flow = await readFlow([
    talk.client(1, 'abc', 'AP', 1),
    talk.client(4, 'def', 'AP', 900),
    talk.client(7, '', 'AF', 900),
  ])
  expect(flow.log).toEqual([
    ['data', 'client', 'abc', 1],
    ['data', 'client', 'def', 2],
    ['end', 'client', 'fin'],
    ['end', 'server', 'lost'],
    ['close'],
  ])
})

test('more flows than the limit: the one that was silent longest goes', async () => {
  const talks = Array.from({ length: 6 }, (_, i) => new Talk({ port: 41_000 + i }))
  const { flows, summary } = await read(
    pcap([...talks.flatMap(one => [...one.handshake, one.client(1, 'a')]), ...talks.map(one => one.client(2, 'b'))]),
    { limits: { flows: 4 } },
  )
  expect(summary.evicted).toBeGreaterThan(0)
  expect(flows.slice(0, 2).map(flow => flow.text('client'))).toEqual(['a', 'a'])
  expect(flows.length).toBe(summary.flows)
  expect(flows.every(({ log }) => log.at(-1)?.[0] === 'close')).toBe(true)
})

test('a hundred thousand connections, one after the other, leave nothing behind', async () => {
  const one = new Talk()
  const packets = [...one.handshake, one.client(1, 'x', 'AFP'), one.server(1, 'y', 'AFP', 3), one.client(3, '', 'A', 3)]
  const file = pcap([])
  const records = pcap(packets).subarray(file.length)
  async function* many() {
    yield file
    for (let i = 0; i < 100_000; i += 1000) {
      const block = new Uint8Array(1000 * records.length)
      for (let j = 0; j < 1000; j++) {
        const at = j * records.length
        block.set(records, at)
        // Another client address for each.
        for (let p = 0, next = at; p < packets.length; p++) {
          const length = (packets[p] as Uint8Array).length
          const address = next + 16 + 14 + (p === 1 || p === 4 ? 16 : 12)
          block.set(u32(0x0b00_0000 + i + j), address)
          next += 16 + length
        }
      }
      yield block
    }
  }
  let open = 0
  let most = 0
  const { readCapture } = await import('../../src/capture/index.ts')
  const sink = {
    start() {},
    open() {
      most = Math.max(most, ++open)
      return { data() {}, gap() {}, end() {}, close: () => void open-- }
    },
  }
  const summary = await readCapture({ stream: many(), name: 'many' }, sink)
  expect(summary).toMatchObject({ flows: 100_000, evicted: 0, packets: 600_000 })
  expect([open, most]).toEqual([0, 1])
})

test('connections that are over, or that nobody answered, are forgotten by the time of the capture', async () => {
  const late = new Talk({ port: 50_000 })
  const packets: PacketSpec[] = [
    { bytes: talk.client(0, '', 'S'), time: 0 },
    { bytes: late.client(0, '', 'S'), time: 121e9 },
    { bytes: talk.client(0, '', 'S'), time: 122e9 },
  ]
  const { flows } = await read(pcap(packets))
  expect(names(flows)).toEqual(['40000>1883', '50000>1883', '40000>1883'])
})

// ---- UDP

const datagram = (text: string, options: { id?: number; back?: boolean } = {}): Uint8Array => {
  const [from, to] = options.back ? ['10.0.0.2', '10.0.0.1'] : ['10.0.0.1', '10.0.0.2']
  const payload = options.back ? udp(text, 5683, 40000) : udp(text)
  return ethernet(ipv4(17, payload, { from, to, ...(options.id === undefined ? {} : { id: options.id }) }))
}

test('UDP: datagrams as they come, both ways, one flow', async () => {
  const flow = await readFlow([datagram('ask'), datagram('answer', { back: true }), datagram(''), datagram('ask')])
  expect(flow).toMatchObject({ transport: 'datagram', server: { port: 5683 } })
  expect(flow.log).toEqual([
    ['data', 'client', 'ask', 1],
    ['data', 'server', 'answer', 2],
    ['data', 'client', '', 3],
    ['data', 'client', 'ask', 4],
    ['close'],
  ])
})

test('UDP: what the snap length cut off is missing; what the link padded is not there', async () => {
  const whole = datagram('abcdefgh')
  const padded = bytes(datagram('xy'), hex('00'.repeat(20)))
  const flow = await readFlow([{ bytes: whole, captured: whole.length - 3 }, padded])
  expect(flow.text('client')).toBe('abcde···xy')
})

test('UDP: silence ends a flow, by the time of the capture', async () => {
  const { flows } = await read(
    pcap([
      { bytes: datagram('a'), time: 0 },
      { bytes: datagram('b'), time: 299e9 },
      { bytes: datagram('c'), time: 600e9 },
    ]),
  )
  expect(flows.map(flow => flow.text('client'))).toEqual(['ab', 'c'])
})

test('UDP: a copy with the same IP number is one datagram, a retransmission is another', async () => {
  const { flows, summary } = await read(
    pcap([
      { bytes: datagram('a', { id: 7 }), time: 0 },
      { bytes: datagram('a', { id: 7 }), time: 1e6 },
      { bytes: datagram('a', { id: 8 }), time: 2e6 },
      { bytes: datagram('a', { id: 8 }), time: 2e9 },
    ]),
  )
  expect(flows[0]?.text('client')).toBe('aaa')
  expect(summary.skipped.duplicates).toBe(1)
})

test('UDP: without an IP number, a copy is known by the interface that it was seen on', async () => {
  const cooked = (kind: number, type = 0x0800) => bytes(u16(kind), u16(1), u16(6), hex('020000000001 0000'), u16(type))
  const inside = ipv4(17, udp('a'))
  const file = pcap([bytes(cooked(0), inside), bytes(cooked(4), inside), bytes(cooked(4), inside)], { linkType: 113 })
  const { flows, summary } = await read(file)
  expect(flows[0]?.text('client')).toBe('aa')
  expect(summary.skipped.duplicates).toBe(1)
})
