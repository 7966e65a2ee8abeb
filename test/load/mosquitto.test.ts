import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mqinspect, RUN } from '../commands/cli.ts'
import { type Broker, freePorts, isMissing, mosquitto } from '../interop/brokers.ts'
import { load, outcome, perfect } from './load.ts'

describe.skipIf(isMissing('mosquitto'))('load on Mosquitto (skipped where it is not installed)', () => {
  let broker: Broker

  beforeAll(async () => {
    broker = await mosquitto(['max_queued_messages 0', 'set_tcp_nodelay true'])
  })

  afterAll(() => broker?.stop())

  const url = (): string => `mqtt://127.0.0.1:${broker.port}`

  test.each([
    ['5', 1],
    ['3.1.1', 2],
    ['3.1', 1],
  ])('MQTT %s at QoS %s: all that was due is confirmed, delivered and acknowledged', async (version, qos) => {
    const args = ['--protocol-version', version, '--qos', String(qos), '-r', '500', '-c', '500']
    const loaded = await load(url(), ...args)
    expect(outcome(loaded)).toEqual(perfect(500))
    const { measures, proof } = loaded.result
    expect(proof.lines).toEqual(['sent 500 = 500 confirmed', 'to be delivered 500 = delivered 500 + lost 0'])
    for (const measure of ['publish-confirm', 'publish-deliver', 'deliver-ack'] as const)
      expect(measures[measure]?.latency.count).toBe(500)
  })

  test('at QoS 0 no answer is asked for, and deliveries are counted all the same', async () => {
    const loaded = await load(url(), '-r', '500', '-c', '500')
    expect(outcome(loaded)).toMatchObject({ code: 0, sent: 500, confirmed: 0, delivered: 500, lost: 0 })
    expect(loaded.result.proof.lines[0]).toBe('sent 500 = 500 without an answer asked for')
  })

  test('topic aliases stand for topics, as many as there are', async () => {
    const args = ['--qos', '1', '-o', 'topicAlias=true', '-t', 'alias/%rand_30', '--source', 'alias/+']
    expect(outcome(await load(url(), ...args, '-r', '500', '-c', '500'))).toEqual(perfect(500))
  })

  test('what is retained, and sessions, are taken away, by several workers too, and when it is interrupted', async () => {
    const args = ['--qos', '1', '-o', 'retain=true', '-o', 'sessionExpiry=600', '-t', 'left/%i', '--source', 'left/+']
    const all = ['load', url(), '--no-tui', ...args, '-x', '4', '--workers', '2', '-r', '200', '--cleanup']
    const child = spawn(process.execPath, [RUN, ...all])
    const took = new Promise<string>(resolve => {
      let stderr = ''
      child.stderr.on('data', text => (stderr += text)).on('end', () => resolve(stderr))
    })
    // By the end of the first interval all four have published.
    await new Promise<void>(resolve => {
      child.stdout.on('data', text => {
        if (String(text).includes('confirmed')) resolve()
      })
    })
    child.kill('SIGINT')
    expect(await took).toContain('took away 5 sessions, 4 retained messages')
    const { result } = await load(url(), '-x', '0', '--source', 'left/+', '--until-idle', '300ms')
    expect(result.counts.foreign).toBe(0)
  })

  test('several workers do together what one does', async () => {
    const args = ['--qos', '1', '-x', '6', '-y', '3', '-t', 'w/%i', '--source', 'w/#', '-r', '600', '-c', '600']
    const loaded = await load(url(), ...args, '--workers', '3')
    // Each of three consumers gets every message.
    expect(outcome(loaded)).toEqual({ ...perfect(600), delivered: 1800, acked: 1800 })
    expect(loaded.result.generator.workers).toBe(3)
  })

  test('a rate for a time is so many messages, to the last one', async () => {
    for (let time = 0; time < 3; time++) {
      const { result } = await load(url(), '-r', '1k', '-z', '300ms')
      expect(result.counts).toMatchObject({ due: 300, sent: 300 })
    }
  })

  test('a closed run keeps as many under way as it is told', async () => {
    const { code, result } = await load(url(), '--qos', '1', '--in-flight', '50', '-c', '20k')
    expect({ code, sent: result.counts.sent, delivered: result.counts.delivered }).toEqual({
      code: 0,
      sent: 20_000,
      delivered: 20_000,
    })
    for (const { inFlight } of result.intervals) expect(inFlight).toBeLessThanOrEqual(50)
  })

  test('stages are told one by one, and thresholds decide the exit code', async () => {
    const held = ['--threshold', 'lost == 0', '--threshold', 'sent >= 300']
    const args = ['--qos', '1', '--stages', '200:1s,0:500ms,100:1s', '--interval', '500ms']
    const { code, result } = await load(url(), ...args, ...held)
    expect(code).toBe(0)
    expect(result.stages.map(({ name }) => name)).toEqual(['200/s', '0/s', '100/s'])
    expect(result.counts.sent).toBe(300)
    const crossed = await load(url(), ...args, '--threshold', 'sent > 300')
    expect(crossed.code).toBe(99)
    expect(crossed.result.thresholds).toMatchObject([{ threshold: 'sent > 300', ok: false, actual: 300 }])
  })

  test('a threshold that is to ends the run in order, and says when', async () => {
    const args = ['--qos', '1', '-r', '200', '-z', '20s', '--interval', '200ms']
    const { code, result } = await load(url(), ...args, '--threshold', 'sent < 50 abort after 500ms')
    expect(code).toBe(99)
    expect(result.seconds).toBeLessThan(10)
    expect(result).toMatchObject({ interrupted: false, proof: { ok: true } })
    const [threshold] = result.thresholds
    expect(threshold).toMatchObject({ ok: false, shown: expect.stringContaining('where it ended the run') })
    expect(threshold?.endedAt).toBeGreaterThanOrEqual(0.5)
  })

  // These mostly wait.
  test.concurrent('what is due while nobody is there is told', async () => {
    const stalled = await mosquitto()
    try {
      const running = load(`mqtt://127.0.0.1:${stalled.port}`, '--qos', '1', '-r', '200', '-z', '4s', '-y', '0')
      await sleep(2000)
      await stalled.stop()
      const { result } = await running
      // Nothing was sent while nobody was there; what was due then is told.
      const { due, sent, dropped, unroutable, unconfirmed, disconnected } = result.counts
      expect(due).toBe(800)
      expect(sent + dropped).toBe(due)
      expect(unroutable + unconfirmed).toBe(sent)
      expect(dropped).toBeGreaterThan(100)
      expect(disconnected).toBe(1)
      expect(result.troubles.length).toBeGreaterThan(0)
    } finally {
      await stalled.stop().catch(() => {})
    }
  })

  test.concurrent('a broker that restarts is part of the result', async () => {
    const [port] = (await freePorts(1)) as [number]
    const lines = [`listener ${port} 127.0.0.1`]
    const first = await mosquitto(lines)
    const running = load(`mqtt://127.0.0.1:${port}`, '--qos', '1', '-r', '200', '-z', '8s', '--reconnect', '200ms')
    await sleep(3000)
    await first.stop()
    const second = await mosquitto(lines)
    try {
      const { result } = await running
      expect(result.counts.reconnected).toBe(2)
      expect(result.counts.due).toBe(1600)
      // The last of it had no time to be sent, where the machine is busy.
      expect(result.counts.sent + result.counts.dropped).toBe(1600)
      expect(result.counts.sent).toBeGreaterThan(1400)
      // What was due meanwhile waited, and says so.
      const { latency, service } = result.measures['publish-confirm'] ?? {}
      expect(latency?.max).toBeGreaterThan(100_000)
      expect(service?.p50).toBeLessThan(latency?.max ?? 0)
    } finally {
      await second.stop()
    }
  })

  test.concurrent('a search finds a rate that holds, with what speaks for it', async () => {
    const args = ['--qos', '1', '--rate', '200', '--step', '500ms', '--find-limit', 'sent rate <= 700/s']
    const { code, result } = await load(url(), ...args)
    expect(code).toBe(0)
    const held = result.stages.filter(stage => stage.held).map(({ rate }) => rate)
    const not = result.stages.filter(stage => stage.held === false).map(({ rate }) => rate)
    expect(held.slice(0, 2)).toEqual([200, 400])
    expect(not[0]).toBe(800)
    expect(Math.max(...held)).toBeLessThan(Math.min(...not))
    // It ends where they are near each other.
    expect(Math.min(...not) / Math.max(...held)).toBeLessThan(1.06)
  }, 60_000)

  test.concurrent('connections are made at the rate that is asked for, kept, and made again when their time is over', async () => {
    const idle = await load(url(), '-x', '0', '-y', '0', '--idle', '100', '--connect-rate', '200', '-z', '500ms')
    expect(idle.code).toBe(0)
    expect(idle.result.counts).toMatchObject({ connected: 100, connectFailures: 0, disconnected: 0 })
    expect(idle.result.seconds).toBeGreaterThan(0.9)
    const churning = await load(url(), '-x', '0', '-y', '0', '--idle', '10', '--lifetime', '300ms', '-z', '2s')
    expect(churning.result.counts.connected).toBe(10)
    expect(churning.result.counts.reconnected).toBeGreaterThan(20)
    // Nobody leaves before what it sent is answered.
    const sending = await load(
      url(),
      '-x',
      '10',
      '-y',
      '0',
      '--qos',
      '1',
      '-r',
      '2k',
      '--lifetime',
      '200ms',
      '-z',
      '2s',
    )
    expect(sending).toMatchObject({ code: 0, result: { counts: { unconfirmed: 0, disconnected: 0 } } })
    expect(sending.result.counts.reconnected).toBeGreaterThan(20)
  })

  test('a consumer that is slow is slow: its work is done one after the other', async () => {
    const args = ['--qos', '1', '-r', '1000', '-c', '100', '--work', '10ms', '--drain', '5s']
    const { code, result } = await load(url(), ...args)
    expect(code).toBe(0)
    expect(result.counts.acked).toBe(100)
    // A hundred times ten milliseconds: the last waited for nearly all of them.
    expect(result.measures['deliver-ack']?.latency.max).toBeGreaterThan(700_000)
  })

  test('consumers work off no more a second than they are told to, all together', async () => {
    const args = ['-y', '2', '--source', '$share/g/limited', '-t', 'limited', '--consume-rate', '200', '--qos', '1']
    const { code, result } = await load(url(), ...args, '-r', '2k', '-c', '200')
    expect(code).toBe(0)
    expect(result.counts.acked).toBe(200)
    // Two hundred, two hundred a second.
    expect(result.measures['deliver-ack']?.latency.max).toBeGreaterThan(700_000)
  })

  test('connects from the addresses that it is told, in turn', async () => {
    const idle = ['-x', '0', '-y', '0', '--idle', '4', '-z', '200ms', '--local-address', '127.0.0.2,127.0.0.3']
    const { code, result } = await load(url(), ...idle)
    expect({ code, connected: result.counts.connected }).toEqual({ code: 0, connected: 4 })
    const elsewhere = await mqinspect(['load', '-q', url(), '--local-address', '192.0.2.1'])
    expect(elsewhere.code).toBe(3)
    expect(elsewhere.stderr).toMatch(/address not available\nConnect from an address that this machine has/)
  })

  test('ends when nothing comes any more: what was left in a session is drained', async () => {
    const session = ['-o', 'cleanStart=false', '-o', 'sessionExpiry=60', '--qos', '1', '-t', 'left', '-x', '0']
    const drain = [...session, '--client-id', 'left-%i', '--interval', '200ms', '--until-idle', '400ms']
    // Nothing is there yet, but the session is from then on.
    expect(await load(url(), ...drain)).toMatchObject({ code: 0, result: { counts: { foreign: 0 } } })
    await load(url(), '-t', 'left', '--qos', '1', '-y', '0', '-r', '1k', '-c', '15')
    expect(await load(url(), ...drain)).toMatchObject({ code: 0, result: { counts: { foreign: 15, acked: 15 } } })
  })

  test('ends when all consumers have theirs', async () => {
    const args = [
      '-t',
      'theirs',
      '-y',
      '3',
      '--qos',
      '1',
      '-r',
      '500',
      '--consume-count',
      '50/client',
      '--workers',
      '2',
    ]
    const { code, result } = await load(url(), ...args)
    expect({ code, delivered: result.counts.delivered, lost: result.counts.lost }).toEqual({
      code: 0,
      delivered: 150,
      lost: 0,
    })
  })

  test('requests are answered, and the time until then is measured', async () => {
    const { code, result } = await load(url(), '--request', '--qos', '1', '-r', '200', '-c', '200', '-t', 'ask')
    expect({ code, replies: result.counts.replies }).toEqual({ code: 0, replies: 200 })
    expect(result.measures['request-reply']?.latency.count).toBe(200)
  })

  test('two runs at once do not take each other’s sessions', async () => {
    const asking = (topic: string) => load(url(), '--request', '--qos', '1', '-r', '100', '-c', '150', '-t', topic)
    for (const { code, result } of await Promise.all([asking('one'), asking('two')])) {
      expect({ code, replies: result.counts.replies }).toEqual({ code: 0, replies: 150 })
      expect(result.counts).toMatchObject({ unroutable: 0, disconnected: 0 })
    }
  })

  test('each request is answered once for all who answer it', async () => {
    const { code, result } = await load(
      url(),
      '--request',
      '--qos',
      '1',
      '-r',
      '100',
      '-c',
      '50',
      '-y',
      '2',
      '-t',
      'both',
    )
    expect({ code, replies: result.counts.replies }).toEqual({ code: 0, replies: 50 })
    // The last ones may still be on their way.
    expect(result.proof.lines.at(-1)).toMatch(
      /^asked 50 = answered 50 \+ without a reply 0; \d+ came again, from others or once more$/,
    )
  })

  test('text goes as it is, with what tells messages apart in its place', async () => {
    const body = '{"id":"%stamp","from":"%c"}'
    const { result } = await load(url(), '--qos', '1', '-r', '100', '-c', '50', '--body', body)
    expect(result.counts).toMatchObject({ delivered: 50, foreign: 0, lost: 0 })
  })

  test('writes what it came to, for people and for machines', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mqinspect-load-'))
    try {
      const files = ['json', 'csv', 'hlog', 'xml', 'html', 'md'].map(extension => join(folder, `run.${extension}`))
      const { code } = await load(url(), '-r', '100', '-c', '100', ...files.flatMap(file => ['--report', file]))
      expect(code).toBe(0)
      for (const file of files) expect(readFileSync(file, 'utf8').length).toBeGreaterThan(100)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

describe('load', () => {
  test('says that nobody is there, and leaves with 3', async () => {
    const { code, stderr } = await mqinspect(['load', 'mqtt://127.0.0.1:1', '-z', '1s'])
    expect(code).toBe(3)
    expect(stderr).toContain('no client could connect')
  })

  test.each([
    ['mqtt://192.0.2.1', [], 'is not this machine'],
    ['mqtt://127.0.0.1:1', ['--qos', '3'], 'qos'],
    ['mqtt://127.0.0.1:1', ['-o', 'persistant=true'], 'persistant: the protocol has no such option'],
    ['amqp://127.0.0.1:1', ['-o', 'persistant=true'], 'Did you mean persistent?'],
    ['mqtt://127.0.0.1:1', ['--size', '10'], 'takes 32 bytes'],
    ['mqtt://127.0.0.1:1', ['--threshold', 'p99 <'], '--threshold'],
    ['mqtt://127.0.0.1:1', ['--local-address', 'eth0'], 'not an IP address'],
    ['mqtts://127.0.0.1:1', ['--tls-min-version', '1.4'], 'There are: 1.0, 1.1, 1.2, 1.3.'],
    ['mqtts://127.0.0.1:1', ['--ca', '/none.pem'], '--ca /none.pem: no such file'],
    ['mqtt://127.0.0.1:1', ['--protocol-version', '6'], 'There are: 5, 3.1.1, 3.1.'],
    ['mqtt://127.0.0.1:1', ['-c', '5/clients'], 'not a number'],
    ['tcp://127.0.0.1:1', [], 'which protocol is spoken there?'],
  ])('refuses %s %s', async (url, args, told) => {
    const { code, stderr } = await mqinspect(['load', url, ...args])
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(told) })
  })
})
