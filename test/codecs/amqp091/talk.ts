import type { MethodOf } from '../../../codecs/amqp091/frames.ts'
import { type AmqpFrame, type Properties, Table } from '../../../codecs/amqp091/index.ts'
import { type ArgumentType, type MethodType, methods } from '../../../codecs/amqp091/tables.ts'
import type { Said } from '../../tracking/story.ts'

/** Conversations of AMQP, as short as they can be told. Whatever is not said is zero, empty or false. */

export type Step = Said<AmqpFrame>

type Given<T extends MethodType> = Partial<Omit<MethodOf<T>, 'type'>>

const nothing: Readonly<Record<ArgumentType, unknown>> = {
  octet: 0,
  short: 0,
  long: 0,
  longlong: 0,
  bit: false,
  shortstr: '',
  longtext: '',
  longstr: new Uint8Array(0),
  secret: new Uint8Array(0),
  table: Table.empty,
}

/** A method on channel 1, or on 0 if it is the connection's. */
export function method<T extends MethodType>(type: T, given: Given<T> = {} as Given<T>): AmqpFrame {
  const frame: Record<string, unknown> = { type, channel: type.startsWith('connection.') ? 0 : 1 }
  for (const [name, kind] of Object.entries(methods[type][2])) if (!name.endsWith('?')) frame[name] = nothing[kind]
  return { ...frame, ...given } as unknown as AmqpFrame
}

export const client = <T extends MethodType>(type: T, given?: Given<T>): Step => ({ client: method(type, given) })
export const server = <T extends MethodType>(type: T, given?: Given<T>): Step => ({ server: method(type, given) })

/** The header and the bodies that follow a method. */
export function content(text: string | readonly string[], properties: Properties = {}, channel = 1): AmqpFrame[] {
  const bodies = (typeof text === 'string' ? [text] : text).map(each => new TextEncoder().encode(each))
  const bodySize = bodies.reduce((sum, { length }) => sum + length, 0)
  return [
    { type: 'header', channel, classId: 60, bodySize, properties },
    ...bodies.filter(({ length }) => length > 0).map(body => ({ type: 'body', channel, body }) as const),
  ]
}

/** `basic.publish` with a body, to the default exchange unless told otherwise. */
export const publish = (
  routingKey: string,
  given: Given<'basic.publish'> = {},
  properties: Properties = {},
  body: string | readonly string[] = 'hi',
): Step[] =>
  [method('basic.publish', { routingKey, ...given }), ...content(body, properties, given.channel)].map(frame => ({
    client: frame,
  }))

/** A message from the broker: `basic.deliver`, `basic.get-ok` or `basic.return`, with a body. */
export const sent = <T extends 'basic.deliver' | 'basic.get-ok' | 'basic.return'>(
  type: T,
  given: Given<T>,
  properties: Properties = {},
  body: string | readonly string[] = 'hi',
): Step[] => [method(type, given), ...content(body, properties, given.channel)].map(frame => ({ server: frame }))

export const deliver = (deliveryTag: number, given: Given<'basic.deliver'> = {}, properties: Properties = {}): Step[] =>
  sent('basic.deliver', { deliveryTag, consumerTag: 'c', routingKey: 'q', ...given }, properties)

export const ack = (deliveryTag: number, multiple = false): AmqpFrame => method('basic.ack', { deliveryTag, multiple })

export const opening: readonly Step[] = [client('channel.open'), server('channel.open-ok')]
export const confirming: readonly Step[] = [...opening, client('confirm.select'), server('confirm.select-ok')]
/** Consumer `c` of queue `q`. */
export const consuming = (noAck = false): Step[] => [
  ...opening,
  client('basic.consume', { queue: 'q', consumerTag: 'c', noAck }),
  server('basic.consume-ok', { consumerTag: 'c' }),
]
