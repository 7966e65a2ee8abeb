import { describe, expect, it } from 'vitest'
import { type Connect, type MqttFrame, mqtt, type Publish } from '../../codecs/mqtt/index.ts'
import { trafficRules } from '../../src/findings/index.ts'
import type { FlowInfo, FlowSink } from '../../src/flow.ts'
import type { Inspector } from '../../src/inspector.ts'
import { bytesOf } from '../tracking/story.ts'
import { findings } from './found.ts'

const SECOND = 1e9
const MS = 1e6
const bytes = new TextEncoder()

/** Connections of MQTT, made and used by hand. */
class Traffic {
  readonly #inspector: Inspector
  #flows = 0

  constructor(inspector: Inspector) {
    this.#inspector = inspector
  }

  open(started: number, more: Partial<FlowInfo> = {}): FlowSink {
    const id = ++this.#flows
    const client = { host: '10.0.0.1', port: 40_000 + id }
    const server = { host: '10.0.0.2', port: 1883 }
    return this.#inspector.open({ id, transport: 'stream', client, server, started, joined: 'start', ...more })
  }
}

const said = (frame: MqttFrame): Uint8Array => bytesOf(mqtt, frame, { version: 5, guessed: false })
const found = (id: string, deliver: (traffic: Traffic) => void): string[] =>
  findings(inspector => deliver(new Traffic(inspector)), trafficRules).filter(line => line.startsWith(`${id} `))

const connect = (clientId = 'probe', more: Partial<Connect> = {}): Uint8Array =>
  said({
    type: 'connect',
    protocolName: 'MQTT',
    protocolVersion: 5,
    cleanStart: true,
    keepAlive: 60,
    clientId,
    properties: {},
    ...more,
  })
const publish = (topic: string, payload: string, more: Partial<Publish> = {}): Uint8Array =>
  said({
    type: 'publish',
    dup: false,
    qos: 0,
    retain: false,
    topic,
    payload: bytes.encode(payload),
    properties: {},
    ...more,
  })

describe('plaintext-credentials', () => {
  const credentials = { username: 'ann', password: bytes.encode('s3cret') }
  const connecting = (first: Uint8Array, info: Partial<FlowInfo> = {}): string[] =>
    found('plaintext-credentials', traffic => {
      const flow = traffic.open(0, info)
      flow.data('client', first, 1000, 0, 0)
      flow.close(2000)
    })

  it('tells of a password that anybody can read', () => {
    expect(connecting(connect('probe', credentials))).toEqual([
      'plaintext-credentials warning: connect carries credentials without TLS [1]',
    ])
  })

  it('takes it for less on one machine', () => {
    const here = { client: { host: '127.0.0.1', port: 1 }, server: { host: '127.0.0.1', port: 1883 } }
    expect(connecting(connect('probe', credentials), here)).toEqual([
      'plaintext-credentials note: connect carries credentials without TLS [1]',
    ])
  })

  it('has nothing to say where there is no password, or TLS around it', () => {
    expect(connecting(connect())).toEqual([])
    expect(connecting(connect('probe', credentials), { unwrapped: [{ name: 'TLS 1.3', encrypted: true }] })).toEqual([])
  })
})

describe('tls-old', () => {
  const carriedBy = (name: string): string[] =>
    found('tls-old', traffic => {
      const flow = traffic.open(0, { unwrapped: [{ name, encrypted: true }] })
      flow.data('client', connect(), 1000, 0, 0)
      flow.close(2000)
    })

  it.each(['TLS 1.0', 'TLS 1.1', 'SSL 3.0'])('tells of %s', name => {
    expect(carriedBy(name)).toEqual([`tls-old warning: the connection is carried by ${name} []`])
  })

  it.each(['TLS 1.2', 'TLS 1.3'])('leaves %s alone', name => {
    expect(carriedBy(name)).toEqual([])
  })
})

