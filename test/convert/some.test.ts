import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { mqinspect } from '../commands/cli.ts'

const CAPTURE = new URL('../../fixtures/captures/amqp091.pcapng', import.meta.url).pathname

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'mqinspect-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

type Row = Readonly<Record<string, unknown>>
const rows = async (path: string, ...more: string[]): Promise<Row[]> => {
  const { stdout, code, stderr } = await mqinspect(['decode', path, '--json', ...more])
  expect([code, stderr]).toEqual([0, ''])
  return stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as Row)
}
const types = async (path: string, ...more: string[]): Promise<unknown[]> =>
  (await rows(path, ...more)).map(({ type, time }) => `${time} ${type}`)

describe('some of it', () => {
  test('connections by their number', async () => {
    const out = join(await folder(), 'one.pcapng')
    const all = await rows(CAPTURE, '--view', 'flows')
    const wanted = String(all.length)
    expect((await mqinspect(['convert', CAPTURE, out, '--flow', wanted])).code).toBe(0)
    expect(await types(out)).toEqual(await types(CAPTURE, '--flow', wanted))
    // It keeps its number.
    expect((await rows(out, '--view', 'flows')).map(({ flow }) => flow)).toEqual([all.length])
  })

  test('connections of which a frame matches, whole', async () => {
    const out = join(await folder(), 'matching.pcapng')
    const filter = 'type == "basic.publish"'
    const wanted = [...new Set((await rows(CAPTURE, '-Y', filter)).map(({ flow }) => String(flow)))]
    expect(wanted.length).toBeGreaterThan(0)
    expect((await mqinspect(['convert', CAPTURE, out, '-Y', filter])).code).toBe(0)
    expect(await types(out)).toEqual(await types(CAPTURE, ...wanted.flatMap(flow => ['--flow', flow])))
  })

  test('a stretch of time, absolute or since the beginning, with an index', async () => {
    const path = await folder()
    const [whole, part] = [join(path, 'whole.pcapng'), join(path, 'part.pcapng')]
    expect((await mqinspect(['convert', CAPTURE, whole])).code).toBe(0)
    const all = (await rows(whole)).map(({ time }) => String(time))
    const [from, to] = [all[Math.floor(all.length / 3)]!, all[Math.floor((all.length * 2) / 3)]!]
    expect((await mqinspect(['convert', whole, part, '--from', from, '--to', to])).code).toBe(0)
    const cut = (await rows(part)).filter(({ type }) => type !== 'gap').map(({ time }) => String(time))
    expect(cut.length).toBeGreaterThan(5)
    // Which side's frames come first where both wait to be told apart is not what is asked here.
    expect(cut.sort()).toEqual(all.filter(time => time >= from && time <= to))
    expect((await readFile(part)).includes('{"mqinspect":"index"')).toBe(true)
  })
})

describe('CSV', () => {
  test('is a view, the same as decode shows', async () => {
    const path = await folder()
    for (const view of ['frames', 'messages', 'exchanges', 'flows']) {
      const out = join(path, `${view}.csv`)
      expect(await mqinspect(['convert', CAPTURE, out, '--view', view])).toMatchObject({ code: 0, stdout: '' })
      const { stdout } = await mqinspect(['decode', CAPTURE, '--view', view, '--format', 'csv'])
      expect(await readFile(out, 'utf8')).toBe(stdout)
      expect((await stat(out)).mode & 0o777).toBe(0o600)
    }
  })

  test('with the rows and columns that are asked for, of NDJSON too', async () => {
    const path = await folder()
    const ndjson = join(path, 'all.ndjson')
    expect((await mqinspect(['convert', CAPTURE, ndjson])).code).toBe(0)
    const flags = ['--fields', 'frame,flow,type', '-Y', 'type == "basic.publish"']
    const { stdout } = await mqinspect(['convert', ndjson, '-', '--format', 'csv', ...flags])
    expect(stdout).toBe((await mqinspect(['convert', CAPTURE, '-', '--format', 'csv', ...flags])).stdout)
    expect(stdout.split('\r\n')[0]).toBe('frame,flow,type')
    expect(stdout).toMatch(/^\d+,\d+,basic\.publish\r$/m)
  })
})

test('a capture to be given away: what is redacted is in no form of it, and it still decodes', async () => {
  const path = await folder()
  const [pcapng, ndjson] = [join(path, 'public.pcapng'), join(path, 'public.ndjson')]
  const flags = ['--redact-secrets', '--redact', 'message.body', '--redact', 'amqp091.routingKey=hash']
  const bodies = (await rows(CAPTURE, '--view', 'messages'))
    .map(({ body }) => body)
    .filter(body => typeof body === 'string')
  const long = bodies.filter(body => body.length >= 8)
  expect(long.length).toBeGreaterThan(0)
  for (const out of [pcapng, ndjson]) {
    expect((await mqinspect(['convert', CAPTURE, out, ...flags])).code).toBe(0)
    const bytes = await readFile(out)
    expect(bytes.includes('\0guest\0guest')).toBe(false)
    for (const body of long) expect(bytes.includes(body)).toBe(false)
  }
  expect(await types(pcapng)).toEqual(await types(CAPTURE))
})

describe('what goes wrong', () => {
  test.each([
    [['in.pcapng', 'out.xlsx'], 2, 'out.xlsx: what is it to be?'],
    [['in.pcapng', '-', '--format', 'pcapng'], 2, 'a pcapng is not written to standard output'],
    [['none.pcapng', 'out.pcapng'], 4, 'none.pcapng'],
    [['in.pcapng', 'in.pcapng'], 2, 'a file is not converted into itself'],
    [['in.pcapng', 'out.csv', '--redact', 'message.body'], 2, '--redact overwrites what was carried'],
    [['in.pcapng', 'out.pcapng', '--from', 'noon'], 2, '--from noon: not a time'],
    [['in.pcapng', 'none/out.ndjson'], 1, 'cannot be written'],
    [['bad.ndjson', 'out.pcapng'], 4, 'bad.ndjson, line 3: neither data, nor a gap, nor an end'],
  ])('%s', async (args, code, message) => {
    const cwd = await folder()
    await writeFile(join(cwd, 'in.pcapng'), await readFile(CAPTURE))
    const open = {
      transport: 'stream',
      client: { host: '::1', port: 1 },
      server: { host: '::1', port: 2 },
      joined: 'start',
    }
    const time = '2026-11-23T06:46:00Z'
    const lines = [
      { recording: 1, origin: time },
      { flow: 1, time, open },
      { flow: 1, time, from: 'client' },
    ]
    await writeFile(join(cwd, 'bad.ndjson'), lines.map(line => JSON.stringify(line)).join('\n'))
    const ended = await mqinspect(['convert', ...args], { cwd })
    expect(ended.stderr).toContain(message)
    expect(ended.code).toBe(code)
  })

  test('a capture that is cut: what could be read is converted, and that is told', async () => {
    const cwd = await folder()
    await writeFile(join(cwd, 'cut.pcapng'), (await readFile(CAPTURE)).subarray(0, -10))
    const { code, stderr } = await mqinspect(['convert', 'cut.pcapng', 'out.ndjson'], { cwd })
    expect(code).toBe(4)
    expect(stderr).toContain('What could be read was converted.')
    expect((await readFile(join(cwd, 'out.ndjson'), 'utf8')).split('\n').length).toBeGreaterThan(10)
  })
})
