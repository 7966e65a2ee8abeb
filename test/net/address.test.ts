import { describe, expect, test } from 'vitest'
import type { AnyCodec } from '../../codecs/core/index.ts'
import { Failure } from '../../src/failure.ts'
import { formatAddress, parseRoute, parseUpstream, transports } from '../../src/net/index.ts'
import { toy as plain } from '../output/toy.ts'

const toy: AnyCodec = {
  ...plain,
  schemes: [
    { scheme: 'toy', transport: 'tcp', port: 7, certain: true },
    { scheme: 'toys', transport: 'tls', port: 8, certain: true },
    { scheme: 'shared', transport: 'tcp', port: 9, certain: false },
  ],
}
const drop: AnyCodec = {
  ...plain,
  id: 'drop',
  transport: 'datagram',
  schemes: [
    { scheme: 'drop', transport: 'udp', port: 5, certain: true },
    { scheme: 'drops', transport: 'dtls', port: 6, certain: true },
  ],
}
const codecs = [toy, drop]

const routeOf = (text: string) => {
  const { listen, upstream } = parseRoute(text, codecs)
  return `${formatAddress(listen)} → ${formatAddress(upstream)}`
}

test.each([
  ['localhost:1883', '127.0.0.1:11883 → localhost:1883'],
  ['127.0.0.1:1883', '127.0.0.1:11883 → 127.0.0.1:1883'],
  ['1883', '127.0.0.1:11883 → 127.0.0.1:1883'],
  [':1883', '127.0.0.1:11883 → 127.0.0.1:1883'],
  ['[::1]:1883', '127.0.0.1:11883 → [::1]:1883'],
  ['[fe80::1%eth0]:1883', '127.0.0.1:11883 → [fe80::1%eth0]:1883'],
  ['toy://broker', '127.0.0.1:10007 → toy://broker:7'],
  ['TOY://broker:70', '127.0.0.1:10070 → toy://broker:70'],
  ['toy://', '127.0.0.1:10007 → toy://127.0.0.1:7'],
  ['toy://[::1]', '127.0.0.1:10007 → toy://[::1]:7'],
  ['2000=broker:1883', '127.0.0.1:2000 → broker:1883'],
  [':2000=broker:1883', '127.0.0.1:2000 → broker:1883'],
  ['0.0.0.0:2000=broker:1883', '0.0.0.0:2000 → broker:1883'],
  ['[::]:2000=broker:1883', '[::]:2000 → broker:1883'],
  ['0.0.0.0=broker:1883', '0.0.0.0:11883 → broker:1883'],
  ['0=broker:1883', '127.0.0.1:0 → broker:1883'],
  ['toys://:8884=toys://broker:8883', 'toys://127.0.0.1:8884 → toys://broker:8883'],
  ['tcp://:2000=tcp://broker:1883', 'tcp://127.0.0.1:2000 → tcp://broker:1883'],
  [':2000=unix:/run/broker.sock', '127.0.0.1:2000 → unix:/run/broker.sock'],
  ['unix:/tmp/in.sock=broker:1883', 'unix:/tmp/in.sock → broker:1883'],
  ['unix:/tmp/in=unix:///run/out', 'unix:/tmp/in → unix:/run/out'],
  ['ws://broker/mqtt?token=a:b', '127.0.0.1:10080 → ws://broker:80/mqtt?token=***'],
  ['ws://broker/mqtt?client=a:b', '127.0.0.1:10080 → ws://broker:80/mqtt?client=a:b'],
])('%s', (text, expected) => {
  expect(routeOf(text)).toBe(expected)
})

