import { type DriveOptions, Login } from '../../core/index.ts'
import { Table } from '../field-table.ts'
import type { AmqpFrame, MethodOf } from '../frames.ts'
import { FRAME_MIN_SIZE } from '../tables.ts'
import type { Channels } from './channels.ts'
import { boundQueue, consumeArguments, declarations, exchangeOf, prefetchOf, queueOf } from './options.ts'
import { polls } from './polling.ts'
import { transactionOf } from './transactions.ts'

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

/** Who says nothing is who every server knows at first. */
export const loginOf = (options: DriveOptions, send: (response: Uint8Array) => void): Login =>
  new Login(
    String(options.settings.mechanism ?? 'PLAIN'),
    { ...options, user: options.user ?? 'guest', password: options.password ?? 'guest' },
    send,
  )

export const startOk = ({ clientId }: DriveOptions, mechanism: string, response: Uint8Array): AmqpFrame => ({
  type: 'connection.start-ok',
  channel: 0,
  clientProperties: Table.of({ product: 'mqinspect', connection_name: clientId, capabilities: CAPABILITIES }),
  mechanism,
  response,
  locale: 'en_US',
})

/** What the server offers; of heartbeats, the more frequent, and none if we want none; of frames, the smaller [4.2.7]. */
export function tuneOk(
  offered: MethodOf<'connection.tune'>,
  { keepAlive, settings }: DriveOptions,
): MethodOf<'connection.tune-ok'> {
  const { channelMax, frameMax, heartbeat } = offered
  const agreed = keepAlive === 0 || heartbeat === 0 ? keepAlive : Math.min(keepAlive, heartbeat)
  const wanted = settings.frameMax === undefined ? frameMax : Math.max(FRAME_MIN_SIZE, Number(settings.frameMax))
  return {
    type: 'connection.tune-ok',
    channel: 0,
    channelMax,
    // 0 is no limit.
    frameMax: frameMax === 0 ? wanted : Math.min(frameMax, wanted),
    heartbeat: agreed,
  }
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
export function requests(options: DriveOptions, { publishing, consuming }: Channels): AmqpFrame[] {
  const { virtualHost = '/', destinations, settles, settings } = options
  const prefetchCount = prefetchOf(options)
  const list: AmqpFrame[] = [{ type: 'connection.open', channel: 0, virtualHost }]
  for (const [at, channel] of publishing.entries()) {
    list.push({ type: 'channel.open', channel })
    if (at === 0) list.push(...destinations.flatMap(destination => declarations(channel, destination, settings)))
    if (transactionOf(settings) > 0) list.push({ type: 'tx.select', channel })
    else if (settings.confirms !== false) list.push({ type: 'confirm.select', channel, noWait: false })
  }
  for (const [at, channel] of consuming.entries()) {
    list.push({ type: 'channel.open', channel })
    if (prefetchCount > 0 && settles) {
      list.push({ type: 'basic.qos', channel, prefetchSize: 0, prefetchCount, global: false })
    }
    if (at === 0 && options.requests) list.push(...answers(channel))
    list.push(...consumers(options, channel, consuming.length > 1))
  }
  return distinct(list)
}

/** A consumer of each source, or a queue that messages can be asked for of. */
const consumers = (options: DriveOptions, channel: number, several: boolean): AmqpFrame[] => {
  const { sources, settles, settings } = options
  return sources.flatMap((source, at): AmqpFrame[] => {
    const queue = queueOf(options, source, at, several)
    const bound = exchangeOf(settings) === '' ? [] : boundQueue(channel, source, queue, settings)
    const ready = [...declarations(channel, source, settings), ...bound]
    if (polls(options)) return ready
    return [
      ...ready,
      {
        type: 'basic.consume',
        channel,
        queue,
        consumerTag: consumerTag(at),
        noLocal: false,
        noAck: !settles,
        exclusive: false,
        noWait: false,
        arguments: consumeArguments(settings),
      },
    ]
  })
}

/** A queue that the server names, for answers, which need no acknowledgement. */
const answers = (channel: number): AmqpFrame[] => [
  {
    type: 'queue.declare',
    channel,
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
    channel,
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
