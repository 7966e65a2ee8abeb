import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import net from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import tls from 'node:tls'
import { describe, expect, onTestFinished, test } from 'vitest'
import { jsonLines } from '../output/shown.ts'
import { deadPort, directory, everything, upstream } from '../proxy/world.ts'
import { mqinspect, ROOT } from './cli.ts'

const CONNECT = Buffer.from('101b00044d51545404c2003c00026d650003616e6e0006733363726574', 'hex')
const CONNACK = Buffer.from('20020000', 'hex')
const PING = Buffer.from('c000', 'hex')
const PONG = Buffer.from('d000', 'hex')

/** As much of a broker as the tests need: it accepts, and answers pings. */
const broker = (socket: net.Socket): void => {
  socket.once('data', () => {
    socket.write(CONNACK)
    socket.on('data', data => socket.write(Buffer.concat(Array.from({ length: data.length / 2 }, () => PONG))))
  })
  socket.on('end', () => socket.end())
}

class Running {
  readonly child: ChildProcess
  stdout = ''
  stderr = ''
  readonly ended: Promise<number | null>

  constructor(args: readonly string[], more: NodeJS.ProcessEnv = {}) {
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...more }
    this.child = spawn(process.execPath, [`${ROOT}bin/run.js`, 'proxy', ...args], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.child.stdout?.setEncoding('utf8').on('data', text => (this.stdout += text))
    this.child.stderr?.setEncoding('utf8').on('data', text => (this.stderr += text))
    this.ended = once(this.child, 'close').then(([code]) => code as number | null)
    onTestFinished(() => void this.child.kill('SIGKILL'))
  }

  /** Resolves with the first match in what it said on stderr. */
  async said(pattern: RegExp, where: 'stdout' | 'stderr' = 'stderr'): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this[where])
      if (found !== null) return found
      if (this.child.exitCode !== null) throw new Error(`ended with ${this.child.exitCode}: ${this.stderr}`)
      await sleep(20)
    }
  }

  async port(): Promise<number> {
    return Number((await this.said(/127\.0\.0\.1:(\d+) →/))[1])
  }
}

/** Connects as MQTT clients do, pings, and leaves. */
async function client(port: number, pings = 1): Promise<void> {
  const socket = net.connect(port, '127.0.0.1')
  // Where the proxy ends first, the rest of this does not happen.
  socket.on('error', () => {})
  socket.write(CONNECT)
  await once(socket, 'data')
  for (let at = 0; at < pings; at++) socket.write(PING)
  await once(socket, 'data')
  socket.end()
  await everything(socket)
}

test('shows what passes; Ctrl-C ends it in order, with a summary', async () => {
  const running = new Running([`0=${await upstream(broker)}`])
  await client(await running.port())
  await running.said(/pingresp/, 'stdout')
  running.child.kill('SIGINT')
  expect(await running.ended).toBe(130)
  expect(running.stdout.trim().split('\n')).toHaveLength(4)
  expect(running.stdout).toContain('mqtt')
  expect(running.stdout).not.toContain('s3cret')
  expect(running.stderr).toContain('1 connection, 4 frames, 37 B')
})

test('Ctrl-C ends connections that are open', async () => {
  const running = new Running([`0=${await upstream(broker)}`])
  const socket = net.connect(await running.port(), '127.0.0.1')
  socket.write(CONNECT)
  await once(socket, 'data')
  running.child.kill('SIGINT')
  expect(await running.ended).toBe(130)
  expect(await everything(socket)).toBe('')
})

test('--count and --json end it by itself with 0', async () => {
  const running = new Running([`0=${await upstream(broker)}`, '--json', '--count', '3'])
  void client(await running.port())
  expect(await running.ended).toBe(0)
  const lines = jsonLines(running.stdout)
  expect(lines.map(({ type }) => type)).toEqual(['connect', 'connack', 'pingreq'])
  expect(lines[0]).toMatchObject({ frame: 1, flow: 1, from: 'client', protocol: 'mqtt', length: 29 })
  expect(lines[0]).not.toHaveProperty('packet')
})

