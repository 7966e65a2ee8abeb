import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Broker, isMissing, mosquitto } from '../../interop/brokers.ts'
import { load } from '../load.ts'

const capture = new URL('../../../fixtures/captures/mqtt5.pcap.gz', import.meta.url).pathname
/** With bodies of up to a kilobyte. */
const larger = new URL('../../../fixtures/captures/mqtt311_reorder30.pcap.gz', import.meta.url).pathname

describe.skipIf(isMissing('mosquitto'))('a recording on Mosquitto (skipped where it is not installed)', () => {
  let broker: Broker

  beforeAll(async () => {
    broker = await mosquitto(['max_queued_messages 0', 'set_tcp_nodelay true'])
  })

  afterAll(() => broker?.stop())

  const url = (): string => `mqtt://127.0.0.1:${broker.port}`

  test('comes as it was, to whom it went; how much came is told, and that no more can be', async () => {
    const { code, result } = await load(url(), '--from', capture, '--qos', '1', '-r', '500', '-c', '200')
    expect(code).toBe(0)
    expect(result.counts).toMatchObject({ sent: 200, confirmed: 200, delivered: 200, foreign: 0 })
    expect(result.proof.lines).toContain('without a stamp, so that loss cannot be told: to be delivered 200, came 200')
    expect(result.plan[0]).toMatch(/\d+ messages of .*mqtt5\.pcap\.gz in turn, bodies are without a stamp/)
  })

  test('has stamps where there is room for them, if that is wanted', async () => {
    const args = [
      '--from',
      larger,
      '-Y',
      'message.size >= 32',
      '--stamp',
      'front',
      '--qos',
      '1',
      '-c',
      '100',
      '-x',
      '3',
    ]
    const { code, result } = await load(url(), ...args)
    expect(code).toBe(0)
    expect(result.proof.lines).toEqual(['sent 100 = 100 confirmed', 'to be delivered 100 = delivered 100 + lost 0'])
    expect(result.measures['publish-deliver']?.latency.count).toBe(100)
  })

  test('comes in its rhythm, as often as there is time', async () => {
    const args = ['--from', capture, '--rate', 'recorded*4', '-z', '2s', '-x', '2', '-y', '0', '--workers', '2']
    const { code, result } = await load(url(), ...args)
    expect(code).toBe(0)
    expect(result.counts.sent + result.counts.dropped).toBe(result.counts.due)
    expect(result.counts.sent).toBeGreaterThan(10)
  })
})
