import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { jsonLines } from '../output/shown.ts'
import { mqinspect, ROOT } from './cli.ts'

/** A client with a password on loopback: one note. */
const CAPTURE = join(ROOT, 'fixtures/mqtt/mqtt5_qos.pcap')

describe('mqinspect lint', () => {
  it('tells what it found, and is done', async () => {
    const { code, stdout } = await mqinspect(['lint', CAPTURE, '--json'])
    expect(code).toBe(0)
    expect(jsonLines(stdout)).toContainEqual(
      expect.objectContaining({ finding: 'plaintext-credentials', severity: 'note', flow: 2, frames: [5] }),
    )
  })

  it('fails a gate with exit code 99', async () => {
    const only = ['lint', CAPTURE, '-Y', 'finding == plaintext-credentials']
    expect((await mqinspect([...only, '--fail-on', 'note'])).code).toBe(99)
    expect((await mqinspect([...only, '--fail-on', 'warning'])).code).toBe(0)
    const ignored = await mqinspect([...only, '--fail-on', 'note', '--ignore', 'plaintext-credentials'])
    expect({ code: ignored.code, stdout: ignored.stdout }).toEqual({ code: 0, stdout: '' })
  })

  it('writes reports for CI', async () => {
    expect((await mqinspect(['lint', CAPTURE, '--format', 'junit'])).stdout).toMatch(/^<\?xml[\s\S]*<\/testsuites>\n$/)
    expect(JSON.parse((await mqinspect(['lint', CAPTURE, '--format', 'sarif'])).stdout)).toMatchObject({
      version: '2.1.0',
    })
  })

  it('lists its rules', async () => {
    const { stdout } = await mqinspect(['lint', '--rules', '--json'])
    const rules = jsonLines(stdout)
    expect(new Set(rules.map(({ rule }) => rule)).size).toBe(rules.length)
    for (const rule of rules)
      expect(Object.values(rule).every(text => typeof text === 'string' && text !== '')).toBe(true)
  })

  it('says what it lacks, and which rule may have been meant', async () => {
    expect(await mqinspect(['lint'])).toMatchObject({ code: 2, stderr: expect.stringContaining('no FILE') })
    expect(await mqinspect(['lint', CAPTURE, '--ignore', 'plaintext-credential'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Did you mean plaintext-credentials?'),
    })
  })
})
