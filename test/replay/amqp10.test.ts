import type net from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { askAndAnswer } from '../interop/amqp10-client.ts'
import { isMissing, rabbitmq } from '../interop/brokers.ts'
import { ARTEMIS_USER, artemis, isArtemisMissing } from '../interop/java.ts'
import { recorded } from '../interop/recorded.ts'
import { load } from '../load/load.ts'
import { recordingPath } from '../recording/record.ts'
import { type Compared, expectSame, replay } from './replay.ts'
import { rheaServer } from './rhea-server.ts'

const FIXTURES = 'fixtures/amqp10'

describe.skipIf(isMissing('rabbitmq-server'))('against RabbitMQ (skipped where it is not installed)', () => {
  let broker: Awaited<ReturnType<typeof rabbitmq>>

  beforeAll(async () => {
    broker = await rabbitmq(['rabbitmq_amqp1_0'])
  }, 90_000)

  afterAll(() => broker?.stop())

  const to = (): string => `amqp://127.0.0.1:${broker.port}`

  test('basic is the same again, message for message', async () => {
    // Accepted, released, rejected; a session that the broker ends for an outcome that it does not know.
    expectBasic(await replay(`${FIXTURES}/rabbit_basic.pcap`, to()))
  })

  test('errors are the same again', async () => {
    // Wrong password, nodes that are not there, no SASL, no container-id.
    await expectSame(`${FIXTURES}/rabbit_errors.pcap`, to(), { sasl: 3, open: 4, attach: 2, end: 2 })
  })

  test('a password that was overwritten is asked for; with it, the recording of a run replays', async () => {
    const path = await recordingPath()
    const other = ['--map', 'amq-q1=other']
    expect((await replay(`${FIXTURES}/rabbit_basic.pcap`, to(), ...other, '-w', path)).code).toBe(0)
    const masked = await replay(path, to())
    expect(masked.code).toBe(2)
    expect(masked.stderr).toMatch(
      /flow 1: what the recording has for PLAIN does not log in again: it was overwritten\nGive --user and --password/,
    )
    const guest = `amqp://guest:guest@127.0.0.1:${broker.port}`
    expectBasic(await replay(path, guest, '--map', 'other=third'))
  })

  test('what rhea was told by a server of its own: what differs, and no crash', async () => {
    const flags = ['--user', 'guest', '--password', 'guest', '--timeout', '500ms', '--expect', 'same']
    const { code, kinds, deviations, stderr } = await replay(`${FIXTURES}/rhea_server.pcap`, to(), ...flags)
    expect(code).toBe(1)
    expect(kinds.open).toEqual([3, 0, 0, 0])
    expect(kinds.deliver).toEqual([0, 0, 40, 0])
    expect(deviations).toContainEqual(
      expect.objectContaining({
        kind: 'attach',
        address: 'stream',
        recorded: 'ok attach',
        live: 'unanswered session ended amqp:not-implemented "Dynamic sources not supported"',
      }),
    )
    expect(stderr).toMatch(/flow 2: \d+ frames left out, first /)
  })
})

/**
 * All is as it was. RabbitMQ ends the session at the fourth outcome, which it does not know; how many of those that follow
 * its client says before it hears of that is no matter of either.
 */
function expectBasic({ code, kinds, deviations, stderr }: Compared): void {
  const late = ({ kind, live }: Compared['deviations'][number]): boolean =>
    kind === 'deliver-ack' && live?.startsWith('unanswered session ended amqp:invalid-field') === true
  expect({ code, deviations: deviations.filter(each => !late(each)) }).toEqual({ code: 0, deviations: [] })
  expect(stderr).not.toContain('did not come')
  const counts = { attach: 2, 'publish-confirm': 16, deliver: 18, end: 1, close: 1 }
  for (const [kind, count] of Object.entries(counts))
    expect({ [kind]: kinds[kind] }).toEqual({ [kind]: [count, 0, 0, 0] })
  const [same = 0, different = 0, ...others] = kinds['deliver-ack'] ?? []
  expect([same + different, ...others]).toEqual([18, 0, 0])
  expect(same).toBeGreaterThanOrEqual(SETTLED_BEFORE)
}

