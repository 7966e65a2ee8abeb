import { join } from 'node:path'
import { expect, test } from 'vitest'
import { jsonLines } from '../output/shown.ts'
import { mqinspect, ROOT } from './cli.ts'

const A = join(ROOT, 'fixtures/captures/mqtt5_null_lt0.pcap')
const B = join(ROOT, 'fixtures/captures/amqp091-basic.pcap')

test('a capture is the same as itself', async () => {
  const { code, stdout, stderr } = await mqinspect(['diff', A, A])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout.trimEnd().split('\n').at(-1)).toBe('same')
})

test('captures that differ give exit code 1, and say in what', async () => {
  const { code, stdout } = await mqinspect(['diff', A, B])
  expect(code).toBe(1)
  expect(stdout).toMatch(/\n\nconnections\n- mqtt .*\n\+ amqp091 a connection {2}only in B {2}flow 1 of B\n/)
  expect(stdout).toMatch(/\n\d+ differences/)
})

test('as NDJSON, a line a difference', async () => {
  const { code, stdout } = await mqinspect(['diff', A, B, '--json'])
  expect(code).toBe(1)
  const rows = jsonLines(stdout) as { difference: number; section: string; change: string }[]
  expect(rows.map(({ difference }) => difference)).toEqual(rows.map((_, at) => at + 1))
  expect(new Set(rows.map(({ section }) => section))).toContain('topology')
  const { stdout: json } = await mqinspect(['diff', A, B, '--format', 'json'])
  expect(JSON.parse(json)).toEqual(rows)
})

test('what is to be ignored is not told', async () => {
  const all = ['connections', 'topology', 'messages', 'order', 'outcomes', 'latency', 'findings']
  const { code, stdout } = await mqinspect(['diff', A, B, '--json', '--ignore', all.join(',')])
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
})

test('as one page without scripts or requests', async () => {
  const { stdout } = await mqinspect(['diff', A, B, '--format', 'html'])
  expect(stdout).toMatch(/^<!doctype html>\n/)
  expect(stdout).not.toMatch(/<script|https?:|src=/)
  const open = [...stdout.matchAll(/<(h1|h2|table|tr|td|th|b|code)\b/g)].length
  const closed = [...stdout.matchAll(/<\/(h1|h2|table|tr|td|th|b|code)>/g)].length
  expect(open).toBe(closed)
})

test('a file that is none is told, with the exit code of bad input', async () => {
  const { code, stderr } = await mqinspect(['diff', A, join(ROOT, 'package.json')])
  expect(code).toBe(4)
  expect(stderr).toContain('package.json')
  expect((await mqinspect(['diff', A, B, '--max-slowdown', 'x'])).code).toBe(2)
})
