import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Side } from '../../codecs/core/index.ts'
import { readCapture } from '../../src/capture/index.ts'
import { Recorder } from '../../src/recording/index.ts'
import { frame } from '../output/toy.ts'
import { hasTshark, INFO, metadataIn, readBack, record, recordingPath, Talk, tshark } from './record.ts'

const hello = frame(1, 'hello')
const world = frame(1, 'world')

test('what was recorded reads as what was seen: flows, bytes, frames, times, ends', async () => {
  const { path, packets } = await record(sink => {
    const talk = new Talk(sink).say('client', hello).say('server', world, hello).say('client', world)
    talk.end('client').end('server').close()
  })
  const back = await readBack(path)
  expect(back.damage).toBeUndefined()
  expect(back.flows).toHaveLength(1)
  expect(back.flows[0]).toMatchObject({ client: INFO.client, server: INFO.server, joined: 'start' })
  expect(back.bytes[0]!.client).toEqual(Buffer.concat([hello, world]))
  expect(back.bytes[0]!.server).toEqual(Buffer.concat([world, hello]))
  expect(back.endings).toEqual(['client fin', 'server fin'])
  expect(packets).toHaveLength(4)
  expect(back.packets).toEqual(packets)
})

test('a reset is a reset, and an end that was not seen is none', async () => {
  const reset = await record(sink => new Talk(sink).say('client', hello).end('server', 'reset').close())
  expect((await readBack(reset.path)).endings).toContain('server reset')
  const lost = await record(sink => new Talk(sink).say('client', hello).close())
  expect((await readBack(lost.path)).endings).toEqual(['client lost', 'server lost'])
})

test('a connection on which nothing was said is recorded too', async () => {
  const { path } = await record(sink => new Talk(sink).close())
  expect((await readBack(path)).flows).toHaveLength(1)
})

const side = fc.constantFrom<Side>('client', 'server')
const word = fc.string({ maxLength: 200 }).map(text => frame(1, text.slice(0, 60)))

test('any talk, in any chunks, reads back byte for byte, with the same frames at the same times', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.tuple(side, fc.array(word, { maxLength: 5 })), { maxLength: 12 }), { maxLength: 4 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 90 })),
      fc.boolean(),
      async (flows, cuts, keepSecrets) => {
        const sent: Record<Side, Buffer>[] = []
        const { path, packets } = await record(
          sink => {
            flows.forEach((turns, at) => {
              const talk = new Talk(sink, { id: at + 1, client: { host: '127.0.0.1', port: 50_000 + at } })
              talk.time = 10_000_000 * (at + 1)
              const mine = { client: Buffer.alloc(0), server: Buffer.alloc(0) }
              for (const [from, words] of turns) {
                const bytes = Buffer.concat(words)
                mine[from] = Buffer.concat([mine[from], bytes])
                for (let start = 0; start < bytes.length; ) {
                  const end = start + cuts.next().value!
                  talk.say(from, bytes.subarray(start, end))
                  start = end
                }
              }
              talk.end('client').end('server').close()
              sent.push(mine)
            })
          },
          { keepSecrets },
        )
        const back = await readBack(path)
        expect(back.damage).toBeUndefined()
        expect(back.bytes).toEqual(sent)
        expect(back.packets).toEqual(packets)
      },
    ),
    { numRuns: 60 },
  )
})

test('chunks larger than a packet are split, and read back', async () => {
  const big = Buffer.concat(Array.from({ length: 4000 }, (_, at) => frame(1, `message ${at} ${'x'.repeat(at % 50)}`)))
  const { path, packets } = await record(sink => new Talk(sink).say('client', big).end('client').close())
  const back = await readBack(path)
  expect(back.bytes[0]!.client.equals(big)).toBe(true)
  expect(back.packets).toEqual(packets)
})

test('the same ports again are another connection', async () => {
  const { path } = await record(sink => {
    for (const id of [1, 2, 3]) new Talk(sink, { id }).say('client', hello).end('client').end('server').close()
  })
  const back = await readBack(path)
  expect(back.flows).toHaveLength(3)
  expect(back.bytes.map(({ client }) => client)).toEqual([hello, hello, hello].map(Buffer.from))
})

