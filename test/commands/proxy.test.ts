import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import net from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import tls from 'node:tls'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type AmqpFrame, amqp091 } from '../../codecs/amqp091/index.ts'
import { Writer } from '../../codecs/core/index.ts'
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

/** An AMQP message's frames, each as its own write: basic.publish, content header, two bodies. */
function amqpMessage(key: string, body: string): Buffer[] {
  const channel = 1
  const [first, second] = [body.slice(0, 3), body.slice(3)].map(text => Buffer.from(text)) as [Buffer, Buffer]
  const frames: readonly AmqpFrame[] = [
    { type: 'basic.publish', channel, exchange: '', routingKey: key, mandatory: false, immediate: false },
    { type: 'header', channel, classId: 60, bodySize: body.length, properties: { contentType: 'text/plain' } },
    { type: 'body', channel, body: first },
    { type: 'body', channel, body: second },
  ]
  const writer = new Writer()
  return frames.map(frame => {
    amqp091.write(writer, frame, undefined as never)
    return Buffer.from(writer.take())
  })
}

test.each([
  ['shown', ['--view', 'messages', '--json']],
  ['commented on in a recording', ['--json', '-w']],
])('messages that come in pieces, read one after the other, are %s whole', async (_, options) => {
  let came = 0
  const sink = (socket: net.Socket): void => void socket.on('data', data => (came += data.length))
  const written = options.includes('-w') ? [join(await directory(), 'traffic.pcapng')] : []
  const running = new Running([`amqp://:0=amqp://${await upstream(sink)}`, ...options, ...written])
  const socket = net.connect(await running.port(), '127.0.0.1').on('error', () => {})
  let sent = 0
  const header = Buffer.from('AMQP\0\0\x09\x01')
  for (const bytes of [header, ...amqpMessage('orders', 'abcdef'), ...amqpMessage('returns', 'ghijkl')]) {
    socket.write(bytes)
    sent += bytes.length
    while (came < sent) await sleep(5)
  }
  socket.destroy()
  await once(socket, 'close')
  await sleep(100)
  running.child.kill('SIGINT')
  expect(await running.ended).toBe(130)
  expect(running.stderr).not.toContain('decoding failed')
  if (options.includes('messages')) {
    expect(jsonLines(running.stdout).map(({ address, body }) => [address, body])).toEqual([
      ['orders', 'abcdef'],
      ['returns', 'ghijkl'],
    ])
  }
})

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

test.each<[NodeJS.Signals[]]>([
  [['SIGTERM']],
  // Of a terminal that is closed, both the shell and the system tell.
  [['SIGHUP', 'SIGHUP']],
])('records what passes, privately, without the password; decode shows the same; %o ends it', async signals => {
  const path = join(await directory(), 'traffic.pcapng')
  const running = new Running([`0=${await upstream(broker)}`, '-w', path, '--json'])
  await client(await running.port(), 3)
  await running.said(/pingresp/, 'stdout')
  for (const signal of signals) running.child.kill(signal)
  expect(await running.ended).toBe(130)
  expect(running.stderr).toContain(`recorded in ${path}`)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  const { stdout } = await mqinspect(['decode', path, '--json', '--show-secrets'])
  const [live, again] = [running.stdout, stdout].map(text => jsonLines(text))
  expect(again![0]!.mqtt).toMatchObject({ username: 'ann', password: '******' })
  const shown = ({ frame, time, from, type, length }: Record<string, unknown>) => ({ frame, time, from, type, length })
  expect(again!.map(shown)).toEqual(live!.map(shown))
})

