import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { CaptureError, type CaptureInput, readCapture } from '../../src/capture/index.ts'
import { bytes, chunked, type PcapOptions, pcap, Recorder, read, Talk } from './build.ts'

const folder = mkdtempSync(join(tmpdir(), 'mqinspect-capture-'))
afterAll(() => rmSync(folder, { recursive: true }))

const talk = new Talk()
const packets = [...talk.handshake, talk.client(1, 'hello'), talk.server(1, 'world', 'AP', 6)]
const file = pcap(packets)

test.each<[string, PcapOptions]>([
  ['microseconds, little-endian', {}],
  ['microseconds, big-endian', { little: false }],
  ['nanoseconds, little-endian', { nano: true }],
  ['nanoseconds, big-endian', { nano: true, little: false }],
])('pcap: %s', async (_name, options) => {
  const times = packets.map((packet, i) => ({ bytes: packet, time: 999_999_000 + i * 123_456_789 }))
  const { flows, origin, summary } = await read(pcap(times, options))
  expect(flows[0]?.text('client')).toBe('hello')
  const exact = (time: number) => (options.nano ? time : Math.floor(time / 1000) * 1000)
  const start = exact(999_999_000)
  expect(origin).toBe(1_700_000_000_000_000_000n + BigInt(start))
  expect(flows[0]?.times).toEqual([3, 4].map(i => exact(999_999_000 + i * 123_456_789) - start))
  expect(summary).toMatchObject({ format: 'pcap', packets: 5, origin, first: 0, damage: undefined })
  expect(summary.last).toBe(flows[0]?.times[1])
})

test('Kuznetzov’s variant, with its longer record headers', async () => {
  const plain = pcap([talk.client(1, 'x')])
  const header = Buffer.from(plain.subarray(0, 24))
  header.writeUInt32LE(0xa1b2cd34)
  const modified = bytes(header, plain.subarray(24, 40), new Uint8Array(8), plain.subarray(40))
  expect((await read(modified)).flows[0]?.text('client')).toBe('x')
})

test('in chunks of any size', async () => {
  for (const size of [1, 2, 3, 7, 16, 24, 25, 60, 100, 1000]) {
    const { flows } = await read(file, {}, size)
    expect(flows[0]?.text('client')).toBe('hello')
  }
})

test.each([
  ['gzip', gzipSync(file)],
  ['gzip of several members', Buffer.concat([gzipSync(file.subarray(0, 100)), gzipSync(file.subarray(100))])],
  ['zstd', zstdCompressSync(file)],
  [
    'zstd of several frames',
    Buffer.concat([zstdCompressSync(file.subarray(0, 100)), zstdCompressSync(file.subarray(100))]),
  ],
])('%s', async (name, packed) => {
  for (const size of [1, 10, packed.length]) {
    const { flows, summary } = await read(packed, {}, size)
    expect(flows[0]?.text('server')).toBe('world')
    expect(summary).toMatchObject({
      format: `pcap (${name.split(' ')[0]})`,
      bytes: packed.length,
      damage: undefined,
    })
  }
})

test.each([
  ['gzip', gzipSync],
  ['zstd', zstdCompressSync],
])('%s, cut off: what is there is delivered', async (name, pack) => {
  const noise = Array.from({ length: 6000 }, (_, i) =>
    talk.client(6 + i * 97, Buffer.from(`${Math.sin(i)}`.repeat(6)).subarray(0, 97)),
  )
  const packed = pack(pcap([...packets, ...noise]))
  const { flows, summary } = await read(packed.subarray(0, packed.length - 200))
  expect(flows[0]?.text('client')).toMatch(/^hello/)
  expect(flows[0]?.log.at(-1)).toEqual(['close'])
  expect(summary.damage?.message).toMatch(/cut|middle/)
  expect(summary.format).toBe(`pcap (${name})`)
})

test('gzip with damage in the middle: what stands before it is delivered', async () => {
  const noise = Array.from({ length: 3000 }, (_, i) =>
    talk.client(6 + i * 97, Buffer.from(`${Math.sin(i)}`.repeat(6)).subarray(0, 97)),
  )
  const packed = Buffer.from(gzipSync(pcap([...packets, ...noise])))
  packed.fill(0xff, packed.length >> 1, (packed.length >> 1) + 50)
  const { summary } = await read(packed, {}, 4096)
  expect(summary.damage?.message).toMatch(/gzip data is cut or damaged|claims/)
  expect(summary.packets).toBeGreaterThan(100)
})