describe('connection-churn', () => {
  const churning = (count: number, every: number, lasting: number): string[] =>
    found('connection-churn', traffic => {
      for (let at = 0; at < count; at++) {
        const flow = traffic.open(at * every)
        flow.data('client', connect(`c${at}`), at * every + 1000, 0, 0)
        flow.close(at * every + lasting)
      }
    })

  it('tells of a host that connects for every message', () => {
    expect(churning(30, SECOND, 10 * MS)).toEqual([
      'connection-churn warning: 20 connections of mqtt from 10.0.0.1 in 19 s, none open for more than 10 s []',
    ])
  })

  it('leaves few connections alone, and slow ones, and those that last', () => {
    expect(churning(19, SECOND, 10 * MS)).toEqual([])
    expect(churning(30, 5 * SECOND, 10 * MS)).toEqual([])
    expect(churning(30, SECOND, 11 * SECOND)).toEqual([])
  })
})

describe('client-takeover', () => {
  const taking = (names: readonly string[], inOrder: boolean): string[] =>
    found('client-takeover', traffic => {
      let last: FlowSink | undefined
      for (const [at, name] of names.entries()) {
        const time = (at + 1) * SECOND
        if (inOrder) last?.close(time - MS)
        const flow = traffic.open(time)
        flow.data('client', connect(name), time, 0, 0)
        if (!inOrder) last?.close(time + MS)
        last = flow
      }
      last?.close(100 * SECOND)
    })

  it('tells of two clients that put each other out', () => {
    expect(taking(['a', 'a', 'a', 'a', 'a'], false)).toEqual([
      'client-takeover error: the client identifier a was taken over 3 times in a row, the last time flow 3 by flow 4 []',
    ])
  })

  it('leaves a client alone that comes back, and clients of other names', () => {
    expect(taking(['a', 'a', 'a', 'a', 'a'], true)).toEqual([])
    expect(taking(['a', 'b', 'c', 'd', 'e'], false)).toEqual([])
  })
})

describe('connection-reset', () => {
  it.each([
    ['reset', ['connection-reset note: reset after 2.00 s; the last frame is the one shown [1]']],
    ['fin', []],
  ] as const)('of a connection that ends with %s', (ending, lines) => {
    expect(
      found('connection-reset', traffic => {
        const flow = traffic.open(0)
        flow.data('client', connect(), 1000, 0, 0)
        flow.end('server', 2 * SECOND, ending)
        flow.close(2 * SECOND)
      }),
    ).toEqual(lines)
  })
})

describe('unanswered', () => {
  const waiting = (time: number): string[] =>
    found('unanswered', traffic => {
      const flow = traffic.open(0)
      flow.data('client', connect(), 0, 0, 0)
      flow.close(time)
    })

  it('tells of a request that waits for ever, once it is long', () => {
    expect(waiting(12 * SECOND)).toEqual(['unanswered warning: connect probe was not answered in 12 s [1]'])
    expect(waiting(9 * SECOND)).toEqual([])
  })

  // CoAP: a NON GET of /temp, which a server may leave without an answer but a single host should not.
  const asking = (host: string): string[] =>
    found('unanswered', traffic => {
      const flow = traffic.open(0, { transport: 'datagram', server: { host, port: 5683 } })
      flow.data('client', Uint8Array.of(0x51, 0x01, 0x12, 0x34, 0xaa, 0xb4, ...bytes.encode('temp')), 0, 0, 0)
      flow.close(60 * SECOND)
    })

  it.each(['10.0.0.2', '223.255.255.255', '240.0.0.1', 'fe80::1'])('tells of one to %s', host => {
    expect(asking(host)).toHaveLength(1)
  })

  it.each(['224.0.1.187', '239.255.255.255', 'ff02::fd', 'FF05::FD'])('wants no answer of the group %s', host => {
    expect(asking(host)).toEqual([])
  })
})

