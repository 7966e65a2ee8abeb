/**
 * The proxy beside others, between the same sender and the same receiver, in the same run: bytes per second at 16 kB
 * messages with every frame decoded, the time a round trip gains, the processor time a gigabyte costs, and memory.
 *
 *     npm run build && node bench/proxy.ts [--gigabytes 2] [--rounds 4000] [--size 16384] [--only mqinspect]
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    gigabytes: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '4000' },
    /** Bytes of a message. */
    size: { type: 'string', default: '16384' },
    /** Only those whose name holds this, beside none. */
    only: { type: 'string', default: '' },
  },
})
const BYTES = Number(values.gigabytes) * 1e9
const [ROUNDS, SIZE] = [Number(values.rounds), Number(values.size)]
const folder = mkdtempSync(join(tmpdir(), 'mqinspect-bench-'))

/** Receives: counts what comes, echoes what is short (the round trips), and answers at the end. */
const RECEIVER = `
  const server = require('node:net').createServer({ noDelay: true, allowHalfOpen: true }, socket => {
    let count = 0
    socket.on('data', data => {
      count += data.length
      if (data.length <= 200) socket.write(data)
    })
    socket.on('end', () => socket.end(String(count)))
    socket.on('error', () => {})
  })
  server.listen(0, '127.0.0.1', () => console.log(server.address().port))
`

interface Contender {
  readonly name: string
  readonly port: number
  /** Undefined where there is none between. */
  readonly pid: number | undefined
}

const HEADER = Buffer.from('AMQP\0\0\x09\x01', 'latin1')

/** A message as an AMQP 0-9-1 client publishes it: method, header and body. */
function published(length: number): Buffer {
  const frame = (type: number, payload: Uint8Array): Buffer => {
    const head = Buffer.from([type, 0, 1, 0, 0, 0, 0])
    head.writeUInt32BE(payload.length, 3)
    return Buffer.concat([head, payload, Buffer.of(0xce)])
  }
  const method = Buffer.from('\0\x3c\0\x28\0\0\x06orders\x06eu.new\0', 'latin1')
  const header = Buffer.alloc(14)
  header.writeUInt16BE(60)
  header.writeBigUInt64BE(BigInt(length), 4)
  return Buffer.concat([frame(1, method), frame(2, header), frame(3, Buffer.alloc(length, 'x'))])
}

async function started(command: string, args: readonly string[]) {
  const child = spawn(command, [...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const line = await new Promise<string>(resolve => child.stdout!.once('data', data => resolve(String(data))))
  child.stdout!.resume()
  return { child, line }
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const { port } = server.address() as net.AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}

async function reachable(port: number): Promise<void> {
  for (;;) {
    const socket = net.connect(port, '127.0.0.1')
    const there = await new Promise(resolve => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    })
    socket.destroy()
    if (there) return
    await sleep(50)
  }
}

const installed = (command: string): boolean => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0

async function contenders(upstream: number): Promise<Contender[]> {
  const all: Contender[] = [{ name: 'direct', port: upstream, pid: undefined }]
  const wanted = (name: string): boolean => name.includes(values.only)
  const add = async (name: string, port: number, command: string, args: readonly string[]): Promise<void> => {
    const { pid } = spawn(command, [...args], { stdio: 'ignore' })
    await reachable(port)
    all.push({ name, port, pid })
  }
  if (installed('haproxy') && wanted('haproxy')) {
    const port = await freePort()
    const config = join(folder, 'haproxy.cfg')
    const lines = [
      'global',
      ' nbthread 2',
      'defaults',
      ' mode tcp',
      ' timeout connect 5s',
      ' timeout client 1h',
      ' timeout server 1h',
    ]
    writeFileSync(
      config,
      [...lines, 'listen relay', ` bind 127.0.0.1:${port}`, ` server one 127.0.0.1:${upstream}`, ''].join('\n'),
    )
    await add('haproxy', port, 'haproxy', ['-db', '-f', config])
  }
  if (installed('socat') && wanted('socat')) {
    const port = await freePort()
    await add('socat', port, 'socat', [
      `TCP-LISTEN:${port},fork,reuseaddr,bind=127.0.0.1,nodelay`,
      `TCP:127.0.0.1:${upstream},nodelay`,
    ])
  }
  const run = fileURLToPath(new URL('../bin/run.js', import.meta.url))
  const variants: [string, string[]][] = [
    ['mqinspect', ['--view', 'stats', '--json']],
    ['mqinspect, every frame as JSON', ['--json']],
    ['mqinspect -w', ['--view', 'stats', '--json', '-w', join(folder, 'recording.pcapng')]],
  ]
  const relay = (port: number): string[] => [run, 'proxy', `${port}=127.0.0.1:${upstream}`, '-d', 'amqp091']
  for (const [name, flags] of variants) {
    if (!wanted(name)) continue
    const port = await freePort()
    await add(name, port, process.execPath, [...relay(port), '-q', ...flags])
  }
  if (installed('tmux') && wanted('mqinspect on a terminal')) {
    const port = await freePort()
    tmux('new-session', '-d', '-x', '120', '-y', '40', process.execPath, ...relay(port))
    await reachable(port)
    all.push({ name: 'mqinspect on a terminal', port, pid: Number(tmux('display-message', '-p', '#{pane_pid}')) })
  }
  return all
}

/** A terminal that nobody looks at: what is drawn is taken and laid out as by any other. */
function tmux(...args: readonly string[]): string {
  return execFileSync('tmux', ['-S', join(folder, 'tmux'), '-f', '/dev/null', ...args], { encoding: 'utf8' })
}

/** Seconds of processor time, of a process and what it forked. */
function processorTime(pid: number | undefined): number {
  if (pid === undefined) return Number.NaN
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12]) + Number(fields[13]) + Number(fields[14])) / TICKS
}
const TICKS = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** Resident memory in bytes. */
function memory(pid: number | undefined): number {
  if (pid === undefined) return Number.NaN
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN) * 1024
}

