import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { codecs } from '../../codecs/index.ts'
import manifest from '../../package.json' with { type: 'json' }
import { jsonLines } from '../output/shown.ts'
import { mqinspect, ROOT, RUN } from './cli.ts'

it('tells its version', async () => {
  const { code, stdout } = await mqinspect(['--version'])
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: `mqinspect/${manifest.version} ${process.platform}-${process.arch} node-${process.version}\n`,
  })
})

it('lists the protocols, for people and for programs', async () => {
  const { code, stdout } = await mqinspect(['protocols'])
  expect(code).toBe(0)
  for (const { id, name } of codecs) expect(stdout).toContain(`${name} (${id})`)
  const rows = jsonLines((await mqinspect(['protocols', '--json'])).stdout)
  expect(rows.map(({ id }) => id)).toEqual(codecs.map(({ id }) => id))
  expect(JSON.parse((await mqinspect(['protocols', '--format', 'json'])).stdout)).toEqual(rows)
})

it.each(['decode', 'protocols'])('%s explains itself, with its environment variables', async command => {
  const { code, stdout } = await mqinspect([command, '--help'])
  expect(code).toBe(0)
  expect(stdout).toContain('EXAMPLES')
  expect(stdout).toContain('[env: MQINSPECT_JSON]')
})

it('an old Node starts a newer one, and hands on what interrupts it', async () => {
  const old =
    "if (!process.env.OLD) Object.defineProperty(process.versions, 'node', { value: '20.20.2' }); process.env.OLD = 1"
  // In a session of its own, where there is no terminal whose Ctrl-C would reach both.
  const child = spawn(process.execPath, ['--import', dataUrl(old), RUN, 'proxy', '0=127.0.0.1:1'], { detached: true })
  const ended = once(child, 'exit')
  await once(child.stderr, 'data')
  child.kill('SIGINT')
  expect(await ended).toEqual([130, null])
})

it('says in one line what Node it needs', () => {
  // A Node that says it is 20, with no newer one beside the package.
  const folder = mkdtempSync(join(tmpdir(), 'mqinspect-bin-'))
  try {
    mkdirSync(join(folder, 'bin'))
    cpSync(join(ROOT, 'bin/run.js'), join(folder, 'bin/run.js'))
    cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'))
    const old = "Object.defineProperty(process.versions, 'node', { value: '20.20.2' })"
    const args = ['--import', dataUrl(old), join(folder, 'bin/run.js')]
    const { status, stderr, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    expect({ status, stderr, stdout }).toEqual({
      status: 1,
      stderr: 'mqinspect needs Node 22.15 or newer; this is 20.20.2\n',
      stdout: '',
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

const dataUrl = (script: string): string => `data:text/javascript,${encodeURIComponent(script)}`
