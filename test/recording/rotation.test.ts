import { execFileSync } from 'node:child_process'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { TLS_KEY_LOG } from '../../src/keylog.ts'
import { parseRotation, parseSize } from '../../src/recording/index.ts'
import { frame } from '../output/toy.ts'
import { hasTshark, metadataIn, readBack, record, recordingPath, Talk, tshark } from './record.ts'

const SIZE = 64 << 10
const chunk = Buffer.concat(Array.from({ length: 250 }, (_, at) => frame(1, `message ${at}`.padEnd(60, '.'))))
const key = `CLIENT_RANDOM ${'ab'.repeat(32)} ${'cd'.repeat(48)}\n`

/** Two flows that take turns, over several files. */
async function rotated(keep?: number, path?: string) {
  const written = path ?? (await recordingPath())
  const { summary, packets } = await record(
    sink => {
      sink.secrets?.(TLS_KEY_LOG, Buffer.from(key))
      const talks = [1, 2].map(id => new Talk(sink, { id, client: { host: '127.0.0.1', port: 50_000 + id } }))
      for (let at = 0; at < 8; at++) for (const talk of talks) talk.say('client', chunk).say('server', chunk)
      for (const talk of talks) talk.end('client').end('server').close()
    },
    { path: written, rotation: { bytes: SIZE }, keepSecrets: true, ...(keep === undefined ? {} : { keep }) },
  )
  const folder = dirname(written)
  const files = (await readdir(folder)).filter(name => name.startsWith('recording')).sort()
  return { summary, packets, files: files.map(name => join(folder, name)) }
}

test('a recording goes on in another file before one grows beyond its bound', async () => {
  const { files, summary } = await rotated()
  expect(files.length).toBe(summary.files)
  expect(files.length).toBeGreaterThan(6)
  expect(files.map(path => path.slice(-20))).toContain('recording-00001.pcapng'.slice(-20))
  for (const path of files) {
    const { size, mode } = await stat(path)
    // The index comes on top.
    expect(size).toBeLessThan(SIZE + 2048)
    expect(mode & 0o777).toBe(0o600)
  }
})

test('each file stands alone: its keys, its flows with their numbers and sides, all frames', async () => {
  const { files, packets } = await rotated()
  let frames = 0
  for (const [at, path] of files.entries()) {
    const bytes = await readFile(path)
    expect(bytes.includes(key)).toBe(true)
    expect(metadataIn(bytes, 'session')[0]).toMatchObject({ part: at + 1 })
    const back = await readBack(path)
    expect(back.damage).toBeUndefined()
    expect(back.endings.filter(text => text.includes('gap'))).toEqual([])
    frames += back.packets.length
    for (const flow of back.flows) {
      expect(flow.client.port).toBe(50_000 + flow.id)
      expect(flow.server.port).toBe(7)
      if (at > 0) expect(flow).toMatchObject({ joined: 'middle', protocols: ['toy'] })
    }
  }
  expect(frames).toBe(packets.length)
})

test('what went before is told of a flow that goes on', async () => {
  const { files } = await rotated()
  const introductions = metadataIn(await readFile(files[2]!), 'flow')
  expect(introductions.length).toBeGreaterThan(0)
  for (const { before, joined } of introductions) {
    expect(joined).toBe('middle')
    expect(before!.client % chunk.length).toBe(0)
    expect(before!.client).toBeGreaterThan(0)
  }
})

test('only so many files are kept, those of earlier runs included, and none is written over', async () => {
  const path = await recordingPath()
  await writeFile(path.replace('.pcapng', '-00041.pcapng'), 'of an earlier run')
  const { files, summary } = await rotated(3, path)
  const numbers = files.map(file => Number(file.slice(-12, -7)))
  expect(numbers).toHaveLength(3)
  expect(numbers.at(-1)).toBe(41 + summary.files)
  expect((await readBack(files.at(-1)!)).damage).toBeUndefined()
})

test('after some time, too, but no file is left empty', async () => {
  const path = await recordingPath()
  await record(
    async sink => {
      const talk = new Talk(sink).say('client', frame(1, 'a'))
      await new Promise(resolve => setTimeout(resolve, 30))
      talk.say('client', frame(1, 'b')).close()
    },
    { path, rotation: { time: 20 } },
  )
  const files = (await readdir(dirname(path))).sort()
  // On a busy machine more time may pass before it is closed.
  expect(files.slice(0, 2)).toEqual(['recording-00001.pcapng', 'recording-00002.pcapng'])
  for (const file of files) expect((await readBack(join(dirname(path), file))).flows).toHaveLength(1)
})

describe.skipIf(!hasTshark)('Wireshark (skipped where there is no tshark)', () => {
  test('opens each, and finds nothing wrong with all of them together', async () => {
    const { files } = await rotated()
    for (const path of files) expect(tshark(path, '-Y', '_ws.malformed or tcp.checksum.status != 1')).toBe('')
    const all = await recordingPath()
    execFileSync('mergecap', ['-a', '-w', all, ...files])
    expect(tshark(all, '-Y', 'tcp.analysis.flags')).toBe('')
  })
})

test.each([
  ['4096', 4096],
  ['100MB', 100_000_000],
  ['1.5 GiB', 1.5 * 2 ** 30],
  ['64kb', 64_000],
  ['10m', undefined],
  ['MB', undefined],
])('%s is a size of %s bytes', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes)
})

test('a rotation is a size, a time or both', () => {
  expect(parseRotation('100MB')).toEqual({ bytes: 100e6 })
  expect(parseRotation('10m')).toEqual({ time: 600_000 })
  expect(parseRotation('1GB,1h')).toEqual({ bytes: 1e9, time: 3_600_000 })
  expect(() => parseRotation('10B')).toThrow('at least 64 KiB')
  expect(() => parseRotation('often')).toThrow('not a duration')
})
