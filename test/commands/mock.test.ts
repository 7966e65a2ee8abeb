import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mqtt from 'mqtt'
import { expect, onTestFinished, test } from 'vitest'
import { makeAuthority, makeLeaf } from '../../src/tls/authority.ts'
import { counts, type Running, running } from '../mock/running.ts'
import { mqinspect } from './cli.ts'

/** `pub-4` publishes at QoS 0, 1 and 2 to what `sub-4` subscribed to. */
const QOS = 'fixtures/mqtt/mqtt311_qos.pcap'

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'mqinspect-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

const connect = ({ port }: Running, clientId: string, protocol = 'mqtt', more: object = {}) =>
  mqtt.connectAsync(`${protocol}://127.0.0.1:${port}`, { clientId, protocolVersion: 4, reconnectPeriod: 0, ...more })

test('it tells where it listens, that somebody came, and in the end what went how', async () => {
  const mock = await running('mock', QOS, '--listen', ':0', '--count', '1')
  const client = await connect(mock, 'pub-4')
  await client.publishAsync('q/1', 'one', { qos: 1 })
  await client.publishAsync('unheard/of', 'two', { qos: 1 })
  await client.publishAsync('q/0', 'three', { qos: 2 })
  await client.endAsync()
  const { code, stdout, stderr } = await mock.ended
  expect(code).toBe(0)
  expect(stderr).toMatch(/2 recorded connections for whoever connects to 127\.0\.0\.1:\d+; Ctrl-C ends it\n/)
  expect(stderr).toContain('the first client is here\n')
  expect(stderr).toMatch(/played to 1 connection\n$/)
  expect(stdout).toMatch(/^by clients {2,}as recorded {2}again {2}not recorded {2}not done\n/)
  expect(stdout).toMatch(/^mqtt publish +1 +0 +2 +37$/m)
  expect(stdout).toMatch(/^not recorded {2}flow 2 {2}publish unheard\/of$/m)
  expect(stdout).toMatch(/^not recorded {2}flow 2 {2}publish q\/0: publish 2 q\/0 \(recorded: publish 0 q\/0\)$/m)
  expect(stdout).toMatch(/^not done {2}flow 1 {2}connection sub-4$/m)
  expect(stdout).toMatch(/\nnot as recorded\n$/)
})

test('with --strict, what is not recorded is refused, and the exit code is 1', async () => {
  const mock = await running('mock', QOS, '--listen', ':0', '--count', '1', '--strict', '--json')
  const client = await connect(mock, 'pub-4')
  const refused = new Promise<void>(resolve => client.once('close', resolve))
  client.publish('unheard/of', 'x', { qos: 1 })
  await refused
  const ended = await mock.ended
  expect(ended.code).toBe(1)
  expect(counts(ended).publish?.[2]).toBe(1)
})

test('with --expect same, what nobody did makes the exit code 1', async () => {
  const mock = await running('mock', QOS, '--listen', ':0', '--count', '1', '--expect', 'same')
  await (await connect(mock, 'pub-4')).endAsync()
  expect((await mock.ended).code).toBe(1)
})

test('it ends after a time, and on Ctrl-C', async () => {
  const timed = await running('mock', QOS, '--listen', ':0', '--duration', '100ms')
  expect((await timed.ended).code).toBe(0)
  const interrupted = await running('mock', QOS, '--listen', ':0')
  const { code, stdout } = await interrupted.stop()
  expect({ code, stdout }).toEqual({ code: 130, stdout: '' })
})

test('over TLS, with a certificate of our own', async () => {
  const path = await folder()
  const authority = await makeAuthority()
  const { cert, key } = await makeLeaf(authority, ['127.0.0.1'])
  await writeFile(join(path, 'cert'), cert)
  await writeFile(join(path, 'key'), key)
  const pair = ['--cert', join(path, 'cert'), '--key', join(path, 'key')]
  const mock = await running('mock', QOS, '--listen', 'mqtts://:0', '--count', '1', '--json', ...pair)
  const client = await connect(mock, 'pub-4', 'mqtts', { ca: authority.cert })
  await client.publishAsync('q/2', 'x', { qos: 2 })
  await client.endAsync()
  expect(counts(await mock.ended).publish?.[0]).toBe(1)
})

test('what was played can be recorded, without the passwords', async () => {
  const path = join(await folder(), 'run.pcapng')
  const mock = await running('mock', QOS, '--listen', ':0', '--count', '1', '-w', path)
  const client = await connect(mock, 'pub-4', 'mqtt', { username: 'ann', password: 'tell-nobody' })
  await client.publishAsync('q/1', 'one', { qos: 1 })
  await client.endAsync()
  await mock.ended
  const { stdout } = await mqinspect(['decode', path, '--fields', 'from,type'])
  expect(stdout.trim().split('\n')).toEqual([
    'client\tconnect',
    'server\tconnack',
    'client\tpublish',
    'server\tpuback',
    'client\tdisconnect',
  ])
  expect((await readFile(path)).includes('tell-nobody')).toBe(false)
})

test('who speaks what the recording does not have is told, and turned away', async () => {
  const mock = await running('mock', 'fixtures/captures/amqp091-basic.pcap', '--listen', ':0', '--count', '1')
  await expect(connect(mock, 'c')).rejects.toThrow()
  const { code, stderr } = await mock.ended
  expect(code).toBe(0)
  expect(stderr).toContain(': it speaks MQTT, of which the recording has nothing\n')
})

test('who speaks TLS where it is not spoken is told', async () => {
  const mock = await running('mock', QOS, '--listen', ':0', '--count', '1')
  await expect(connect(mock, 'c', 'mqtts', { connectTimeout: 500 })).rejects.toThrow()
  expect((await mock.ended).stderr).toMatch(/: it speaks TLS.*, which is not played\n/)
})

test('nothing to be played, nowhere to listen, nonsense', async () => {
  const run = (...args: readonly string[]) => mqinspect(['mock', ...args])
  const coap = await run('fixtures/amqp091/midstream.pcap', '--listen', ':0')
  expect(coap.code).toBe(1)
  expect(coap.stderr).toContain('1 connection left out: the recording does not have the beginning\n')
  expect((await run('package.json', '--listen', ':0')).code).toBe(4)
  expect((await run(QOS, '--listen', 'dtls://:0')).code).toBe(2)
  expect((await run(QOS, '--listen', 'nowhere')).code).toBe(2)
  expect((await run(QOS, '--listen', ':0', '--speed', 'fast')).code).toBe(2)
  expect((await run(QOS, '--listen', '203.0.113.1:1')).code).toBe(3)
})

test('of a damaged recording, what could be read is played; the exit code is 4', async () => {
  const path = join(await folder(), 'cut.pcap')
  await writeFile(path, (await readFile(QOS)).subarray(0, -5))
  const mock = await running('mock', path, '--listen', ':0', '--count', '1')
  await (await connect(mock, 'pub-4')).endAsync()
  const { code, stderr } = await mock.ended
  expect(code).toBe(4)
  expect(stderr).toContain('What could be read is played.')
})
