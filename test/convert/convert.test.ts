import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { readCapture } from '../../src/capture/index.ts'
import { type ConvertRequest, convert } from '../../src/convert/index.ts'
import type { Sink } from '../../src/flow.ts'
import { Blocks, bytes, Talk } from '../capture/build.ts'
import { hasTshark, tshark } from '../recording/record.ts'

const fixture = (name: string): string => new URL(`../../fixtures/captures/${name}`, import.meta.url).pathname

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'mqinspect-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

const request: Omit<ConvertRequest, 'input' | 'output'> = {
  view: 'frames',
  'redact-secrets': false,
  'show-secrets': false,
  quiet: true,
}
const run = (input: string, output: string, more: Partial<ConvertRequest> = {}): Promise<number> =>
  convert({ ...request, ...more, input, output }, new AbortController().signal)

type Line = Readonly<Record<string, unknown>>
const linesOf = async (path: string): Promise<Line[]> =>
  (await readFile(path, 'utf8'))
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as Line)

describe('pcapng ⇄ NDJSON', () => {
  const side = fc.constantFrom('client', 'server')
  const data = fc.oneof(
    fc.string({ minLength: 1, maxLength: 40, unit: 'binary' }).filter(text => text.isWellFormed()),
    fc.uint8Array({ minLength: 1, maxLength: 40 }).map(bytes => ({ base64: Buffer.from(bytes).toString('base64') })),
  )
  /** Of a packet: nobody has written anything, as a rule. */
  const comments = fc.array(fc.string({ minLength: 1, maxLength: 20 }), { maxLength: 2, size: 'xsmall' })
  const much = fc.constant('long '.repeat(20_000))
  const stream = fc.array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          from: side,
          comments,
          data: fc.oneof({ weight: 9, arbitrary: data }, { weight: 1, arbitrary: much }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ from: side, gap: fc.integer({ min: 1, max: 100_000 }) }) },
    ),
    { minLength: 1, maxLength: 6 },
  )
  const datagrams = fc.array(fc.record({ from: side, comments, data }), { minLength: 1, maxLength: 6 })
  const host = fc.constantFrom('127.0.0.1', '::1', '10.1.2.3', '/run/a.sock')
  const flow = fc.record({
    joined: fc.constantFrom('start', 'middle'),
    client: host,
    server: host,
    ending: fc.constantFrom('fin', 'reset', 'lost'),
    said: fc.oneof(
      stream.map(said => ({ transport: 'stream', said })),
      datagrams.map(said => ({ transport: 'datagram', said })),
    ),
  })

  /** What flows say, one after the other and each for itself, in the lines that describe it. */
  function written(flows: readonly (typeof flow extends fc.Arbitrary<infer T> ? T : never)[]): Line[] {
    let clock = 1_763_884_800_000_000_123n
    const time = (): string => {
      clock += 1_001n
      return `${new Date(Number(clock / 1_000_000n)).toISOString().slice(0, -4)}${String(clock % 1_000_000_000n).padStart(9, '0')}Z`
    }
    const lines: Line[] = [{ recording: 1, origin: time() }]
    flows.forEach(({ joined, client, server, ending, said: { transport, said } }, at) => {
      const id = at + 1
      const open = {
        transport,
        client: { host: client, port: client.startsWith('/') ? 0 : 40_000 + id },
        server: { host: server, port: server.startsWith('/') ? 0 : 9 },
        joined: transport === 'datagram' ? 'start' : joined,
      }
      lines.push({ flow: id, time: time(), open })
      for (const { comments = [], ...one } of said as readonly (Line & { comments?: string[] })[]) {
        for (const comment of comments) lines.push({ flow: id, from: one.from, comment })
        lines.push({ flow: id, time: time(), ...one })
      }
      if (transport === 'stream' && ending !== 'lost') {
        // A reset is the end of both sides at once.
        const [first, second] = [time(), time()]
        lines.push({ flow: id, time: first, from: 'client', end: ending })
        lines.push({ flow: id, time: ending === 'reset' ? first : second, from: 'server', end: ending })
      }
      lines.push({ flow: id, closed: true })
    })
    return lines
  }

  /** As one can compare it: each flow's bytes and holes with their times, neighbours of one time and side together. */
  function meaning(lines: readonly Line[]): unknown {
    const flows = new Map<unknown, Line[]>()
    // What random bytes were taken for is said on the way.
    for (const { flow: id, ...all } of lines.slice(1)) {
      if ('closed' in all) continue
      const line = 'open' in all ? { ...all, open: { ...(all.open as Line), protocols: undefined } } : all
      const said = flows.get(id) ?? []
      flows.set(id, said)
      const last = said.at(-1) ?? {}
      const bytes = 'data' in line ? bytesOf(line.data) : undefined
      if (bytes !== undefined && last.time === line.time && last.from === line.from && last.bytes !== undefined) {
        said[said.length - 1] = { ...last, bytes: last.bytes + bytes }
      } else {
        const { data: _, ...rest } = line
        said.push(bytes === undefined ? rest : { ...rest, bytes })
      }
    }
    return [...flows].sort(([a], [b]) => Number(a) - Number(b))
  }
  const bytesOf = (value: unknown): string =>
    (typeof value === 'string'
      ? Buffer.from(value)
      : Buffer.from((value as { base64: string }).base64, 'base64')
    ).toString('latin1')

  test('nothing is lost on the way there and back', async () => {
    const path = await folder()
    const [there, and, back] = ['a.ndjson', 'b.pcapng', 'c.ndjson'].map(name => join(path, name)) as [
      string,
      string,
      string,
    ]
    await fc.assert(
      fc.asyncProperty(fc.array(flow, { minLength: 1, maxLength: 4 }), async flows => {
        const lines = written(flows)
        await writeFile(there, `${lines.map(line => JSON.stringify(line)).join('\n')}\n`)
        expect(await run(there, and)).toBe(0)
        expect(await run(and, back)).toBe(0)
        expect(meaning(await linesOf(back))).toEqual(meaning(lines))
      }),
      { numRuns: 60 },
    )
  })

  test('a second time nothing changes at all', async () => {
    const path = await folder()
    for (const name of ['amqp091.pcapng', 'mqtt5_gap_drop_frame29.pcap', 'mqtt5_ipfrag.pcap']) {
      const [first, pcapng, second] = ['a.ndjson', 'b.pcapng', 'c.ndjson'].map(file => join(path, file)) as [
        string,
        string,
        string,
      ]
      await run(fixture(name), first)
      await run(first, pcapng)
      await run(pcapng, second)
      expect(await readFile(second, 'utf8')).toBe(await readFile(first, 'utf8'))
      expect((await stat(second)).mode & 0o777).toBe(0o600)
      if (hasTshark) expect(tshark(pcapng, '-Y', '_ws.malformed or tcp.checksum.status == 0')).toBe('')
    }
  })

  test('what somebody wrote about a packet stays with it', async () => {
    const path = await folder()
    const [capture, pcapng, ndjson, back, safe] = ['a', 'b', 'c', 'd', 'e'].map((name, at) =>
      join(path, `${name}.${at === 2 ? 'ndjson' : 'pcapng'}`),
    ) as [string, string, string, string, string]
    const talk = new Talk()
    const b = new Blocks(true)
    const remark = (text: string) => b.option(1, Buffer.from(text))
    await writeFile(
      capture,
      bytes(
        ...[b.section, b.interface(1), b.enhanced(talk.client(1, 'one')), b.enhanced(talk.server(1, 'two'))],
        ...[b.enhanced(talk.client(4, 'three'), undefined, 0, remark('look here'), remark('and here'))],
        b.enhanced(talk.server(4, 'four')),
      ),
    )
    const remarks = async (file: string) =>
      (await readCapture({ path: file }, nowhere)).comments.map(({ text }) => text).filter(isRemark)
    await run(capture, pcapng)
    await run(pcapng, ndjson)
    await run(ndjson, back)
    for (const file of [capture, pcapng, back]) expect(await remarks(file)).toEqual(['look here', 'and here'])
    const lines = await linesOf(ndjson)
    const at = lines.findIndex(({ comment }) => comment === 'look here')
    expect(lines.slice(at, at + 3)).toEqual([
      { flow: 1, from: 'client', comment: 'look here' },
      { flow: 1, from: 'client', comment: 'and here' },
      expect.objectContaining({ from: 'client', data: 'three' }),
    ])
    // They may quote what is to be hidden.
    await run(capture, safe, { 'redact-secrets': true })
    expect(await remarks(safe)).toEqual([])
  })
})

const isRemark = (text: string): boolean => !text.startsWith('mqinspect: ')
const nowhere: Sink = { start() {}, open: () => ({ data() {}, gap() {}, end() {}, close() {} }) }
