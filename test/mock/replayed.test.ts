import { expect, test } from 'vitest'
import { replay } from '../replay/replay.ts'
import { counts, running } from './running.ts'

/** Replay and mock on the same recording, one against the other: each is as the recording has it, for the other. */
test.each([
  'mqtt/mqtt31_qos',
  'mqtt/mqtt311_qos',
  'mqtt/mqtt5_qos',
  'mqtt/mqtt311_auth',
  'mqtt/mqtt311_session',
  'mqtt/mqtt311_retainwill',
  'mqtt/mqtt5_retainwill',
  'mqtt/mqtt5_props',
  'amqp091/basic',
  'amqp091/acks',
  'amqp091/confirms',
  'amqp091/tx',
  'amqp091/heartbeat-blocked',
  'amqp091/abort',
  'amqp10/rabbit_basic',
  'amqp10/rhea_server',
  'coap-tcp/coap_tcp_basic',
  'stomp/rabbit_tx',
  'stomp/rabbit_acks',
  'stomp/rabbit_heartbeat',
  'stomp/activemq_versions',
  'stomp/activemq_tx',
])('the clients of %s are played what they were told then', name => checkPlayed(name, ':0', port => `:${port}`))

test.each([
  ['mqtt/mqtt5_qos', 'ws', 'MQTT is binary'],
  ['stomp/rabbit_tx', 'wss', 'STOMP is text'],
  ['amqp10/rabbit_basic', 'ws', 'AMQP 1.0 is binary'],
  ['coap-tcp/coap_tcp_basic', 'ws', 'CoAP has no length of its own there [RFC 8323 §4.2]'],
])('the clients of %s are played the same over %s: %s', (name, scheme) =>
  checkPlayed(name, `${scheme}://:0`, port => `${scheme}://localhost:${port}/any`, '--insecure'),
)

async function checkPlayed(
  name: string,
  listen: string,
  to: (port: number) => string,
  ...flags: readonly string[]
): Promise<void> {
  const file = `fixtures/${name}.pcap`
  const mock = await running('mock', file, '--listen', listen, '--speed', 'max', '--once', '--json')
  const { code, deviations } = await replay(file, to(mock.port), ...flags)
  // A reason code that is left out is success [MQTT 5, 3.7.2.1].
  const different = deviations.filter(({ live }) => live !== 'ok pubcomp')
  expect({ code, different }).toEqual({ code: 0, different: [] })
  const ended = await mock.ended
  expect(ended.code).toBe(0)
  for (const [kind, [recorded, ...otherwise]] of Object.entries(counts(ended))) {
    expect({ kind, otherwise }).toEqual({ kind, otherwise: [0, 0, 0] })
    expect(recorded).toBeGreaterThan(0)
  }
}
