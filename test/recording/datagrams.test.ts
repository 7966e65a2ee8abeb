import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import type { AnyCodec } from '../../codecs/core/index.ts'
import { TLS_KEY_LOG } from '../../src/keylog.ts'
import { frame, toy } from '../output/toy.ts'
import { hasTshark, metadataIn, readBack, record, Talk, tshark } from './record.ts'

const SECRET = 's3cret-of-ann'
/** The toy protocol, a frame a datagram. */
const drops: AnyCodec = { ...toy, transport: 'datagram', delimit: (_bytes, start, end) => end - start }
const options = { codecs: [drops] }
const udp = { transport: 'datagram' } as const
const hello = frame(1, 'hello')
const login = frame(2, `ann\0${SECRET}`)

test('each datagram is a packet, at its time', async () => {
  const { path, packets } = await record(
    sink => new Talk(sink, udp).say('client', hello).say('server', hello).say('client', hello).close(),
    options,
  )
  const back = await readBack(path, [drops])
  expect(back.damage).toBeUndefined()
  expect(back.flows[0]).toMatchObject({ transport: 'datagram', client: { port: 50001 }, server: { port: 7 } })
  expect(back.packets).toEqual(packets)
  expect(back.comments).toBe(1)
})

test('a credential is overwritten, and all else is as it was', async () => {
  const { path } = await record(sink => new Talk(sink, udp).say('client', hello, login, hello).close(), options)
  expect((await readFile(path)).includes(SECRET)).toBe(false)
  const starred = Buffer.from(frame(2, `ann\0${'*'.repeat(SECRET.length)}`))
  expect((await readBack(path, [drops])).bytes[0]!.client).toEqual(Buffer.concat([hello, starred, hello]))
})

test('it is kept where that is asked for', async () => {
  const { path } = await record(sink => new Talk(sink, udp).say('client', login).close(), {
    ...options,
    keepSecrets: true,
  })
  expect((await readBack(path, [drops])).bytes[0]!.client).toEqual(Buffer.from(login))
})

test('of a protocol that is none of ours all is as it was', async () => {
  const { path } = await record(sink => new Talk(sink, udp).say('client', login).close(), { codecs: [] })
  expect((await readBack(path, [drops])).bytes[0]!.client).toEqual(Buffer.from(login))
})

describe.skipIf(!hasTshark)('Wireshark (skipped where there is no tshark)', () => {
  test.each([
    ['IPv4', '127.0.0.1'],
    ['IPv6', '2001:db8::1'],
  ])('%s: datagrams of all lengths, with their checksums', async (_, host) => {
    const sizes = [0, 1, 2, 3, 4, 5, 1000, 65_507 - 20]
    const ends = { client: { host, port: 50001 }, server: { host, port: 7 } }
    const { path } = await record(
      sink => {
        const talk = new Talk(sink, { ...udp, ...ends })
        for (const size of sizes) talk.say('client', Buffer.alloc(size, 'xyz'))
        talk.close()
      },
      { codecs: [] },
    )
    const fields = ['-T', 'fields', '-e', 'udp.length', '-e', 'udp.checksum.status', '-e', '_ws.malformed']
    const lines = tshark(path, '-o', 'udp.check_checksum:TRUE', '-Y', 'udp', ...fields)
      .trimEnd()
      .split('\n')
    expect(lines.map(line => line.trim())).toEqual(sizes.map(size => `${size + 8}\t1`))
  })

  test('keys of TLS are where Wireshark looks for them', async () => {
    const line = `CLIENT_RANDOM ${'ab'.repeat(32)} ${'cd'.repeat(48)}\n`
    const { path } = await record(
      sink => {
        sink.secrets?.(TLS_KEY_LOG, Buffer.from(line))
        new Talk(sink, udp).say('client', hello).close()
      },
      { ...options, keepSecrets: true },
    )
    expect((await readFile(path)).includes(line)).toBe(true)
    // A block of secrets before the first packet, and no complaint.
    expect(tshark(path, '-Y', 'udp', '-T', 'fields', '-e', 'frame.number').trim()).toBe('1')
  })
})

test('what was inside TLS that a proxy ended is searched for secrets, and under a port without TLS', async () => {
  const secure: AnyCodec = {
    ...toy,
    schemes: [
      { scheme: 'toy', transport: 'tcp', port: 7, certain: true },
      { scheme: 'toys', transport: 'tls', port: 8, certain: true },
    ],
  }
  const { path } = await record(
    sink =>
      new Talk(sink, {
        server: { host: '127.0.0.1', port: 8 },
        unwrapped: [{ name: 'TLS 1.3', serverName: 'broker.example' }],
      })
        .say('client', hello, login)
        .end('client')
        .close(),
    { codecs: [secure] },
  )
  const bytes = await readFile(path)
  expect(bytes.includes(SECRET)).toBe(false)
  expect(bytes.includes('TLS 1.3 taken off')).toBe(true)
  const [introduction] = metadataIn(bytes, 'flow')
  expect(introduction!.recorded.server.port).toBe(7)
  const back = await readBack(path)
  expect(back.flows[0]).toMatchObject({ server: { port: 8 }, unwrapped: [{ name: 'TLS 1.3' }] })
  expect(back.bytes[0]!.client.includes('ann\0***')).toBe(true)
})
