import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, copyFile, readdir, readFile, writeFile } from 'node:fs/promises'
import net from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { directory, everything, upstream } from '../proxy/world.ts'
import { hasTshark, tshark } from '../recording/record.ts'
import { mqinspect, ROOT } from './cli.ts'

const CONNECT = Buffer.from('101b00044d51545404c2003c00026d650003616e6e0006733363726574', 'hex')
const CONNACK = Buffer.from('20020000', 'hex')
const publish = (body: string): Buffer =>
  Buffer.concat([Buffer.from([0x30, 3 + body.length, 0, 1, 0x61]), Buffer.from(body)])

const broker = (socket: net.Socket): void => {
  socket.once('data', () => socket.write(CONNACK))
  socket.resume().on('end', () => socket.end())
}

class Recording {
  readonly child
  stderr = ''
  readonly ended: Promise<number | null>

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.child = spawn(process.execPath, [`${ROOT}bin/run.js`, 'record', ...args], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.child.stderr.setEncoding('utf8').on('data', text => (this.stderr += text))
    this.ended = once(this.child, 'close').then(([code]) => code as number | null)
    onTestFinished(() => void this.child.kill('SIGKILL'))
  }

  async said(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.stderr)
      if (found !== null) return found
      if (this.child.exitCode !== null) throw new Error(`ended with ${this.child.exitCode}: ${this.stderr}`)
      await sleep(20)
    }
  }

  async port(): Promise<number> {
    return Number((await this.said(/127\.0\.0\.1:(\d+) →/))[1])
  }
}

/** Connects, publishes, and leaves. */
async function client(port: number, ...bodies: readonly string[]): Promise<void> {
  const socket = net.connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(CONNECT)
  await once(socket, 'data')
  for (const body of bodies) socket.write(publish(body))
  socket.end()
  await everything(socket)
}

test('records what passes, with passwords and what --redact says overwritten, and findings as comments', async () => {
  const path = join(await directory(), 'traffic.pcapng')
  const recording = new Recording([`0=${await upstream(broker)}`, '-w', path, '--redact', 'message.body'])
  await client(await recording.port(), 'a body to hide', 'another body')
  recording.child.kill('SIGINT')
  expect(await recording.ended).toBe(130)
  expect(recording.stderr).toMatch(/1 connection, 4 frames, .*; recorded in .*traffic\.pcapng/)
  const bytes = await readFile(path)
  for (const secret of ['s3cret', 'a body', 'another']) expect(bytes.includes(secret)).toBe(false)
  expect(bytes.includes('plaintext-credentials')).toBe(true)
  const { stdout } = await mqinspect(['decode', path, '--fields', 'type'])
  expect(stdout).toBe('connect\nconnack\npublish\npublish\n')
  if (hasTshark) {
    expect(tshark(path, '-Y', '_ws.malformed or tcp.checksum.status != 1', '-d', 'tcp.port==1,mqtt')).toBe('')
    expect(tshark(path, '-Y', 'frame.comment contains "plaintext-credentials"')).not.toBe('')
  }
})

test('without findings, if they are not wanted; ends by itself after so many frames', async () => {
  const path = join(await directory(), 'traffic.pcapng')
  const recording = new Recording([`0=${await upstream(broker)}`, '-w', path, '--no-findings', '-c', '3'])
  await client(await recording.port(), 'one')
  expect(await recording.ended).toBe(0)
  expect((await readFile(path)).includes('plaintext-credentials')).toBe(false)
})

test('in several files, of which some are kept', async () => {
  const folder = await directory()
  const options = ['-w', join(folder, 't.pcapng'), '--rotate', '64KiB', '--keep', '2']
  const recording = new Recording([`0=${await upstream(broker)}`, ...options])
  const port = await recording.port()
  for (let at = 0; at < 8; at++) await client(port, ...Array.from({ length: 300 }, () => 'x'.repeat(100)))
  recording.child.kill('SIGINT')
  expect(await recording.ended).toBe(130)
  const files = (await readdir(folder)).sort()
  expect(files).toHaveLength(2)
  expect(recording.stderr).toContain(`files up to ${join(folder, files[1]!)}`)
  for (const file of files) expect((await mqinspect(['decode', join(folder, file), '-q'])).code).toBe(0)
})

