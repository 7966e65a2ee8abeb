import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { codecs } from '../../codecs/index.ts'
import { ndjsonSchema } from '../../src/output/index.ts'
import { jsonLines } from '../output/shown.ts'
import { violations } from '../output/validate.ts'
import { mqinspect, ROOT } from './cli.ts'

const CAPTURE = join(ROOT, 'fixtures/captures/amqp091-basic.pcap')
const FRAMES = 89
const folder = mkdtempSync(join(tmpdir(), 'mqinspect-decode-'))

afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, content: Uint8Array | string): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

describe('mqinspect decode', () => {
  it('shows a capture, a line a frame', async () => {
    const { code, stdout, stderr } = await mqinspect(['decode', CAPTURE])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const lines = stdout.trimEnd().split('\n')
    expect(lines).toHaveLength(FRAMES)
    expect(lines[0]).toMatch(/^ {5}1 {2}\d\d:\d\d:\d\d\.\d{6} {3}#1 → amqp091 {2}protocol-header {10}8 {2}0-9-1$/)
  })

  it('reads standard input', async () => {
    const stdin = readFileSync(CAPTURE)
    const { code, stdout } = await mqinspect(['decode', '-', '--view', 'flows', '--json'], { stdin })
    expect(code).toBe(0)
    expect(jsonLines(stdout)).toMatchObject([{ flow: 1, protocol: 'amqp091', ending: 'reset' }])
  })

  it.each([
    ['one protocol', CAPTURE],
    ['what a protocol has over UDP', join(ROOT, 'fixtures/coap/coap_udp_basic.pcap')],
    ['and over TCP', join(ROOT, 'fixtures/coap-tcp/coap_tcp_basic.pcap')],
    ['what keys open', join(ROOT, 'fixtures/captures/amqps_tls13_dsb.pcapng')],
    ['what stays closed', join(ROOT, 'fixtures/dtls/coaps_dtls12_psk.pcap')],
  ])('writes lines of the schema: %s', async (_, capture) => {
    const schema = ndjsonSchema(codecs)
    for (const view of ['frames', 'flows', 'stats']) {
      const { stdout } = await mqinspect(['decode', capture, '--json', '--view', view])
      for (const line of jsonLines(stdout)) expect(violations(line, schema, schema)).toEqual([])
    }
  })

  it('masks passwords unless told not to', async () => {
    const start = ['decode', CAPTURE, '--fields', 'amqp091.response', '-c', '3']
    expect((await mqinspect(start)).stdout).toBe('\n\n***\n')
    expect((await mqinspect([...start, '--show-secrets'])).stdout).toBe('\n\n\\x00guest\\x00guest\n')
  })

  it('takes its settings from the environment too, lists as well', async () => {
    const env = { MQINSPECT_FIELDS: 'frame,type', MQINSPECT_FLOW: '1,2', MQINSPECT_COUNT: '2' }
    expect((await mqinspect(['decode', CAPTURE], { env })).stdout).toBe('1\tprotocol-header\n2\tconnection.start\n')
    const rules = { MQINSPECT_DECODE_AS: 'tcp.port==5672,mqtt; tcp.port==1,amqp091', MQINSPECT_VIEW: 'flows' }
    const { stdout } = await mqinspect(['decode', CAPTURE, '--fields', 'protocol'], { env: rules })
    expect(stdout).toBe('mqtt\n')
  })

  it('ends quietly when its reader has had enough', async () => {
    const script = `${process.execPath} bin/run.js decode ${CAPTURE} --format hex; echo "code $?" >&2`
    const child = spawn('sh', ['-c', `(${script}) | head -1`], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
    let stderr = ''
    child.stderr.on('data', data => (stderr += data))
    await new Promise(resolve => child.on('close', resolve))
    expect(stderr).toBe('code 0\n')
  })
})

/** The capture many times over, each a connection of its own. */
function connections(count: number): Uint8Array {
  const whole = readFileSync(CAPTURE)
  const copies = [whole.subarray(0, PCAP_HEADER)]
  for (let n = 0; n < count; n++) {
    const copy = Buffer.from(whole.subarray(PCAP_HEADER))
    for (let at = 0; at < copy.length; at += RECORD_HEADER + copy.readUInt32LE(at + 8)) {
      for (const port of [at + RECORD_HEADER + PORTS, at + RECORD_HEADER + PORTS + 2]) {
        if (copy.readUInt16BE(port) !== 5672) copy.writeUInt16BE(20_000 + n, port)
      }
    }
    copies.push(copy)
  }
  return Buffer.concat(copies)
}

const PCAP_HEADER = 24
const RECORD_HEADER = 16
/** Behind Ethernet and IPv4. */
const PORTS = 14 + 20

/** With an input that stays open. */
const begin = (...args: string[]): ChildProcess =>
  spawn(process.execPath, ['bin/run.js', 'decode', '-', ...args], { cwd: ROOT, stdio: ['pipe', 'pipe', 'pipe'] })

describe('what goes wrong', () => {
  it.each([
    ['no such file', () => join(folder, 'none.pcap'), 'none.pcap'],
    ['a folder', () => folder, 'directory'],
    ['an empty file', () => file('empty', ''), 'empty'],
    ['no capture', () => file('text', 'this is no capture at all\n'), 'text'],
  ])('%s: 4, and why', async (_, path, says) => {
    const { code, stdout, stderr } = await mqinspect(['decode', path()])
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' })
    expect(stderr).toMatch(/^mqinspect: /)
    expect(stderr).toContain(says)
    expect(stderr).not.toContain('    at ')
  })

  it('a capture that is cut: 4, where, and what could be read is shown', async () => {
    const whole = readFileSync(CAPTURE)
    const path = file('cut.pcap', whole.subarray(0, whole.length - 7))
    const { code, stdout, stderr } = await mqinspect(['decode', path])
    expect(code).toBe(4)
    expect(stdout.trimEnd().split('\n').length).toBeGreaterThan(FRAMES / 2)
    expect(stderr).toMatch(/cut\.pcap, at byte \d+: .+\nWhat could be read is shown\.\n$/)
  })

  it('says so where there is nothing to be shown', async () => {
    const header = readFileSync(CAPTURE).subarray(0, 24)
    const { code, stderr } = await mqinspect(['decode', file('none.pcap', header)])
    expect(code).toBe(0)
    expect(stderr).toMatch(/no frames in .*none\.pcap \(0 packets, 0 connections\)/)
    expect((await mqinspect(['decode', '-q', join(folder, 'none.pcap')])).stderr).toBe('')
  })

  it.each([
    [['decode'], 'Missing 1 required arg'],
    [['decode', CAPTURE, '--nonsense'], '--nonsense'],
    [['decode', CAPTURE, '--format', 'xml'], 'ndjson'],
    [['decode', CAPTURE, '-c', '0'], '--count'],
    [['decode', CAPTURE, '--flow', 'x'], '--flow x'],
    [['decode', CAPTURE, '-d', 'amqp'], 'Did you mean amqp091?'],
    [['decode', CAPTURE, '--fields', 'amqp091.routingkey'], 'Did you mean amqp091.routingKey'],
    [['decode', CAPTURE, '--format', 'hex', '--view', 'flows'], '--format hex shows frames'],
    [['dekode', CAPTURE], 'dekode'],
  ])('%j is wrong usage', async (args, says) => {
    const { code, stdout, stderr } = await mqinspect(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(says)
    expect(stderr).not.toContain('    at ')
  })

  it('shows a stack trace to who debugs', async () => {
    const { stderr } = await mqinspect(['decode', folder], { env: { DEBUG: 'mqinspect' } })
    expect(stderr).toContain('    at ')
  })

  it('ends when it has shown enough, though its input goes on', async () => {
    const child = begin('-c', '2')
    child.stdin?.write(readFileSync(CAPTURE))
    child.stdout?.resume()
    expect(await new Promise(resolve => child.on('close', resolve))).toBe(0)
  })

  it('is interrupted once in order, twice at once', async () => {
    const first = begin()
    first.stdin?.write(readFileSync(CAPTURE))
    await new Promise(resolve => first.stdout?.once('data', resolve))
    first.kill('SIGINT')
    expect(await new Promise(resolve => first.on('close', resolve))).toBe(130)

    // Nobody reads: what was decoded cannot be written, so the first does not end it.
    const second = begin()
    second.stdin?.on('error', () => {})
    second.stdin?.write(connections(400))
    await new Promise(resolve => second.stdout?.once('readable', resolve))
    second.kill('SIGINT')
    await new Promise(resolve => setTimeout(resolve, 500))
    expect(second.exitCode).toBe(null)
    second.kill('SIGINT')
    // Its output is still open on our side: the end of the process is what counts.
    expect(await new Promise(resolve => second.on('exit', (code, signal) => resolve(signal ?? code)))).toBe('SIGINT')
  })
})