/** Deliveries 0 to 6, the last of which is settled by what ends the session. */
const SETTLED_BEFORE = 7

describe('against rhea', () => {
  let server: net.Server

  beforeAll(async () => {
    server = await rheaServer()
  })

  afterAll(() => server?.close())

  const to = (): string => `amqp://127.0.0.1:${(server.address() as net.AddressInfo).port}`

  test('the same again: outcomes, refusals, a node that it made up, a redirected link, a stream', async () => {
    const { code, kinds, deviations } = await replay(`${FIXTURES}/rhea_server.pcap`, to(), '--expect', 'same')
    expect({ code, deviations }).toEqual({ code: 0, deviations: [] })
    const counts = { sasl: 3, begin: 2, attach: 6, 'publish-confirm': 22, deliver: 40, 'deliver-ack': 40, detach: 3 }
    for (const [kind, count] of Object.entries(counts)) {
      expect({ [kind]: kinds[kind] }).toEqual({ [kind]: [count, 0, 0, 0] })
    }
  })

  test('three copies, at the pace of the recording times ten', async () => {
    const flags = ['--copies', '3', '--speed', '10', '--expect', 'same']
    const { code, kinds, deviations } = await replay(`${FIXTURES}/rhea_server.pcap`, to(), ...flags)
    expect({ code, deviations }).toEqual({ code: 0, deviations: [] })
    expect(kinds['deliver-ack']).toEqual([120, 0, 0, 0])
  })

  test('what RabbitMQ did otherwise is told, and all else is done', async () => {
    const flags = ['--user', 'alice', '--password', 's3cret', '--timeout', '500ms', '--expect', 'same']
    const { code, kinds, deviations } = await replay(`${FIXTURES}/rabbit_basic.pcap`, to(), ...flags)
    expect(code).toBe(1)
    expect(kinds.attach).toEqual([2, 0, 0, 0])
    expect(deviations).toContainEqual(
      expect.objectContaining({ kind: 'publish-confirm', recorded: 'ok accepted', live: 'failed modified' }),
    )
  })
})

describe.skipIf(isArtemisMissing())('against ActiveMQ Artemis (skipped where Maven has not brought it)', () => {
  let broker: Awaited<ReturnType<typeof artemis>>

  beforeAll(async () => {
    broker = await artemis()
  }, 120_000)

  afterAll(() => broker?.stop())

  test('requests and replies, whose nodes the broker makes up, are the same again', async () => {
    const path = await recorded(broker.port, port => askAndAnswer(port, { ...user, address: 'service' }))
    const { code, kinds, deviations, stderr } = await replay(
      path,
      `amqp://127.0.0.1:${broker.port}`,
      '--expect',
      'same',
    )
    expect({ code, deviations }).toEqual({ code: 0, deviations: [] })
    expect(kinds.deliver).toEqual([10, 0, 0, 0])
    expect(kinds['deliver-ack']).toEqual([10, 0, 0, 0])
    expect(stderr).not.toContain('did not come')
  })

  test('who logged in by SCRAM does so again, with the password and another challenge', async () => {
    const { name, password } = ARTEMIS_USER
    const as = ['--user', name, '--password', password]
    const args = ['--protocol', 'amqp10', '-o', 'mechanism=SCRAM-SHA-512', '-o', 'node=queue', '-t', 'again', '-c', '5']
    const path = await recorded(broker.scram, async port => {
      await load(`amqp://127.0.0.1:${port}`, ...args, ...as)
    })
    const { code, kinds, deviations, stderr } = await replay(path, `amqp://127.0.0.1:${broker.scram}`, ...as)
    expect({ code, deviations }).toEqual({ code: 0, deviations: [] })
    expect(kinds.deliver).toEqual([5, 0, 0, 0])
    expect(stderr).not.toContain('did not come')
  })
})

const user = { username: 'ann', password: 'secret' }
