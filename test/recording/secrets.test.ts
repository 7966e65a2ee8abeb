import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import type { AnyCarrier, AnyCodec, CarrierStatus } from '../../codecs/core/index.ts'
import { frame, toy } from '../output/toy.ts'
import { readBack, record, Talk } from './record.ts'

const SECRET = 's3cret-of-ann'
const hello = frame(1, 'hello')
const login = frame(2, `ann\0${SECRET}`)

/** No part of the password that is worth anything is in the file. */
async function expectHidden(path: string): Promise<void> {
  const bytes = await readFile(path)
  for (let at = 0; at + 4 <= SECRET.length; at++) expect(bytes.indexOf(SECRET.slice(at, at + 4))).toBe(-1)
}

test('a credential is overwritten, and all else is as it was', async () => {
  const { path, packets } = await record(sink =>
    new Talk(sink).say('client', hello, login, hello).end('client').close(),
  )
  await expectHidden(path)
  const back = await readBack(path)
  const starred = Buffer.from(frame(2, `ann\0${'*'.repeat(SECRET.length)}`))
  expect(back.bytes[0]!.client).toEqual(Buffer.concat([hello, starred, hello]))
  expect(back.packets).toEqual(packets)
})

test('it is kept where that is asked for', async () => {
  const { path } = await record(sink => new Talk(sink).say('client', login).close(), { keepSecrets: true })
  expect((await readBack(path)).bytes[0]!.client).toEqual(Buffer.from(login))
})

test('however it is split', async () => {
  const bytes = Buffer.concat([hello, login, hello])
  for (let cut = 1; cut < bytes.length; cut++) {
    const parts = [bytes.subarray(0, cut), bytes.subarray(cut)]
    const { path, packets } = await record(sink =>
      new Talk(sink)
        .say('client', ...parts)
        .end('client')
        .close(),
    )
    await expectHidden(path)
    expect((await readBack(path)).packets).toEqual(packets)
  }
  const { path } = await record(sink =>
    new Talk(sink).say('client', ...[...bytes].map(byte => Uint8Array.of(byte))).close(),
  )
  await expectHidden(path)
})

test.each(['fin', 'reset', 'lost'] as const)('where the connection ends (%s) within it', async ending => {
  for (let length = 1; length < login.length; length++) {
    const { path } = await record(sink =>
      new Talk(sink).say('client', hello, login.subarray(0, length)).end('client', ending).close(),
    )
    await expectHidden(path)
    expect((await readBack(path)).bytes[0]!.client).toHaveLength(hello.length + length)
  }
})

test('where it stands among bytes that fit no frame', async () => {
  const broken = Buffer.from(login)
  broken[1] = 99
  const { path } = await record(sink => new Talk(sink).say('client', hello, broken).end('client').close())
  await expectHidden(path)
  expect((await readBack(path)).bytes[0]!.client).toHaveLength(hello.length + broken.length)
})

test('where recording ends while it arrives', async () => {
  const { path } = await record(sink => void new Talk(sink).say('client', hello, login.subarray(0, -1)))
  await expectHidden(path)
})

test('where looking at it throws', async () => {
  const thrower: AnyCodec = {
    ...toy,
    read: () => {
      throw new Error('a bug')
    },
  }
  const { path } = await record(
    sink => {
      const talk = new Talk(sink)
      expect(() => talk.say('client', login)).toThrow('a bug')
      talk.close()
    },
    { codecs: [thrower] },
  )
  await expectHidden(path)
})

/** `kind length(4) body`: 1 is a password, 2 is not. */
const long: AnyCodec = {
  ...toy,
  id: 'long',
  frames: {
    key: { section: '1', fields: { secret: { kind: 'bytes', secret: true } } },
    body: { section: '2', fields: { bytes: { kind: 'bytes' } } },
  },
  delimit: (bytes, start, end) => {
    if (end - start < 5) return end - start - 5
    return 5 + new DataView(bytes.buffer, bytes.byteOffset + start + 1, 4).getUint32(0)
  },
  resync: (_bytes, _start, end) => ~end,
  type: packet => (packet.buffer[packet.start] === 1 ? 'key' : 'body'),
  read: reader => {
    const kind = reader.u8('kind')
    reader.u32('length')
    const bytes = reader.take(reader.remaining, 'bytes')
    if (kind === 1) reader.secret()
    return { type: kind === 1 ? 'key' : 'body', bytes }
  },
  facts: () => undefined,
}