describe('credentials', () => {
  test('are taken out of the address, percent-encoded or not', () => {
    expect(parseUpstream('toy://ann:s%3acret=x@broker:70/vhost', codecs)).toMatchObject({
      user: 'ann',
      password: 's:cret=x',
      host: 'broker',
      port: 70,
      path: '/vhost',
    })
    expect(parseUpstream('toy://100%:p@ss@broker', codecs)).toMatchObject({
      user: '100%',
      password: 'p@ss',
      host: 'broker',
    })
  })

  test('do not divide a route, and are never shown', () => {
    expect(routeOf('toy://ann:s=cret@broker:70')).toBe('127.0.0.1:10070 → toy://broker:70')
    expect(routeOf(':2000=toy://ann:s=cret@broker:70')).toBe('127.0.0.1:2000 → toy://broker:70')
  })

  test('are in no message', () => {
    for (const text of [
      'toy://ann:secret@broker:99999',
      'ann:secret@broker',
      'toy://ann:secret@a:b:c',
      'toy://ann:secret/x@b',
    ]) {
      expect(failureOf(text).message).not.toMatch(/ann|secret/)
    }
  })
})

test('a scheme tells the protocol only where it is sure of it', () => {
  expect(parseUpstream('toy://broker', codecs).codec?.id).toBe('toy')
  expect(parseUpstream('shared://broker', codecs).codec).toBeUndefined()
  expect(parseUpstream('tcp://broker:7', codecs).codec).toBeUndefined()
})

function failureOf(text: string): Failure {
  try {
    parseRoute(text, codecs)
  } catch (error) {
    return error as Failure
  }
  throw new Error(`${text} was taken for an address`)
}

test.each([
  ['broker', /no port/],
  ['broker:0', /no port/],
  ['broker:99999', /99999 is not a port/],
  ['broker:amqp', /amqp is not a port/],
  ['broker:', /this is not a port/],
  ['::1:1883', /not an address/],
  ['[::1:1883', /not an address/],
  ['', /not an address/],
  ['=', /not an address/],
  ['toyz://broker', /toyz:\/\/ is not known/],
  ['unix:relative', /begins with \//],
  ['unix:/run/broker.sock', /say where to listen/],
  ['broker:60000', /say where to listen/],
  [':x=broker:1883', /x is not a port/],
])('%s is refused as wrong usage', (text, message) => {
  const failure = failureOf(text)
  expect(failure).toBeInstanceOf(Failure)
  expect(failure.message).toMatch(message)
  expect(failure.exit).toBe(2)
  expect(failure.next).toBeTruthy()
})

test('an IPv6 address without brackets is told about brackets, a misspelt scheme what was meant', () => {
  expect(failureOf('::1:1883').next).toContain('[::1]:1883')
  expect(failureOf('toyz://broker').next).toContain('Did you mean toy://')
})

test.each(['tls://broker:1', 'ws://broker', 'wss://broker', 'toys://broker', 'broker:1', 'unix:/broker'])(
  'there is a way to %s',
  text => {
    expect(transports()(parseRoute(`:2000=${text}`, codecs).upstream)).toHaveProperty('dial')
  },
)

describe('datagrams', () => {
  const ends = (text: string) => {
    const { listen, upstream } = parseRoute(text, codecs)
    return [listen, upstream].map(({ transport, host, port }) => `${transport} ${host} ${port}`)
  }

  test('an end without a scheme is what the other is', () => {
    expect(ends(':2000=udp://broker:5')).toEqual(['udp 127.0.0.1 2000', 'udp broker 5'])
    expect(ends('udp://:2000=broker:5')).toEqual(['udp 127.0.0.1 2000', 'udp broker 5'])
    expect(ends(':2000=drops://broker')).toEqual(['dtls 127.0.0.1 2000', 'dtls broker 6'])
  })

  test('LISTEN left out is told with the scheme', () => {
    const { listen } = parseRoute('drop://broker', codecs)
    expect(formatAddress(listen)).toBe('drop://127.0.0.1:10005')
    expect(listen.codec?.id).toBe('drop')
  })

  test.each(['udp://:2000=tcp://broker:5', 'tls://:2000=udp://broker:5', 'udp://:2000=dtls://broker:5'])(
    '%s is refused',
    text => expect(failureOf(text).message).toMatch(/cannot be relayed/),
  )
})
