import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { schemas } from '../../../scripts/schemas.ts'
import { readYaml } from '../../../src/yaml.ts'
import { type Broker, isMissing, mosquitto, rabbitmq } from '../../interop/brokers.ts'
import { violations } from '../../output/validate.ts'
import { load } from '../load.ts'
import { file, loads, read } from './files.ts'

const page = readFileSync(new URL('../../../docs/load-scenarios.md', import.meta.url), 'utf8')
/** The page's examples, by the title above them. */
const examples = [...page.matchAll(/^#+ ([^\n]+)\n(?:(?!^#).*\n)*?```yaml\n(?<text>[^`]*)```/gm)].map(
  ({ 1: title = '', groups }) => [title, groups?.text ?? ''] as const,
)

test('all examples are looked at', () => {
  expect(examples).toHaveLength(page.split('```yaml').length - 1)
  expect(examples.length).toBeGreaterThan(9)
})

test.each(examples)('%s: the schema holds for it, and its first line says where that is', async (_, text) => {
  expect(text).toMatch(/^# yaml-language-server: \$schema=schema\/scenario\.schema\.json\n/)
  const { value } = await readYaml('load.yaml', text)
  expect(violations(value, schemas.scenario, schemas.scenario)).toEqual([])
  expect(loads(await read(text)).length).toBeGreaterThan(0)
})

const isMissingAny = isMissing('mosquitto') || isMissing('rabbitmq-server')

describe.skipIf(isMissingAny)('on Mosquitto and RabbitMQ (skipped where they are not installed)', () => {
  let rabbit: Awaited<ReturnType<typeof rabbitmq>>
  let mosquittos: Broker

  beforeAll(async () => {
    mosquittos = await mosquitto(['max_queued_messages 0', 'set_tcp_nodelay true'])
    rabbit = await rabbitmq(['rabbitmq_mqtt'], ['mqtt.listeners.tcp.1'])
  }, 120_000)

  afterAll(async () => {
    await rabbit?.stop()
    await mosquittos?.stop()
  })

  /** In a tenth of the time, at the brokers of the test: MQTT and AMQP together are RabbitMQ's. */
  function here(text: string): string {
    const mqtt = text.includes('amqp:') ? `guest:guest@127.0.0.1:${rabbit.ports[0]}` : `127.0.0.1:${mosquittos.port}`
    return text
      .replaceAll('mqtt://localhost', `mqtt://${mqtt}`)
      .replaceAll('amqp://localhost', `amqp://127.0.0.1:${rabbit.port}`)
      .replaceAll(/(?<!drain: \d*)\b(\d+)s\b/g, (_, seconds: string) => `${Number(seconds) * 100}ms`)
  }

  test.each(examples)(
    '%s',
    async (_, text) => {
      const { code, result } = await load(file(here(text), 'example.yaml'))
      // Times are the machine's; that all is accounted for is not.
      expect([0, 99]).toContain(code)
      expect(result.proof).toMatchObject({ ok: true, lost: [] })
      expect(result.counts).toMatchObject({ lost: 0, unconfirmed: 0, connectFailures: 0 })
      // Where everybody is between two connections just when the run ends, what is due then is not sent.
      if (!text.includes('lifetime:')) expect(result.counts.dropped).toBe(0)
      if (text.includes('publish:')) expect(result.counts.sent).toBeGreaterThan(10)
      if (text.includes('consume:')) expect(result.counts.delivered).toBeGreaterThanOrEqual(result.counts.sent)
      if (text.includes('request:')) expect(result.counts.replies).toBe(result.counts.sent)
      if (text.includes('lifetime:')) expect(result.counts.reconnected).toBeGreaterThan(10)
    },
    60_000,
  )
})