test('-q says nothing but what goes wrong', async () => {
  const { code, stderr } = await mqinspect(['proxy', `0=127.0.0.1:${await deadPort()}`, '--duration', '100ms', '-q'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
})

test('--duration ends it by itself with 0', async () => {
  const { code, stderr } = await mqinspect(['proxy', `0=127.0.0.1:${await deadPort()}`, '--duration', '100ms'])
  expect(code).toBe(0)
  expect(stderr).toContain('0 connections, 0 frames, 0 B')
})

test('records what passes, privately, without the password; decode shows the same', async () => {
  const path = join(await directory(), 'traffic.pcapng')
  const running = new Running([`0=${await upstream(broker)}`, '-w', path, '--json'])
  await client(await running.port(), 3)
  await running.said(/pingresp/, 'stdout')
  running.child.kill('SIGTERM')
  expect(await running.ended).toBe(130)
  expect(running.stderr).toContain(`recorded in ${path}`)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  const { stdout } = await mqinspect(['decode', path, '--json', '--show-secrets'])
  const [live, again] = [running.stdout, stdout].map(text => jsonLines(text))
  expect(again![0]!.mqtt).toMatchObject({ username: 'ann', password: '******' })
  const shown = ({ frame, time, from, type, length }: Record<string, unknown>) => ({ frame, time, from, type, length })
  expect(again!.map(shown)).toEqual(live!.map(shown))
})

test('killed, it leaves a recording that reads', async () => {
  const path = join(await directory(), 'traffic.pcapng')
  const running = new Running([`0=${await upstream(broker)}`, '-w', path])
  await client(await running.port())
  await running.said(/pingresp/, 'stdout')
  await sleep(400)
  running.child.kill('SIGKILL')
  await running.ended
  const { code, stdout } = await mqinspect(['decode', path, '--fields', 'type'])
  expect(code).toBe(0)
  expect(stdout).toBe('connect\nconnack\npingreq\npingresp\n')
})

test('a reader that stops does not stop the traffic', async () => {
  const running = new Running([`0=${await upstream(broker)}`, '--format', 'tree'])
  running.child.stdout!.pause()
  const port = await running.port()
  for (let round = 0; round < 20; round++) await client(port, 1000)
  running.child.stdout!.resume()
  running.child.kill('SIGINT')
  expect(await running.ended).toBe(130)
  expect(running.stderr).toContain('20 connections')
})

test('a reader that goes away ends it', async () => {
  const running = new Running([`0=${await upstream(broker)}`])
  const port = await running.port()
  running.child.stdout!.destroy()
  void client(port)
  expect(await running.ended).toBe(0)
})

test('TLS: makes an authority and says how to trust it, records in the clear, keeps the keys', async () => {
  const folder = await directory()
  const [path, keylog] = [join(folder, 'traffic.pcapng'), join(folder, 'keys.log')]
  const route = `mqtts://:0=${await upstream(broker)}`
  const running = new Running([route, '-w', path, '--keylog', keylog, '--view', 'flows'], { XDG_DATA_HOME: folder })
  const port = await running.port()
  const ca = join(folder, 'mqinspect', 'ca', 'mqinspect-ca.pem')
  expect(running.stderr).toContain(`made a certificate authority of your own: ${ca}`)
  expect(running.stderr).toContain(`--cafile ${ca}`)
  const socket = tls.connect({ port, host: '127.0.0.1', ca: await readFile(ca) })
  socket.write(CONNECT)
  await once(socket, 'data')
  socket.end()
  await everything(socket)
  const stranger = net.connect(port, '127.0.0.1').on('error', () => {})
  stranger.write(CONNECT)
  await running.said(/was turned away: it does not speak TLS, as this port does\nMake the client use TLS/)
  running.child.kill('SIGINT')
  expect(await running.ended).toBe(130)
  expect(running.stdout).toContain('mqtt in TLS 1.3')
  expect((await stat(keylog)).mode & 0o777).toBe(0o600)
  const keys = await readFile(keylog, 'utf8')
  expect(keys).toMatch(/^SERVER_TRAFFIC_SECRET_0 [0-9a-f]{64} [0-9a-f]+$/m)
  const recording = await readFile(path)
  for (const line of keys.trimEnd().split('\n')) expect(recording.includes(line)).toBe(true)
  expect(recording.includes('s3cret')).toBe(false)
  const { stdout } = await mqinspect(['decode', path, '--fields', 'type'])
  expect(stdout).toBe('connect\nconnack\n')
})

describe('what goes wrong', () => {
  test('an upstream that is down: the client is turned away, and it is said why and what next', async () => {
    const port = await deadPort()
    const running = new Running([`0=127.0.0.1:${port}`])
    const socket = net.connect(await running.port(), '127.0.0.1').on('error', () => {})
    await new Promise(resolve => socket.once('close', resolve))
    await running.said(/connection refused; 127\.0\.0\.1:\d+ was turned away\nIs the broker running/)
    running.child.kill('SIGINT')
    expect(await running.ended).toBe(130)
  })

  test('a port in use', async () => {
    const taken = await upstream(() => {})
    const { code, stderr, stdout } = await mqinspect(['proxy', `${taken}=127.0.0.1:1`])
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(stderr).toContain(`cannot listen on ${taken}: the port is in use`)
    expect(stderr).toContain('ss -ltnp')
  })

  test.each([
    ['broker', 'broker: no port to connect to'],
    ['mqtt://:1=coap://broker', 'cannot be relayed'],
    ['mqtx://broker', 'Did you mean mqtt://'],
  ])('%s', async (route, message) => {
    const { code, stderr } = await mqinspect(['proxy', route])
    expect(stderr).toContain(message)
    expect(code).toBe(2)
  })

  test.each([
    [['--duration', 'soon'], '--duration soon: not a duration'],
    [['--connect-timeout', '0'], '--connect-timeout 0: not a duration'],
    [['-d', 'nothing'], 'no protocol is called nothing'],
    [['--ca', '/no/such.pem'], '--ca /no/such.pem: no such file'],
    [['--idle-timeout', 'never'], '--idle-timeout never: not a duration'],
    [['-Y', 'mqtt.topc'], 'no field is called mqtt.topc'],
  ])('%s', async (flags, message) => {
    const { code, stderr } = await mqinspect(['proxy', 'localhost:1883', ...flags])
    expect(stderr).toContain(message)
    expect(code).toBe(2)
  })

  test('a recording that cannot be made, before anything is relayed', async () => {
    const folder = await directory()
    const { code, stderr } = await mqinspect(['proxy', '0=localhost:1883', '-w', join(folder, 'no/such/file')])
    expect(code).toBe(1)
    expect(stderr).toContain('no such file or directory')
    expect(existsSync(join(folder, 'no'))).toBe(false)
  })
})