describe('nagle-delayed-ack', () => {
  const answering = (delays: readonly number[]): string[] =>
    found('nagle-delayed-ack', traffic => {
      const flow = traffic.open(0)
      flow.data('client', connect(), 0, 0, 0)
      for (const [at, delay] of delays.entries()) {
        const time = (at + 1) * SECOND
        const packetId = at + 1
        flow.data('client', publish('a', 'x', { qos: 1, packetId }), time, 0, 0)
        flow.data('server', said({ type: 'puback', packetId }), time + delay, 0, 0)
      }
      flow.close(100 * SECOND)
    })
  const quick = Array<number>(5).fill(MS)

  it('tells of answers that cluster at 40 ms beside quick ones', () => {
    expect(answering([...quick, ...Array<number>(6).fill(41 * MS)])).toEqual([
      'nagle-delayed-ack warning: 6 answers took about 40 ms where 5 took less than 5 ms [13 15 17 19 21]',
    ])
  })

  it('leaves a broker alone that is slow in general', () => {
    expect(answering([...quick, ...Array<number>(6).fill(60 * MS)])).toEqual([])
    expect(answering(Array<number>(11).fill(41 * MS))).toEqual([])
  })
})

describe('trace-context-lost', () => {
  const user = {
    userProperties: [{ name: 'traceparent', value: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' }],
  }
  const delivering = (body: string, properties: object): string[] =>
    found('trace-context-lost', traffic => {
      const [one, two] = [traffic.open(0), traffic.open(0)]
      one.data('client', connect('one'), 0, 0, 0)
      two.data('client', connect('two'), 0, 0, 0)
      one.data('client', publish('a', 'a body of its own', { properties: user }), 1, 0, 0)
      two.data('server', publish('a', body, { properties }), 2, 0, 0)
    })

  it('tells of a message that is delivered without what it was published with', () => {
    expect(delivering('a body of its own', {})).toEqual([
      'trace-context-lost warning: a message published with traceparent on flow 1 is delivered without it [3 4]',
    ])
  })

  it('leaves alone what has it, and another message', () => {
    expect(delivering('a body of its own', user)).toEqual([])
    expect(delivering('quite another body', {})).toEqual([])
  })
})

describe('malformed, capture-gap', () => {
  const broken =
    (lose: boolean): ((traffic: Traffic) => void) =>
    traffic => {
      const flow = traffic.open(0)
      flow.data('client', connect(), 0, 0, 0)
      if (lose) flow.gap('client', 10, 1, 0)
      flow.data('client', new Uint8Array([0, 0, 0]), 2, 0, 0)
      flow.close(3)
    }

  it('tells of bytes that fit no frame, unless some are missing before them', () => {
    expect(found('malformed', broken(false))).toEqual([
      'malformed warning: 3 bytes from the client fit no frame of MQTT [2]',
    ])
    expect(found('malformed', broken(true))).toEqual([])
  })

  it('tells of what the capture lacks', () => {
    expect(found('capture-gap', broken(true))).toEqual([
      'capture-gap note: 10 bytes of this connection were not captured [2]',
    ])
    expect(found('capture-gap', broken(false))).toEqual([])
  })

  it('does not tell of a carrier that stops within a frame: all that was sent is there', () => {
    const upgrade = (traffic: Traffic): FlowSink => {
      const flow = traffic.open(0, { server: { host: '10.0.0.2', port: 9001 } })
      const asked = 'GET /mqtt HTTP/1.1\r\nHost: b\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'
      flow.data('client', bytes.encode(asked), 0, 0, 0)
      const granted = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'
      flow.data('server', bytes.encode(granted), 1, 0, 0)
      const packet = connect()
      flow.data('client', Uint8Array.of(0x82, 0x80 | packet.length, 0, 0, 0, 0, ...packet), 2, 0, 0)
      // Of 100 bytes that this frame is to have, ten.
      flow.data('server', Uint8Array.of(0x82, 100, ...new Uint8Array(10)), 3, 0, 0)
      return flow
    }
    const cut = (traffic: Traffic): void => {
      const flow = upgrade(traffic)
      flow.end('server', 4, 'fin')
      flow.close(5)
    }
    expect(found('malformed', cut)).toHaveLength(1)
    expect(found('capture-gap', cut)).toEqual([])
  })
})