function longFrame(kind: number, length: number): Buffer {
  const bytes = Buffer.alloc(5 + length, SECRET)
  bytes[0] = kind
  bytes.writeUInt32BE(length, 1)
  return bytes
}

const chunks = (bytes: Buffer, size = 50_000): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size))

test.each([70_000, 900_000, 3_000_000, 17_000_000])('in a frame of %i bytes', async length => {
  const { path } = await record(
    sink =>
      new Talk(sink)
        .say('client', ...chunks(longFrame(1, length)))
        .end('client')
        .close(),
    {
      codecs: [long],
    },
  )
  await expectHidden(path)
  expect((await readBack(path, [long])).bytes[0]!.client).toHaveLength(length + 5)
})

test.each([70_000, 3_000_000, 17_000_000])('a frame of %i bytes of another kind is as it was', async length => {
  const bytes = longFrame(2, length)
  const { path, packets } = await record(
    sink =>
      new Talk(sink)
        .say('server', ...chunks(bytes))
        .end('server')
        .close(),
    {
      codecs: [long],
    },
  )
  const back = await readBack(path, [long])
  expect(back.bytes[0]!.server.equals(bytes)).toBe(true)
  expect(back.packets).toEqual(packets)
})

test('of a long frame that cannot be secret, little waits', async () => {
  const { path } = await record(sink => void new Talk(sink).say('client', ...chunks(longFrame(2, 1_000_000))), {
    codecs: [long],
  })
  // The flow is still open: what waits is not in the file.
  expect((await readBack(path, [long])).bytes[0]!.client.length).toBeGreaterThan(900_000)
})

test('bytes of a protocol that is none of ours are as they were', async () => {
  const stranger: AnyCodec = { ...toy, detect: () => 0, ports: [] }
  const bytes = Buffer.from('EHLO client.example\r\n')
  const { path } = await record(sink => new Talk(sink).say('client', bytes).end('client').close(), {
    codecs: [stranger],
  })
  expect((await readBack(path, [stranger])).bytes[0]!.client).toEqual(bytes)
})

/** A carrier that begins with a zero and adds nothing more. */
const around = (status: CarrierStatus): AnyCarrier => ({
  codec: {
    ...toy,
    id: 'around',
    detect: head => (head[0] === 0 ? 1 : 0),
    delimit: (bytes, start, end, context, scan) =>
      bytes[start] === 0 ? 1 : toy.delimit(bytes, start, end, context, scan),
  },
  open: () => ({
    status,
    take: ({ side, bytes, time, record }, out) => {
      if (bytes[0] !== 0) out.data(side, bytes, time, record, true)
    },
  }),
})
const begin = Uint8Array.of(0)

test('where a carrier hides where it stands, all is overwritten, and that is told', async () => {
  const told: string[] = []
  const options = { carriers: [around({ name: 'WebSocket' })], onTrouble: (text: string) => told.push(text) }
  const { path } = await record(sink => new Talk(sink).say('client', begin, hello, login).close(), options)
  await expectHidden(path)
  expect((await readBack(path)).bytes[0]!.client.toString()).toBe('*'.repeat(1 + hello.length + login.length))
  expect(told).toEqual(['WebSocket: its bytes are overwritten in the recording; --keep-secrets keeps them'])
})

test('what is encrypted is as it was', async () => {
  const options = { carriers: [around({ name: 'TLS 1.3', encrypted: true })] }
  const { path } = await record(sink => new Talk(sink).say('client', begin, hello, login).close(), options)
  expect((await readBack(path)).bytes[0]!.client).toEqual(Buffer.concat([begin, hello, login]))
})