test('whoever read what it tells may go: it goes on, and ends in order', async () => {
  const path = join(await directory(), 'traffic.pcapng')
  const running = new Running([`0=${await upstream(broker)}`, '-w', path])
  const port = await running.port()
  running.child.stderr!.destroy()
  await client(port)
  await running.said(/pingresp/, 'stdout')
  running.child.kill('SIGINT')
  expect(await running.ended).toBe(130)
  expect((await mqinspect(['decode', path, '--fields', 'type'])).stdout).toBe('connect\nconnack\npingreq\npingresp\n')
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

test.each([
  ['of itself nothing opens what is overwritten in it', []],
  ['with --keep-secrets it has them, too', ['--keep-secrets']],
])('TLS: makes an authority and says how to trust it, records in the clear, logs the keys; %s', async (_, keep) => {
  const folder = await directory()
  const [path, keylog] = [join(folder, 'traffic.pcapng'), join(folder, 'keys.log')]
  const route = `mqtts://:0=${await upstream(broker)}`
  const options = ['-w', path, '--keylog', keylog, '--view', 'flows', ...keep]
  const running = new Running([route, ...options], { XDG_DATA_HOME: folder })
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
  const kept = keep.length > 0
  for (const line of keys.trimEnd().split('\n')) expect(recording.includes(line)).toBe(kept)
  expect(recording.includes('s3cret')).toBe(kept)
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

  /** What it says on stderr once a client said `bytes` and left. */
  const saidOf = async (args: (port: number) => string[], serve: (socket: net.Socket) => void, ...bytes: Buffer[]) => {
    const address = await upstream(socket => {
      serve(socket)
      socket.on('end', () => socket.end())
    })
    const running = new Running(args(Number(address.split(':')[1])))
    const socket = net.connect(await running.port(), '127.0.0.1').on('error', () => {})
    const closed = once(socket, 'close')
    for (const some of bytes) {
      socket.write(some)
      await Promise.race([once(socket, 'data'), closed, sleep(200)])
    }
    // All has been relayed once the upstream has answered the end with its own.
    socket.resume().end()
    await closed
    running.child.kill('SIGINT')
    expect(await running.ended).toBe(130)
    return running
  }
  const lines = (...text: string[]) => Buffer.from(`${text.join('\r\n')}\r\n\r\n`)
  const ask = lines('GET /mqtt HTTP/1.1', 'Host: broker', 'Upgrade: websocket', 'Connection: Upgrade')
  const answer = (bytes: Buffer) => (socket: net.Socket) => void socket.once('data', () => socket.write(bytes))

  test('a WebSocket that is refused', async () => {
    const forbidden = lines('HTTP/1.1 403 Forbidden', 'Content-Length: 0')
    const { stderr, stdout } = await saidOf(port => [`ws://:0=ws://127.0.0.1:${port}`], answer(forbidden), ask)
    expect(stdout).toBe('')
    expect(stderr).toContain('flow 1: HTTP: the server refuses the WebSocket: 403 Forbidden\nAre path, subprotocol')
  })

  test('HTTP where a broker should be', async () => {
    const ok = lines('HTTP/1.1 200 OK', 'Content-Length: 0')
    const get = lines('GET / HTTP/1.1', 'Host: broker')
    const { stderr } = await saidOf(port => [`0=127.0.0.1:${port}`], answer(ok), get)
    expect(stderr).toContain('flow 1: it is HTTP, which carries nothing\nIs this the port of a management page?')
  })

  test('a WebSocket client that does not mask is shown all the same', async () => {
    const granted = lines('HTTP/1.1 101 x', 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Protocol: mqtt')
    const unmasked = Buffer.concat([Buffer.of(0x82, CONNECT.length), CONNECT])
    const { stderr, stdout } = await saidOf(port => [`ws://:0=ws://127.0.0.1:${port}`], answer(granted), ask, unmasked)
    expect(stdout).toContain('MQTT 3.1.1 client=me')
    expect(stderr).toContain('flow 1: its WebSocket breaks the rules: a client masks (RFC 6455 §5.1)')
  })

  test('a protocol that is not known', async () => {
    const { stderr } = await saidOf(
      port => [`0=127.0.0.1:${port}`],
      answer(Buffer.from('\r\n')),
      Buffer.from('EHLO\r\n'),
    )
    expect(stderr).toMatch(
      /flow 1: its bytes are of no protocol that is known here\nIf it is, say which: -d tcp\.port==/,
    )
  })

  test('TLS where none is ended', async () => {
    const hello = Buffer.from('160301000401000000', 'hex')
    const { stderr } = await saidOf(
      port => [`0=127.0.0.1:${port}`],
      socket => socket.once('data', () => socket.end()),
      hello,
    )
    expect(stderr).toMatch(/the client speaks TLS, and the upstream does not\nEnd it here: tls:\/\/127\.0\.0\.1:/)
  })

  test('a STOMP frame without end: one row, and memory is bounded', async () => {
    const head = Buffer.from('CONNECT\naccept-version:1.2\nhost:/\n\n\0SEND\ndestination:/q\n\n')
    const body = Buffer.alloc(40 << 20, 0x61)
    const { stdout } = await saidOf(
      port => [`0=stomp://127.0.0.1:${port}`],
      socket => void socket.resume(),
      head,
      body,
    )
    const rows = stdout.split('\n').filter(line => line.includes(' stomp '))
    expect(rows).toHaveLength(2)
    expect(rows[1]).toMatch(/malformed\s+41943061/)
    expect(stdout).toContain('the stream ends inside this frame')
  })

  test('AMQP 1.0 types nested ten thousand deep are shown as far as they are read', async () => {
    const list = (inner: Buffer) => {
      const head = Buffer.of(0xd0, 0, 0, 0, 0, 0, 0, 0, 1)
      head.writeUInt32BE(inner.length + 4, 1)
      return Buffer.concat([head, inner])
    }
    let value: Buffer = Buffer.of(0x40)
    for (let depth = 0; depth < 10_000; depth++) value = list(value)
    const body = Buffer.concat([Buffer.of(0, 0x53, 0x14, 0xc0, 6, 3, 0x43, 0x43, 0xa0, 1, 0x61, 0, 0x53, 0x77), value])
    const transfer = Buffer.concat([Buffer.of(0, 0, 0, 0, 2, 0, 0, 0), body])
    transfer.writeUInt32BE(transfer.length)
    const { stdout } = await saidOf(
      port => [`0=amqp://127.0.0.1:${port}`],
      socket => void socket.resume(),
      Buffer.concat([Buffer.from('AMQP\0\x01\0\0', 'latin1'), transfer]),
    )
    expect(stdout).toMatch(/amqp10 +transfer .*tag=61/)
    expect(stdout).toContain('nests more than 32 deep: kept as bytes')
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