test('a file is read by its path, in blocks, with progress', async () => {
  const path = join(folder, 'large.pcap')
  const many = Array.from({ length: 4000 }, (_, i) => talk.client(1 + i * 1000, String(i).padEnd(1000)))
  writeFileSync(path, pcap([...talk.handshake, ...many]))
  const recorder = new Recorder()
  const seen: (readonly [number, number | undefined])[] = []
  const summary = await readCapture({ path }, recorder, { onProgress: (done, total) => seen.push([done, total]) })
  expect(recorder.flows[0]?.text('client')).toBe(many.map((_, i) => String(i).padEnd(1000)).join(''))
  const size = readFileSync(path).length
  expect(summary.bytes).toBe(size)
  expect(seen.length).toBeGreaterThan(2)
  expect(seen.at(-1)).toEqual([size, size])
})

test.each(['plain', 'gzip'])('a pipe that is still written to: results come as the bytes do (%s)', async kind => {
  const stream = new PassThrough()
  const recorder = new Recorder()
  let told = (_text: string): void => {}
  recorder.onData = text => told(text)
  const reading = readCapture({ stream, name: 'pipe' }, recorder)
  const head = pcap(talk.handshake)
  const pack = (part: Uint8Array) => (kind === 'gzip' ? gzipSync(part) : part)
  stream.write(pack(head))
  const skip = pcap([]).length
  let seq = 1
  for (const word of ['one', 'two', 'three']) {
    const arrived = new Promise<string>(resolve => {
      told = resolve
    })
    stream.write(pack(pcap([talk.client(seq, word)]).subarray(skip)))
    expect(await arrived).toBe(word)
    seq += word.length
  }
  stream.end()
  expect((await reading).packets).toBe(6)
})

test('a named pipe, through its path', async () => {
  const path = join(folder, 'fifo')
  await new Promise(resolve => spawn('mkfifo', [path]).on('close', resolve))
  writeFileSync(join(folder, 'small.pcap'), file)
  const cat = spawn('sh', ['-c', `cat "${join(folder, 'small.pcap')}" > "${path}"`])
  const recorder = new Recorder()
  await readCapture({ path }, recorder)
  expect(recorder.flows[0]?.text('client')).toBe('hello')
  await new Promise(resolve => (cat.exitCode === null ? cat.on('close', resolve) : resolve(0)))
})

test('aborted: what was read is delivered and closed, though the pipe stays open', async () => {
  const stream = new PassThrough()
  const recorder = new Recorder()
  const abort = new AbortController()
  recorder.onData = () => setTimeout(() => abort.abort())
  stream.write(file)
  const summary = await readCapture({ stream, name: 'pipe' }, recorder, { signal: abort.signal })
  expect(summary).toMatchObject({ aborted: true, packets: 5, damage: undefined })
  expect(recorder.flows[0]?.log.at(-1)).toEqual(['close'])
})

test('the sink is waited for between blocks', async () => {
  const events: string[] = []
  const sink = {
    start: () => {},
    open: () => ({ data: () => events.push('data'), gap() {}, end() {}, close() {} }),
    drain: () => {
      events.push('drain')
      return new Promise<void>(resolve =>
        setTimeout(() => {
          events.push('drained')
          resolve()
        }, 5),
      )
    },
  }
  await readCapture({ stream: chunked(file, file.length - 59), name: 'x' }, sink)
  expect(events.join(' ')).toBe('data drain drained data drain drained drain drained')
})

test('views stay what they were: no block is written to again', async () => {
  const kept: (readonly [Uint8Array, string])[] = []
  const sink = {
    start() {},
    open: () => ({
      data: (_side: string, view: Uint8Array) => void kept.push([view, Buffer.from(view).toString()]),
      gap() {},
      end() {},
      close() {},
    }),
  }
  const many = Array.from({ length: 5000 }, (_, i) => talk.client(1 + i * 700, String(i).padEnd(700)))
  const path = join(folder, 'views.pcap')
  writeFileSync(path, pcap([...talk.handshake, ...many]))
  writeFileSync(`${path}.gz`, gzipSync(readFileSync(path)))
  const small = chunked(readFileSync(path), 5001)
  for (const input of [{ path }, { path: `${path}.gz` }, { stream: small, name: 'small' }] satisfies CaptureInput[]) {
    kept.length = 0
    await readCapture(input, sink)
    expect(kept.length).toBe(5000)
    expect(kept.every(([view, text]) => Buffer.from(view).toString() === text)).toBe(true)
    expect(kept.every(([view]) => view.constructor === Uint8Array)).toBe(true)
  }
})

// ---- damage

test('cut in the middle of a record: the packet is used as far as it goes', async () => {
  const { flows, summary } = await read(file.subarray(0, file.length - 3))
  expect(flows[0]?.text('server')).toBe('wo···')
  expect(summary.damage).toEqual({ offset: file.length - 75, message: 'the file ends in the middle of a packet' })
})

test('cut at every byte: what comes before is delivered, and nothing is thrown but the file being no capture', async () => {
  const ends = new Set([24])
  for (let at = 24, i = 0; i < packets.length; i++) ends.add((at += 16 + (packets[i] as Uint8Array).length))
  for (let length = 4; length < file.length; length++) {
    const { summary } = await read(file.subarray(0, length))
    expect(summary.damage === undefined).toBe(ends.has(length))
  }
})

