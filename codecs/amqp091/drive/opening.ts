import type { DriveOptions } from '../../core/index.ts'
import { Table } from '../field-table.ts'
import type { AmqpFrame, MethodOf } from '../frames.ts'
import { boundQueue, declarations, exchangeOf } from './options.ts'

/** The channels of a driven connection: what is published, and what is consumed, does not wait for the other. */
export const PUBLISHING = 1
export const CONSUMING = 2

/** What this client can be told [RabbitMQ, consumer-cancel, connection-blocked]. */
const CAPABILITIES = Table.of({
  publisher_confirms: true,
  exchange_exchange_bindings: true,
  'basic.nack': true,
  consumer_cancel_notify: true,
  'connection.blocked': true,
  authentication_failure_close: true,
})

export const PROTOCOL_HEADER: AmqpFrame = { type: 'protocol-header', protocolId: 0, major: 0, minor: 9, revision: 1 }

export function startOk({ user = 'guest', password = 'guest', settings, clientId }: DriveOptions): AmqpFrame {
  const mechanism = String(settings.mechanism ?? 'PLAIN')
  const response = mechanism === 'PLAIN' ? `\0${user}\0${password}` : ''
  return {
    type: 'connection.start-ok',
    channel: 0,
    clientProperties: Table.of({ product: 'mqinspect', connection_name: clientId, capabilities: CAPABILITIES }),
    mechanism,
    response: new TextEncoder().encode(response),
    locale: 'en_US',
  }
}

/** What the server offers; of heartbeats, the more frequent, and none if we want none [4.2.7]. */
export function tuneOk(
  offered: MethodOf<'connection.tune'>,
  { keepAlive }: DriveOptions,
): MethodOf<'connection.tune-ok'> {
  const { channelMax, frameMax, heartbeat } = offered
  const agreed = keepAlive === 0 || heartbeat === 0 ? keepAlive : Math.min(keepAlive, heartbeat)
  return { type: 'connection.tune-ok', channel: 0, channelMax, frameMax, heartbeat: agreed }
}

/** The name of the consumer of a source, by which its deliveries are told; and of the one of answers. */
const consumerTag = (source: number): string => `c${source}`
const ANSWERS = 'r'

/** The source that a consumer tag at [start, end) stands for; -1 for answers. */
export function sourceOf(bytes: Uint8Array, start: number, end: number): number {
  if (bytes[start] === ANSWERS.charCodeAt(0)) return -1
  let source = 0
  for (let at = start + 1; at < end; at++) source = source * 10 + (bytes[at] as number) - 0x30
  return source
}

/** All that is asked for before the client is ready, each once the one before is answered. */
export function requests({ virtualHost = '/', ...options }: DriveOptions): AmqpFrame[] {
  const { publishes, destinations, sources, credit, settles, settings } = options
  const wantsAnswers = options.requests
  const list: AmqpFrame[] = [{ type: 'connection.open', channel: 0, virtualHost }]
  if (publishes) {
    list.push({ type: 'channel.open', channel: PUBLISHING })
    list.push(...destinations.flatMap(destination => declarations(PUBLISHING, destination, settings)))
    if (settings.confirms !== false) list.push({ type: 'confirm.select', channel: PUBLISHING, noWait: false })
  }
  if (sources.length > 0 || wantsAnswers) {
    list.push({ type: 'channel.open', channel: CONSUMING })
    if (credit > 0 && settles) {
      list.push({
        type: 'basic.qos',
        channel: CONSUMING,
        prefetchSize: 0,
        prefetchCount: Math.min(credit, 65_535),
        global: false,
      })
    }
  }
  if (wantsAnswers) list.push(...answers)
  for (const [at, source] of sources.entries()) {
    list.push(...declarations(CONSUMING, source, settings))
    const bound = exchangeOf(settings) !== ''
    if (bound) list.push(...boundQueue(CONSUMING, source, settings))
    list.push({
      type: 'basic.consume',
      channel: CONSUMING,
      // Empty is the queue that was declared last [1.7.2.1].
      queue: bound ? String(settings.queue ?? '') : source,
      consumerTag: consumerTag(at),
      noLocal: false,
      noAck: !settles,
      exclusive: false,
      noWait: false,
      arguments: settings.queueType === 'stream' ? Table.of({ 'x-stream-offset': 'next' }) : Table.empty,
    })
  }
  return distinct(list)
}

/** A queue that the server names, for answers, which need no acknowledgement. */
const answers: readonly AmqpFrame[] = [
  {
    type: 'queue.declare',
    channel: CONSUMING,
    queue: '',
    passive: false,
    durable: false,
    exclusive: true,
    autoDelete: true,
    noWait: false,
    arguments: Table.empty,
  },
  {
    type: 'basic.consume',
    channel: CONSUMING,
    queue: '',
    consumerTag: ANSWERS,
    noLocal: false,
    noAck: true,
    exclusive: true,
    noWait: false,
    arguments: Table.empty,
  },
]

/** The same declaration is asked for once. */
function distinct(list: readonly AmqpFrame[]): AmqpFrame[] {
  const seen = new Set<string>()
  return list.filter(frame => {
    if (frame.type !== 'exchange.declare' && frame.type !== 'queue.declare') return true
    const name = `${frame.channel} ${frame.type} ${frame.type === 'queue.declare' ? frame.queue : frame.exchange}`
    if (name.endsWith(' ') || !seen.has(name)) {
      seen.add(name)
      return true
    }
    return false
  })
}
