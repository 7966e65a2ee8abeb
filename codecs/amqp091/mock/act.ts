import { type Act, fnv } from '../../core/index.ts'
import { addressOf, nameOf } from '../destination.ts'
import { facts } from '../facts.ts'
import type { Table } from '../field-table.ts'
import type { AmqpFrame, Method, MethodOf, ProtocolHeader } from '../frames.ts'
import { credentials } from '../play/opening.ts'
import type { Properties } from '../properties.ts'
import type { Text } from '../strings.ts'
import { type MethodType, methods } from '../tables.ts'

/** What a client published. */
export interface Content {
  readonly properties: Properties
  readonly body: Uint8Array
}

/** A method; one that publishes, once its content is whole; one that acknowledges, as many as it settles deliveries. */
export interface AmqpAct extends Act {
  readonly frame: Method | ProtocolHeader
  readonly channel: number
  /** Of a publish, its number on a channel that confirms; of an acknowledgement, the delivery's tag; else 0. */
  readonly tag: number
  /** Of a publish whose content was kept whole. */
  readonly content?: Content | undefined
}

/** A name as the recording has it, for one of now. */
export type Recorded = (name: Text) => string

/** Arguments that say nothing of what is meant: how it is answered, what was asked for before 0-9-1, what is told apart by it alone. */
const LEFT_OUT: ReadonlySet<string> = new Set(['ticket', 'consumerTag', 'outOfBand', 'capabilities'])

/** A method that is an act by itself. */
export function methodAct(frame: Method, recorded: Recorded): AmqpAct {
  const { type, channel } = frame
  switch (frame.type) {
    case 'connection.start-ok':
      return { type, channel, tag: 0, frame: bare(frame), signature: type, detail: '', likeness: startLikeness(frame) }
    case 'connection.secure-ok':
    case 'connection.update-secret':
    case 'connection.tune-ok':
      return { type, channel, tag: 0, frame, signature: type, detail: '' }
    case 'connection.close':
    case 'channel.close':
      return { type, channel, tag: 0, frame, signature: type, detail: '', farewell: true }
    case 'connection.open': {
      const address = nameOf(frame.virtualHost)
      const likeness = { virtualHost: address }
      return { type, channel, tag: 0, frame, address, signature: `${type} ${address}`, detail: '', likeness }
    }
    default: {
      const signature = [type, ...wordsOf(frame, recorded)].join(' ')
      return { type, channel, tag: 0, frame, address: subjectOf(frame), signature, detail: signature }
    }
  }
}

export const headerAct = (frame: ProtocolHeader): AmqpAct => ({
  type: frame.type,
  channel: 0,
  tag: 0,
  frame,
  signature: `${frame.type} ${frame.major}-${frame.minor}-${frame.revision}`,
  detail: '',
  likeness: {},
})

export function publishAct(
  frame: MethodOf<'basic.publish'>,
  tag: number,
  { properties, body }: Content,
  size: number,
  recorded: Recorded,
): AmqpAct {
  const { type, channel, exchange, routingKey, mandatory, immediate } = frame
  const address = addressOf(frame)
  const place = `${recorded(exchange)}/${recorded(routingKey)}`
  const asked = `${tag > 0 ? ' confirmed' : ''}${mandatory ? ' mandatory' : ''}${immediate ? ' immediate' : ''}`
  return {
    type,
    channel,
    tag,
    frame,
    address,
    signature: `${type}${asked} ${place}`,
    detail: `${place} ${size} ${fnv(body)}`,
    content: body.length < size ? undefined : { properties, body },
  }
}

export function settleAct(
  frame: MethodOf<'basic.ack' | 'basic.nack' | 'basic.reject'>,
  tag: number,
  address: string,
): AmqpAct {
  const { type, channel } = frame
  const asked = frame.type !== 'basic.ack' && frame.requeue ? ' requeue' : ''
  return { type, channel, tag, frame, address, signature: `${type}${asked} ${address}`, detail: address }
}

/** Without what may hold a credential. */
const bare = (frame: MethodOf<'connection.start-ok'>): Method => ({ ...frame, response: NOTHING })

function startLikeness(frame: MethodOf<'connection.start-ok'>): Readonly<Record<string, string>> {
  const { clientId, user, product } = facts(frame) ?? {}
  const known = credentials(frame)
  return {
    ...(clientId === undefined ? {} : { clientId }),
    ...(user === undefined ? {} : { user }),
    ...(known === undefined || known === 'masked'
      ? {}
      : { password: String(fnv(new TextEncoder().encode(known.password))) }),
    ...(product === undefined ? {} : { product }),
  }
}

/** The arguments that say what is meant. */
function wordsOf(frame: Method, recorded: Recorded): string[] {
  const values = frame as unknown as Readonly<Record<string, unknown>>
  return Object.entries(methods[frame.type as MethodType][2]).flatMap(([argument, kind]) => {
    const name = argument.replace('?', '')
    const value = values[name]
    if (value === undefined || LEFT_OUT.has(name)) return []
    if (kind === 'bit') return value === true ? [name] : []
    if (kind === 'table') return (value as Table).entries.length === 0 ? [] : [JSON.stringify(value, plain)]
    return [kind === 'shortstr' ? recorded(value as Text) : String(value)]
  })
}

/** What it is about, for people. */
function subjectOf(frame: AmqpFrame): string | undefined {
  if ('queue' in frame && frame.queue !== '') return nameOf(frame.queue)
  if ('exchange' in frame) return nameOf(frame.exchange)
  return 'destination' in frame ? nameOf(frame.destination) : undefined
}

const plain = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value)

const NOTHING = new Uint8Array(0)
