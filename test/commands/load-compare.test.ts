import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runOf } from '../load/report/run.ts'
import { mqinspect } from './cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'mqinspect-'))
afterAll(() => rmSync(folder, { recursive: true }))

const [before = '', after = ''] = [1_200, 1_800].map((typical, at) => {
  const path = join(folder, `${at}.json`)
  writeFileSync(path, JSON.stringify(runOf({ seconds: 30, rate: 40, seed: at + 1, typical })))
  return path
})

test('two results are told beside each other, which is no failure', async () => {
  const { code, stdout, stderr } = await mqinspect(['load', '--compare', before, after])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/^publish → confirm p50 .* ✗ worse$/m)
})

test('with --max-regression, what is shown to be worse by more makes the exit code 99', async () => {
  const worse = await mqinspect(['load', '--compare', before, after, '--max-regression', '10%'])
  expect(worse.code).toBe(99)
  expect(worse.stdout).toMatch(/^✗ worse by more than 10%: publish → confirm p50, /m)
  const better = await mqinspect(['load', '--compare', after, before, '--max-regression', '0%'])
  expect(better.code).toBe(0)
  expect(better.stdout).toMatch(/^✓ nothing is worse by more than 0%$/m)
  expect((await mqinspect(['load', '--compare', before, after, '--max-regression', '200%'])).code).toBe(0)
})

test('as JSON', async () => {
  const { stdout } = await mqinspect(['load', '--compare', before, after, '--json'])
  const { a, compared, method, ok } = JSON.parse(stdout)
  expect(a).toMatchObject({ file: before, run: 'run-1', seconds: 30 })
  expect(method).toEqual({ name: 'stratified block bootstrap', confidence: 0.95, drawings: 1_000, seed: 1 })
  expect(compared[0]).toMatchObject({ what: 'publish → confirm p50', of: 'ratio', verdict: 'worse' })
  expect(compared[0].interval[0]).toBeGreaterThan(0.2)
  expect(ok).toBe(true)
})

test.each([
  [[before], '--compare takes two results'],
  [[before, after, after], '--compare takes two results'],
  [[before, after, '--max-regression', 'much'], '--max-regression much is not a share'],
])('%#: what is wrongly asked for is refused', async (args, message) => {
  const { code, stderr } = await mqinspect(['load', '--compare', ...args])
  expect(code).toBe(2)
  expect(stderr).toContain(message)
})