/** Sends `total` bytes of `block`s; resolves with the seconds until the receiver had them all. */
async function pour(port: number, block: Buffer, total: number): Promise<number> {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
  await new Promise(resolve => socket.once('connect', resolve))
  socket.write(HEADER)
  const began = process.hrtime.bigint()
  let sent = HEADER.length
  while (sent < total) {
    sent += block.length
    if (!socket.write(block)) await new Promise(resolve => socket.once('drain', resolve))
  }
  socket.end()
  let answer = ''
  for await (const data of socket) answer += data
  // Before it stands what the receiver took for a round trip.
  if (!answer.endsWith(String(sent))) throw new Error(`of ${sent} bytes it says: ${answer}`)
  return Number(process.hrtime.bigint() - began) / 1e9
}

/** Round trips of 100 bytes, one after the other: microseconds each, sorted. */
async function ping(port: number, rounds: number): Promise<Float64Array> {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
  await new Promise(resolve => socket.once('connect', resolve))
  socket.write(HEADER)
  await new Promise(resolve => socket.once('data', resolve))
  const message = published(30)
  const times = new Float64Array(rounds)
  for (let at = -500; at < rounds; at++) {
    const began = process.hrtime.bigint()
    socket.write(message)
    await new Promise(resolve => socket.once('data', resolve))
    if (at >= 0) times[at] = Number(process.hrtime.bigint() - began) / 1e3
  }
  socket.destroy()
  return times.sort()
}

const { child: receiver, line } = await started(process.execPath, ['-e', RECEIVER])
const all = await contenders(Number(line))
try {
  const block = Buffer.concat(Array.from({ length: Math.ceil(2 ** 20 / SIZE) }, () => published(SIZE)))
  const rows: Record<string, Record<string, string>> = {}
  let base = 0
  for (const { name, port, pid } of all) {
    const times = await ping(port, ROUNDS)
    const [p50, p99] = [0.5, 0.99].map(share => times[Math.floor(times.length * share)] as number) as [number, number]
    if (pid === undefined) base = p50
    await pour(port, block, 65_536)
    await sleep(200)
    const before = { time: processorTime(pid), memory: memory(pid) }
    const seconds = await pour(port, block, BYTES)
    const after = { time: processorTime(pid), memory: memory(pid) }
    rows[name] = {
      'GB/s': (BYTES / seconds / 1e9).toFixed(2),
      'CPU s/GB': ((after.time - before.time) / (BYTES / 1e9)).toFixed(2),
      'p50 µs': p50.toFixed(0),
      'added p50 µs': (p50 - base).toFixed(0),
      'p99 µs': p99.toFixed(0),
      'memory MB': (after.memory / 1e6).toFixed(0),
      'grown MB': ((after.memory - before.memory) / 1e6).toFixed(0),
    }
  }
  console.table(rows)
} finally {
  for (const { pid } of all) if (pid !== undefined) process.kill(pid, 'SIGKILL')
  receiver.kill()
  rmSync(folder, { recursive: true, force: true })
}