describe('addresses', () => {
  test.each([
    ['IPv6', { host: '2001:db8::1', port: 50001 }, { host: '::1', port: 7 }, '2001:db8::1', '::1'],
    ['IPv4 to IPv6', { host: '10.0.0.1', port: 50001 }, { host: '::1', port: 7 }, '::ffff:10.0.0.1', '::1'],
    [
      'a name that is none',
      { host: '/run/in.sock', port: 0 },
      { host: '/run/out.sock', port: 0 },
      '127.0.0.1',
      '127.0.0.1',
    ],
    ['a Unix socket to IPv6', { host: '/run/in.sock', port: 0 }, { host: '::1', port: 7 }, '::1', '::1'],
  ])('%s', async (_, client, server, from, to) => {
    const { path } = await record(sink => new Talk(sink, { client, server }).say('client', hello).close())
    // What the packets have, and what the recording knows better.
    const [introduction] = metadataIn(await readFile(path), 'flow')
    expect(introduction!.recorded.client.host).toBe(from)
    expect(introduction!.recorded.server).toEqual({ host: to, port: 7 })
    const back = await readBack(path)
    expect(back.flows[0]).toMatchObject({ client, server })
    expect(back.packets).toHaveLength(1)
  })

  test('flows between Unix sockets are told apart', async () => {
    const ends = { client: { host: '/run/in.sock', port: 0 }, server: { host: '/run/out.sock', port: 0 } }
    const { path } = await record(sink => {
      for (const id of [1, 2]) new Talk(sink, { ...ends, id }).say('client', hello)
    })
    expect((await readBack(path)).flows).toHaveLength(2)
  })
})

test('the first packet of a flow says what it is', async () => {
  const { path } = await record(sink => {
    new Talk(sink, { route: '127.0.0.1:10007 → toy://broker:7' }).say('client', hello).close()
    const ends = { client: { host: '/run/in.sock', port: 0 }, server: { host: '/run/out.sock', port: 0 } }
    new Talk(sink, { id: 2, ...ends }).say('client', hello).close()
  })
  const { comments } = await readCapture({ path }, { start: () => {}, open: () => ignored })
  expect(comments).toEqual([
    { record: 1, text: 'mqinspect: flow 1, 127.0.0.1:10007 → toy://broker:7, Toy 1.0' },
    expect.objectContaining({
      text: 'mqinspect: flow 2, /run/in.sock → /run/out.sock, Toy 1.0, addresses made up for a Unix socket',
    }),
  ])
})

const ignored = { data: () => {}, gap: () => {}, end: () => {}, close: () => {} }

describe('the file', () => {
  test('is private, also where it was there before, and begins anew', async () => {
    const path = await recordingPath()
    await writeFile(path, 'something else '.repeat(10_000))
    await chmod(path, 0o644)
    const { summary } = await record(sink => new Talk(sink).say('client', hello).close(), { path })
    const { mode, size } = await stat(path)
    expect(mode & 0o777).toBe(0o600)
    expect(size).toBe(summary.size)
    expect((await readBack(path)).damage).toBeUndefined()
  })

  test('can be read from the first moment, and while it grows', async () => {
    const path = await recordingPath()
    const recorder = await Recorder.create(path)
    expect((await readBack(path)).damage).toBeUndefined()
    await recorder.finish()
    await record(
      async sink => {
        new Talk(sink).say('client', hello)
        await sleep(400)
        const back = await readBack(path)
        expect(back.damage).toBeUndefined()
        expect(back.bytes[0]!.client).toEqual(Buffer.from(hello))
      },
      { path, keepSecrets: true },
    )
  })

  test('cut anywhere, it reads up to there', async () => {
    const { path } = await record(sink =>
      new Talk(sink).say('client', hello).say('server', world).end('client').close(),
    )
    const whole = await readFile(path)
    const cut = await recordingPath()
    for (let length = 28; length < whole.length; length += 3) {
      await writeFile(cut, whole.subarray(0, length))
      const { bytes } = await readBack(cut)
      const text = bytes[0]?.client ?? Buffer.alloc(0)
      expect(hello.subarray(0, text.length)).toEqual(new Uint8Array(text))
    }
  })

  test('that cannot be made is a failure that says so', async () => {
    await expect(Recorder.create('/no/such/folder/x.pcapng')).rejects.toMatchObject({
      exit: 1,
      message: expect.stringContaining('/no/such/folder/x.pcapng'),
    })
  })

  test('whose disk fills up is given up: told once, and its flows go on', async () => {
    const troubles: string[] = []
    const recorder = await Recorder.create('/dev/full', { onTrouble: text => troubles.push(text) }).catch(
      error => error,
    )
    // The header alone is more than this disk takes.
    expect(recorder).toMatchObject({ exit: 1, message: expect.stringContaining('no space left') })
  })
})

