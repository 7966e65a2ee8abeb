import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Side } from '../../codecs/core/index.ts'
import { readCapture } from '../../src/capture/index.ts'
import type { FlowInfo } from '../../src/flow.ts'
import { captures, folder } from './specimens.ts'

/** Against Wireshark's own reassembly: each side of each connection, byte for byte. */

const tshark = (...args: readonly string[]): string => {
  const { stdout, status, error } = spawnSync('tshark', args, { encoding: 'utf8', maxBuffer: 1 << 28 })
  if (error !== undefined) throw error
  // 2: the file is cut in the middle of a packet, which one of them is meant to be.
  if (status !== 0 && status !== 2) throw new Error(`tshark ${args.join(' ')}: status ${status}`)
  return stdout
}

const there = spawnSync('tshark', ['--version']).status === 0

interface Stream {
  readonly client: string
  readonly server: string
}

const digest = (parts: readonly Uint8Array[]): string => {
  const whole = Buffer.concat(parts)
  return `${whole.length} ${createHash('sha256').update(whole).digest('hex').slice(0, 16)}`
}

/** What `follow` prints: hexadecimal lines, those of the second node indented. */
function followed(path: string, index: number): Stream {
  const lines = tshark('-r', path, '-q', '-z', `follow,tcp,raw,${index}`).split('\n')
  const data = lines.filter(line => /^\t?[0-9a-f]+$/.test(line))
  const of = (indented: boolean) =>
    digest(data.filter(line => line.startsWith('\t') === indented).map(line => Buffer.from(line.trim(), 'hex')))
  return { client: of(false), server: of(true) }
}

async function ours(path: string): Promise<Stream[]> {
  const flows: Record<Side, Uint8Array[]>[] = []
  await readCapture(
    { path },
    {
      start() {},
      open({ transport }: FlowInfo) {
        const sides = { client: [] as Uint8Array[], server: [] as Uint8Array[] }
        if (transport === 'stream') flows.push(sides)
        return { data: (side: Side, view: Uint8Array) => void sides[side].push(view), gap() {}, end() {}, close() {} }
      },
    },
  )
  return flows.map(({ client, server }) => ({ client: digest(client), server: digest(server) }))
}

describe.skipIf(!there)('tshark reassembles the same (left out where tshark is not installed)', () => {
  // Wireshark puts a line of text where bytes are missing, which then looks like data.
  test.each(captures().filter(name => !name.includes('gap')))('%s', async name => {
    const path = folder + name
    const mine = await ours(path)
    const indexes = new Set(tshark('-r', path, '-T', 'fields', '-e', 'tcp.stream').split('\n').filter(Boolean))
    expect(mine.length).toBe(indexes.size)
    expect(mine).toEqual(mine.map((_, index) => followed(path, index)))
  })
})

test('a dropped packet is one gap, of just its length, and all around it is there', async () => {
  const whole = await ours(`${folder}mqtt5.pcap.gz`)
  const gaps: unknown[] = []
  const flows: Record<Side, number>[] = []
  await readCapture(
    { path: `${folder}mqtt5_gap_drop_frame29.pcap` },
    {
      start() {},
      open({ id }) {
        const sides = { client: 0, server: 0 }
        flows.push(sides)
        const gap = (side: Side, length: number) => {
          gaps.push([id, side, length])
          sides[side] += length
        }
        return { data: (side, view) => (sides[side] += view.length), gap, end() {}, close() {} }
      },
    },
  )
  expect(gaps).toEqual([[2, 'client', 34]])
  expect(flows.map(({ client, server }) => [client, server])).toEqual(
    whole.map(({ client, server }) => [client, server].map(text => Number.parseInt(text, 10))),
  )
})
