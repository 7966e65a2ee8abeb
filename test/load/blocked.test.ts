import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Broker, isMissing, mosquitto } from '../interop/brokers.ts'
import { artemis, isArtemisMissing } from '../interop/java.ts'
import { type Loaded, load, outcome, perfect } from './load.ts'

/** What a broker does to those who publish while it cannot, or will not, take more: told with its span, and in latencies. */

/** The one span for a reason, and how long the slowest message took from when it was due, in seconds. */
function blocked({ result }: Loaded, reason: string) {
  const spans = result.blocked.filter(span => span.reason === reason)
  const [{ from = Number.NaN, to = Number.NaN } = {}] = spans
  return {
    spans: spans.length,
    from,
    seconds: to - from,
    slowest: (result.measures['publish-deliver']?.latency.max ?? 0) / 1e6,
  }
}

describe.skipIf(isMissing('mosquitto'))('a broker that hangs (Mosquitto; skipped where it is not installed)', () => {
  let broker: Broker

  beforeAll(async () => {
    broker = await mosquitto(['max_queued_messages 0'])
  })

  afterAll(async () => {
    broker?.signal('SIGCONT')
    await broker?.stop()
  })

  const url = (): string => `mqtt://127.0.0.1:${broker.port}`

  async function hang(seconds: number, ...args: readonly string[]): Promise<Loaded> {
    const loading = load(url(), ...args)
    await sleep(2500)
    broker.signal('SIGSTOP')
    await sleep(seconds * 1000)
    broker.signal('SIGCONT')
    return loading
  }

  test('it answers nothing for a while, and then everything', async () => {
    const loaded = await hang(2, '--qos', '1', '-r', '200', '-z', '6s')
    expect(outcome(loaded)).toEqual(perfect(1200))
    const { spans, seconds, slowest } = blocked(loaded, 'it answered nothing')
    expect(spans).toBe(1)
    expect(seconds).toBeGreaterThan(1.8)
    expect(slowest).toBeGreaterThan(seconds - 0.5)
  })

  test('it reads nothing: what nobody confirms is held up by a socket that is full', async () => {
    const loaded = await hang(2.5, '-s', '50kB', '-r', '400', '-z', '6s')
    const { due, sent, dropped } = loaded.result.counts
    expect(outcome(loaded)).toMatchObject({ code: 0, delivered: sent, lost: 0 })
    // What waited may still be waiting when the run ends.
    expect([due, sent + dropped]).toEqual([2400, 2400])
    const { seconds, slowest } = blocked(loaded, 'it reads no more')
    expect(seconds).toBeGreaterThan(1)
    expect(slowest).toBeGreaterThan(seconds)
  })
})

describe.skipIf(isMissing('mosquitto'))('a broker that is gone (Mosquitto; skipped where it is not installed)', () => {
  test('for good: it failed, whatever was accounted for until then, also where loss is none', async () => {
    const broker = await mosquitto()
    const args = ['--qos', '1', '-r', '200', '-z', '4s', '--drain', '500ms', '--allow-loss']
    const loading = load(`mqtt://127.0.0.1:${broker.port}`, ...args)
    await sleep(2500)
    await broker.stop()
    const { code, result } = await loading
    expect(code).toBe(3)
    expect(result.ok).toBe(false)
    const [publishers, consumers] = result.gone
    expect(publishers).toMatchObject({ group: 'publishers', clients: 1, unsent: result.counts.dropped })
    expect(consumers).toMatchObject({ group: 'consumers', unsent: 0 })
    expect(publishers?.since).toBeGreaterThan(0)
    expect(publishers?.since).toBeLessThan(3.5)
    expect(publishers?.reason).toMatch(/connect/)
    expect(result.blocked.at(-1)).toEqual({ from: expect.any(Number), reason: 'no connection' })
    expect(result.limit.what).toBe('broker')
  })

  test('and nobody tries any more: a run that would end with its messages ends', async () => {
    const broker = await mosquitto()
    const loading = load(
      `mqtt://127.0.0.1:${broker.port}`,
      '--qos',
      '1',
      '-r',
      '100',
      '-c',
      '100k',
      '--reconnect',
      '100ms:2',
    )
    await sleep(2000)
    await broker.stop()
    expect(await loading).toMatchObject({
      code: 3,
      result: { gone: [{ group: 'publishers' }, { group: 'consumers' }] },
    })
  })

  test('from the start: of its version nothing is said', async () => {
    const broker = await mosquitto()
    await broker.stop()
    const loading = load(`mqtt://127.0.0.1:${broker.port}`, '-z', '1s')
    await expect(loading).rejects.toThrow(/See whether the broker listens there\.\n/)
  })
})

describe.skipIf(isArtemisMissing())('credit (Artemis; skipped where Maven has not brought it)', () => {
  let broker: Broker

  beforeAll(async () => {
    broker = await artemis('<max-size-bytes>100000</max-size-bytes><address-full-policy>BLOCK</address-full-policy>')
  }, 120_000)

  afterAll(() => broker?.stop())

  test('AMQP 1.0: an address that is full grants none, until there is a consumer', async () => {
    const args = ['--protocol', 'amqp10', '-o', 'node=queue', '-t', 'full', '-s', '1kB', '-r', '1000']
    const loaded = await load(`amqp://127.0.0.1:${broker.port}`, ...args, '-z', '4s', '--consume-after', '3s')
    expect(outcome(loaded)).toEqual(perfect(4000))
    const { spans, from, seconds, slowest } = blocked(loaded, 'no link credit left')
    expect(spans).toBe(1)
    // Artemis gives credit for 1000 messages in the beginning, whatever there is room for.
    expect(from).toBeGreaterThan(0.9)
    expect(from + seconds).toBeGreaterThan(2.9)
    expect(slowest).toBeGreaterThan(2.9)
  })
})