test('a record that claims too much: reading goes on at the next that can be found', async () => {
  const many = Array.from({ length: 50 }, (_, i) => talk.client(1 + i * 4, 'abcd'))
  const whole = Buffer.from(pcap(many))
  const record = 16 + (many[0] as Uint8Array).length
  whole.writeUInt32LE(0x7fff_ffff, 24 + 20 * record + 8)
  const { flows, summary } = await read(whole)
  expect(summary.damage).toEqual({ offset: 24 + 20 * record, message: 'a record claims 2147483647 bytes' })
  expect(summary.packets).toBe(49)
  expect(flows[0]?.text('client')).toBe(`${'abcd'.repeat(20)}····${'abcd'.repeat(29)}`)
})

test('garbage in the middle: skipped; garbage to the end: reading stops', async () => {
  const one = pcap([talk.client(1, 'a'), talk.client(2, 'b')])
  const two = pcap([talk.client(3, 'c'), talk.client(4, 'd')]).subarray(24)
  const garbage = Buffer.alloc(1000, 0xee)
  const between = await read(bytes(one, garbage, two), {}, 100)
  expect(between.flows[0]?.text('client')).toBe('abcd')
  expect(between.summary.damage?.offset).toBe(one.length)
  const tail = await read(bytes(one, Buffer.alloc(500_000, 0xee), two))
  expect(tail.flows[0]?.text('client')).toBe('ab')
})

// ---- what is no capture

const refused = async (input: CaptureInput): Promise<CaptureError> => {
  const error = await readCapture(input, new Recorder()).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(CaptureError)
  return error as CaptureError
}

test.each([
  ['empty', '', 'x is empty'],
  ['two bytes', 'ab', 'x is not a capture: it is only 2 bytes long'],
  ['text', 'GET / HTTP/1.1\r\nHost: a\r\n', 'x is not a capture: it is text, beginning "GET / HTTP/1.1"'],
  ['text with umlauts', 'Übermäßig', 'x is not a capture: it is text, beginning "Übermäßig"'],
  ['zip', 'PK\x03\x04....', 'x is not a capture: it is a zip archive'],
  ['snoop', 'snoop\0\0\0\0\0\0\x02', 'x is not a capture: it is a snoop capture'],
])('%s is no capture', async (_name, content, message) => {
  const error = await refused({ stream: chunked(bytes(content)), name: 'x' })
  expect(error.message).toBe(message)
  expect(error.next).toMatch(/\.$/)
  expect(error.exit).toBe(4)
})

test('compressed, but no capture inside', async () => {
  const of = (content: Uint8Array | string) => refused({ stream: chunked(gzipSync(content)), name: 'x' })
  expect((await of('just text')).message).toBe('x is not a capture: it is text, beginning "just text", inside gzip')
  expect((await of(gzipSync(file))).message).toBe('x is not a capture: it is gzip-compressed, inside gzip')
  expect((await of('')).message).toBe('x is empty inside')
  const bad = await refused({ stream: chunked(bytes(0x1f, 0x8b, 0xff, 0xff, 0xff)), name: 'x' })
  expect(bad.message).toMatch(/^x cannot be read: the gzip data is cut or damaged/)
})

test('binary that is nothing we know', async () => {
  const error = await refused({ stream: chunked(Uint8Array.of(1, 2, 3, 4, 5)), name: 'x' })
  expect(error).toMatchObject({ offset: 0, message: expect.stringContaining('beginning with the bytes 0102030405') })
})

test('missing, a directory', async () => {
  expect((await refused({ path: join(folder, 'none') })).message).toBe(`there is no file ${join(folder, 'none')}`)
  expect((await refused({ path: folder })).message).toBe(`${folder} is a directory`)
})

test.skipIf(process.getuid?.() === 0)('not permitted (left out for root, who may read all)', async () => {
  const path = join(folder, 'secret')
  writeFileSync(path, file)
  chmodSync(path, 0)
  expect((await refused({ path })).message).toBe(`no permission to read ${path}`)
})

test('a capture without packets is one, and the sink learns that it began', async () => {
  const { origin, summary } = await read(pcap([]))
  expect(origin).toBe(0n)
  expect(summary).toMatchObject({ packets: 0, origin: undefined, first: 0, last: 0, damage: undefined })
})

test('a pipe that breaks: what came is delivered', async () => {
  async function* breaking() {
    yield Uint8Array.from(file)
    throw new Error('read ECONNRESET')
  }
  const recorder = new Recorder()
  const summary = await readCapture({ stream: breaking(), name: 'pipe' }, recorder)
  expect(summary.damage).toEqual({ offset: file.length, message: 'reading failed: read ECONNRESET' })
  expect(recorder.flows[0]?.text('server')).toBe('world')
})