describe('an interface', () => {
  const CAPTURE = `${ROOT}fixtures/captures/amqp091.pcapng`

  /** Stands in for dumpcap: captures what is in a file, until it is told to stop. */
  async function captures(file: string): Promise<string> {
    const folder = await directory()
    await copyFile(file, join(folder, 'captured'))
    const script = `#!/bin/sh\ntrap 'exit 0' INT\necho "$@" >"$0.args"\ncat "$0/../captured" 2>/dev/null || cat "$(dirname "$0")/captured"\nwhile :; do sleep 0.05; done\n`
    await writeFile(join(folder, 'dumpcap'), script)
    await chmod(join(folder, 'dumpcap'), 0o700)
    return folder
  }

  test('is recorded through dumpcap, as the proxy records: numbers, names, redacted', async () => {
    const folder = await captures(CAPTURE)
    const path = join(folder, 'traffic.pcapng')
    const recording = new Recording(['-i', 'lo', '-w', path, '-c', '20'], { PATH: `${folder}:${process.env.PATH}` })
    expect(await recording.ended).toBe(0)
    expect(recording.stderr).toMatch(/dumpcap captures on lo: tcp port \d+ or /)
    expect(await readFile(join(folder, 'dumpcap.args'), 'utf8')).toMatch(/^-q -i lo -f tcp port .* -w -$/m)
    const { stdout } = await mqinspect(['decode', path, '--fields', 'type'])
    const { stdout: captured } = await mqinspect(['decode', CAPTURE, '--fields', 'type'])
    expect(captured.startsWith(stdout.split('\n').slice(0, 20).join('\n'))).toBe(true)
    expect((await readFile(path)).includes('\0guest\0guest')).toBe(false)
  })

  test('or it is said why not', async () => {
    const folder = await directory()
    await writeFile(join(folder, 'dumpcap'), '#!/bin/sh\necho "There is no device named nope" >&2\nexit 1\n')
    await chmod(join(folder, 'dumpcap'), 0o700)
    const env = { PATH: `${folder}:${process.env.PATH}` }
    const { code, stderr } = await mqinspect(['record', '-i', 'nope', '-w', join(folder, 't.pcapng')], { env })
    expect(code).toBe(1)
    expect(stderr).toContain('dumpcap cannot capture: There is no device named nope')
  })
})

test.each([
  [['localhost:1'], 'nowhere to record to'],
  [['localhost:1', '-i', 'lo', '-w', 't.pcapng'], '-i listens, and a route relays'],
  [['localhost:1', '-w', 't.pcapng', '--keep', '2'], '--keep 2: there is one file only'],
  [['localhost:1', '-w', 't.pcapng', '--rotate', '1KB'], 'a file has at least 64 KiB'],
  [['localhost:1', '-w', 't.pcapng', '--redact', 'mqtt.paylod'], 'Did you mean mqtt.payload?'],
  [['localhost:1', '-w', 't.pcapng', '--min-free', 'much'], '--min-free much: not a size'],
])('%s is wrong usage', async (args, message) => {
  const { code, stderr } = await mqinspect(['record', ...args], { cwd: await directory() })
  expect(stderr).toContain(message)
  expect(code).toBe(2)
})

test('a disk that is nearly full: it does not begin', async () => {
  const args = ['record', `0=${await upstream(broker)}`, '-w', 't.pcapng', '--min-free', '1000TB']
  const { code, stderr } = await mqinspect(args, { cwd: await directory() })
  expect(stderr).toMatch(/only \d+ MB are free on its disk/)
  expect(code).toBe(1)
})