test('where the disk is behind, what is missing is counted, told, and a hole of the right size', async () => {
  const troubles: string[] = []
  const chunk = Buffer.concat(Array.from({ length: 1000 }, () => frame(1, 'x'.repeat(60))))
  const count = 40
  const { path, summary } = await record(
    sink => {
      const talk = new Talk(sink)
      // All in one turn of the event loop: nothing can be written meanwhile.
      for (let at = 0; at < count; at++) talk.say('client', chunk)
      talk.end('client').close()
    },
    { queue: 512 << 10, onTrouble: text => troubles.push(text) },
  )
  expect(summary.dropped).toBeGreaterThan(0)
  expect(troubles).toEqual([`${path}: the disk is behind; the recording has gaps from here on`])
  const back = await readBack(path)
  const holes = back.endings.filter(text => text.includes('gap')).map(text => Number(text.split(' ').at(-1)))
  const after = count * chunk.length - back.bytes[0]!.client.length
  expect(holes.reduce((sum, hole) => sum + hole, 0) + after).toBe(summary.dropped)
})

describe.skipIf(!hasTshark)('tshark (skipped where it is not installed)', () => {
  test('finds nothing wrong with any packet', async () => {
    const { path } = await record(sink => {
      const big = Buffer.concat(Array.from({ length: 2000 }, (_, at) => frame(1, 'y'.repeat(at % 61))))
      const talk = new Talk(sink).say('client', hello, big, world.subarray(0, 3)).say('server', world)
      talk.say('client', world.subarray(3)).end('client').say('server', big).end('server').close()
      const six = { client: { host: '2001:db8::1', port: 50001 }, server: { host: '2001:db8::2', port: 7 } }
      new Talk(sink, { id: 2, ...six }).say('client', hello).say('server', world).end('server', 'reset').close()
      for (const id of [3, 4]) new Talk(sink, { id }).say('client', hello).end('client').end('server').close()
    })
    const wrong = [
      '(tcp.analysis.flags and not tcp.analysis.reused_ports)',
      'tcp.checksum.status != 1',
      'ip.checksum.status == 0',
      '_ws.malformed',
    ]
    expect(tshark(path, '-Y', wrong.join(' or '))).toBe('')
    const streams = tshark(path, '-Y', 'tcp', '-T', 'fields', '-e', 'tcp.stream').trim().split('\n')
    expect(new Set(streams).size).toBe(4)
  })

  test('follows the same bytes', async () => {
    const { path } = await record(sink =>
      new Talk(sink).say('client', hello).say('server', world).end('client').end('server').close(),
    )
    const followed = tshark(path, '-q', '-z', 'follow,tcp,raw,0')
    const lines = followed.split('\n').filter(line => /^\t?[0-9a-f]+$/.test(line))
    expect(lines).toEqual([Buffer.from(hello).toString('hex'), `\t${Buffer.from(world).toString('hex')}`])
  })

  test('shows nanoseconds, the comment, and a window that is never full', async () => {
    const chunk = Buffer.concat(Array.from({ length: 2000 }, () => frame(1, 'z'.repeat(60))))
    const { path } = await record(sink => {
      const talk = new Talk(sink)
      for (let at = 0; at < 100; at++) talk.say('client', chunk)
      talk.close()
    })
    expect(tshark(path, '-Y', 'tcp.analysis.flags')).toBe('')
    const [first] = tshark(path, '-c', '1', '-T', 'fields', '-e', 'frame.time_epoch', '-e', 'frame.comment').split('\n')
    expect(first).toBe('1764000000.123457789\tmqinspect: flow 1, 127.0.0.1:50001 → 127.0.0.1:7, Toy 1.0')
  })
})
