import { expect, it } from 'vitest'
import { capture } from '../../../filter/captures.ts'
import { foundIn } from '../../../findings/found.ts'

/** What AMQP's rules find in what RabbitMQ and real clients said to each other: all of it, and nothing else. */

const GUEST = 'default-credentials note: guest logs in at 127.0.0.1 with its default password'
const NO_HEARTBEAT = 'heartbeat-disabled warning: the client settled on a heartbeat of 0, where the broker offered 60 s'
const OPENING = [`${GUEST} [3]`, `${NO_HEARTBEAT} [4 5]`]
const returned = (address: string, frame: number): string =>
  `message-returned warning: a message to ${address} was returned: 312 NO_ROUTE [${frame}]`

const REFUSED =
  '403 ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN. For details see the broker logfile.'
const ERRORS = [
  "closed-by-broker note: ch=1 was closed over queue.declare: 404 NOT_FOUND - no queue 'does.not.exist' in vhost '/' [11]",
  "closed-by-broker note: ch=1 was closed over exchange.declare: 404 NOT_FOUND - no exchange 'nope' in vhost '/' [16]",
  "declare-inequivalent error: exchange.declare of x.pre was refused: 406 PRECONDITION_FAILED - inequivalent arg 'type' for exchange 'x.pre' in vhost '/': received 'topic' but current is 'direct' [22 23]",
  "closed-by-broker error: ch=1 was closed over basic.publish: 404 NOT_FOUND - no exchange 'no.such.exchange' in vhost '/' [30]",
  'unknown-delivery-tag error: delivery 99 on ch=1 was answered, where none of that tag waited for it [34 35]',
  "closed-by-broker error: ch=1 was closed over queue.declare: 403 ACCESS_REFUSED - queue name 'amq.reserved' contains reserved prefix 'amq.*' [40]",
  "closed-by-broker error: the connection was closed over exchange.declare: 503 COMMAND_INVALID - unknown exchange type 'nonsense' [45]",
  ...[`${GUEST} [49]`, `${NO_HEARTBEAT} [50 51]`, `${GUEST} [56]`, `${NO_HEARTBEAT} [57 58]`],
  "resource-locked error: queue.declare of q.excl was refused: 405 RESOURCE_LOCKED - cannot obtain exclusive access to locked queue 'q.excl' in vhost '/'. It could be originally declared on another connection or the exclusive property value does not match that of the original declaration. [67 68]",
  `auth-refused error: login by PLAIN was refused: ${REFUSED} [74 75]`,
  `${GUEST} [78]`,
  'closed-by-broker error: the connection was closed over connection.open: 530 NOT_ALLOWED - vhost novhost not found [82]',
  `auth-refused error: login by PLAIN was refused: ${REFUSED} [85 86]`,
  ...[`${GUEST} [92]`, `${NO_HEARTBEAT} [93 94]`],
  'closed-by-broker error: the connection was closed: 501 FRAME_ERROR - type 1, all octets = <<0,60,0,40>>: {invalid_frame_end_marker,255} [98]',
  ...[`${GUEST} [102]`, `${NO_HEARTBEAT} [103 104]`],
  'closed-by-broker error: the connection was closed: 501 FRAME_ERROR - type 1, all octets = <<0,20,0,10,0>>: {invalid_frame_end_marker,0} [108]',
  ...[`${GUEST} [112]`, `${NO_HEARTBEAT} [113 114]`],
  'closed-by-broker error: the connection was closed: 501 FRAME_ERROR - type 9, all octets = <<>>: {invalid_frame_end_marker,0} [117]',
]

it.each<[string, readonly string[]]>([
  ['abort', OPENING],
  [
    'acks',
    [
      ...OPENING,
      'transient-nonexclusive-queue warning: queue q.ack was declared with durable and exclusive off [11]',
      'global-qos warning: basic.qos with global and a prefetch of 100 on ch=1 [14]',
    ],
  ],
  [
    'basic',
    [
      ...OPENING,
      'transient-nonexclusive-queue warning: queue q.basic was declared with durable and exclusive off [25]',
      'prefetch-unlimited warning: consumer amq.ctag-9QYuYOYw3CZVwcfSNY7EAA of amq.gen-Qo0OxmWLMeeAeFo5PKpQuA was made on ch=2 without basic.qos before it [33]',
      'unconfirmed-persistent warning: a persistent message was published to x.topic/stock.ibm.nyse on ch=1 without confirms or a transaction [36]',
    ],
  ],
  [
    'confirms',
    [
      ...OPENING,
      ...[159, 170, 174, 181, 191].map((frame, at) => returned(`nowhere.${at}`, frame)),
      returned('amq.direct/nobind', 195),
    ],
  ],
  ['errors', [...OPENING, ...ERRORS]],
  ['heartbeat-blocked', [`${GUEST} [3]`, 'connection-blocked error: blocked for 1.8 s: low on memory [21 25]']],
  ['midstream', []],
  ['tx', OPENING],
])('%s', async (name, expected) => {
  const lines = await foundIn(capture(`amqp091/${name}.pcap`), [])
  expect(lines.map(line => line.replace('amqp091/', ''))).toEqual(expected)
})
