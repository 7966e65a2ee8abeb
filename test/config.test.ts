import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { configured, type KnownFlags } from '../src/config.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mqinspect-config-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const known: KnownFlags = new Map([
  ['decode', new Set(['format', 'decode-as', 'count', 'quiet'])],
  ['proxy', new Set(['format', 'write'])],
])

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const settings = async (command: string, ...files: string[]) =>
  Object.fromEntries(await configured(command, known, files))

test('flags by their names, for all commands that have them', async () => {
  const path = file('a.yaml', 'format: ndjson\ncount: 10\nquiet: true\n')
  expect(await settings('decode', path)).toEqual({ format: 'ndjson', count: '10', quiet: 'true' })
  expect(await settings('proxy', path)).toEqual({ format: 'ndjson' })
})

test("what stands below a command's name is for that command, and goes before the rest", async () => {
  const path = file('a.yaml', 'format: ndjson\nproxy:\n  format: text\n  write: traffic.pcapng\n')
  expect(await settings('proxy', path)).toEqual({ format: 'text', write: 'traffic.pcapng' })
  expect(await settings('decode', path)).toEqual({ format: 'ndjson' })
})

test('the nearer file goes before the other', async () => {
  const near = file('near.yaml', 'format: tree\n')
  const far = file('far.yaml', 'format: hex\ncount: 3\n')
  expect(await settings('decode', near, far)).toEqual({ format: 'tree', count: '3' })
})

test('a list is as many values', async () => {
  const path = file('a.yaml', 'decode-as:\n  - tcp.port==5673,amqp091\n  - tcp.port==1,mqtt\n')
  expect(await settings('decode', path)).toEqual({ 'decode-as': ['tcp.port==5673,amqp091', 'tcp.port==1,mqtt'] })
})

test('no file, or an empty one, is nothing', async () => {
  expect(await settings('decode', join(folder, 'none.yaml'), file('empty.yaml', '# nothing yet\n'))).toEqual({})
})

test.each([
  ['fromat: text\n', /fromat: there is no such flag/, /Did you mean format\?/],
  ['proxy:\n  count: 3\n', /proxy: count: there is no such flag/, /without the dashes/],
  ['- format\n', /holds no settings/, /format: ndjson/],
  ['format: [text\n', /a\.yaml:2:1: /, /YAML/],
  ['format:\n', /format: neither text/, undefined],
])('%j is a mistake that is told', async (text, message, next) => {
  const error = await settings('decode', file('a.yaml', text)).then(
    () => undefined,
    (thrown: { message: string; next?: string; exit: number }) => thrown,
  )
  expect(error?.message).toMatch(message)
  if (next !== undefined) expect(error?.next).toMatch(next)
  expect(error?.exit).toBe(2)
})
