import { open, readFile, stat, truncate } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { readCapture } from '../../src/capture/index.ts'
import { Inspector } from '../../src/inspector.ts'
import { appendIndex, type RecordingIndex, readIndex, rebuildIndex, stretchesFor } from '../../src/recording/index.ts'
import { onlyFlows, seek } from '../../src/seeking.ts'
import { frame, toy } from '../output/toy.ts'
import { hasTshark, metadataIn, record, Talk, tshark } from './record.ts'

const inspection = { codecs: [toy], decodeAs: [] }
const FLOWS = 12
const chunk = Buffer.concat(Array.from({ length: 1000 }, (_, at) => frame(1, `message ${at}`.padEnd(60, '.'))))

/** Twelve flows of a megabyte each: a few at a time, each beginning while the last ones go on, and ending in between. */
async function recording() {
  return record(sink => {
    const talks: Talk[] = []
    for (let turn = 0; turn < FLOWS + 2; turn++) {
      if (turn < FLOWS) {
        const client = { host: '127.0.0.1', port: 50_000 + turn }
        const talk = new Talk(sink, { id: turn + 1, client, started: turn * 1e9 })
        talks.push(talk)
      }
      const active = talks.slice(Math.max(0, turn - 2), turn + 1)
      for (const talk of active) talk.time = turn * 1e9
      for (let at = 0; at < 3; at++) for (const talk of active) talk.say('client', chunk).say('server', chunk)
      if (turn >= 2) talks[turn - 2]!.end('client').end('server').close()
    }
  })
}

interface Read {
  readonly rows: readonly string[]
  /** Of the file. */
  readonly bytes: number
}

/** What is shown of some flows, with the frames' numbers: of all that is read, or what the index leads to. */
async function read(path: string, wanted: ReadonlySet<number>, index?: RecordingIndex): Promise<Read> {
  const rows: string[] = []
  let origin = 0n
  const inspector = new Inspector(inspection, {
    start: at => {
      origin = at
    },
    packet: ({ id, client, joined }, { side, kind, offset, time }, number) => {
      if (!wanted.has(id)) return
      rows.push([number, id, client.port, joined, side, kind, offset, origin + BigInt(time)].join(' '))
    },
  })
  if (index === undefined) return { bytes: (await readCapture({ path }, inspector)).bytes, rows }
  const stretches = stretchesFor(index, { flows: wanted })
  return { bytes: (await readCapture({ path, stretches }, onlyFlows(wanted, inspector))).bytes, rows }
}

/** The same rows; of many that differ, only the first is shown. */
function expectSame(rows: readonly string[], expected: readonly string[]): void {
  const at = rows.findIndex((row, at) => row !== expected[at])
  expect([at, rows[at]]).toEqual([at, at < 0 ? undefined : expected[at]])
  expect(rows.length).toBe(expected.length)
}

test('by its index, any flow is read as it is when all is read, from a part of the file', async () => {
  const { path } = await recording()
  const index = (await readIndex(path))!
  const { size } = await stat(path)
  for (const wanted of [new Set([1]), new Set([6]), new Set([FLOWS]), new Set([2, 9])]) {
    const some = await read(path, wanted, index)
    expect(some.rows.length).toBe(18_000 * wanted.size)
    expectSame(some.rows, (await read(path, wanted)).rows)
    // A flow lasts for a quarter of the file; around that are up to two stretches of a megabyte.
    expect(some.bytes).toBeLessThan(size * 0.45 * wanted.size)
  }
})

test('where it is missing it is built anew, and leads to the same', async () => {
  const { path } = await recording()
  const own = (await readIndex(path))!
  // As if it had been killed: the end of the last packet is all there is.
  await truncate(path, own.end)
  expect(await readIndex(path)).toBeUndefined()
  const built = await rebuildIndex(path, inspection)
  expect(built.origin).toBe(own.origin)
  for (const flow of [1, 7, FLOWS]) {
    const wanted = new Set([flow])
    expectSame((await read(path, wanted, built)).rows, (await read(path, wanted)).rows)
  }
  await appendIndex(path, inspection)
  expect(await readIndex(path)).toEqual(built)
  const input = await seek(path, { flows: new Set([3]) })
  expect('stretches' in input && input.stretches!.length).toBeGreaterThan(1)
})

test('what is cut within its last block still gets an index, without that block', async () => {
  const { path } = await recording()
  const { end } = (await readIndex(path))!
  await truncate(path, end - 3)
  await appendIndex(path, inspection)
  const index = (await readIndex(path))!
  expect(index.end).toBeLessThan(end - 3)
  expect((await readCapture({ path }, new Inspector(inspection, {}))).damage).toBeUndefined()
})

test('by times, too', async () => {
  const { path } = await recording()
  const index = (await readIndex(path))!
  const second = index.origin + 5_000_000_000n
  const stretches = stretchesFor(index, { from: second, to: second + 1_000_000n })
  const { bytes } = await readCapture({ path, stretches }, new Inspector(inspection, {}))
  expect(bytes).toBeGreaterThan(500_000)
  expect(bytes).toBeLessThan((await stat(path)).size * 0.35)
})

describe('what is no index', () => {
  /** Overwrites what stands in the file's last block, whose JSON is that long. */
  async function spoilt(change: (json: string) => string): Promise<string> {
    const { path } = await recording()
    const bytes = await readFile(path)
    const [root] = metadataIn(bytes, 'index')
    const { kind, ...rest } = root!
    const json = JSON.stringify({ mqinspect: kind, ...rest })
    const at = bytes.lastIndexOf(json)
    expect(at).toBeGreaterThan(0)
    const file = await open(path, 'r+')
    await file.write(Buffer.from(change(json)), 0, json.length, at)
    await file.close()
    return path
  }

  test.each([
    ['parts that stand elsewhere', (json: string) => json.replace(/"parts":\[\d/, '"parts":[9')],
    ['JSON that is damaged', (json: string) => json.replace('{', '(')],
    ['an end before its beginning', (json: string) => json.replace(/"end":\d+/, found => found.replace(/\d/g, '9'))],
  ])('%s: all of the file is read', async (_, change) => {
    const path = await spoilt(change)
    expect(await readIndex(path)).toBeUndefined()
    expect(await seek(path, { flows: new Set([1]) })).toEqual({ path })
    expect((await read(path, new Set([1]))).rows).toHaveLength(18_000)
  })
})

test.skipIf(!hasTshark)('Wireshark does not mind it (skipped where there is no tshark)', async () => {
  const { path } = await recording()
  expect(tshark(path, '-Y', '_ws.malformed or tcp.analysis.flags')).toBe('')
})
