import { Deferred, type Facts, hex, validUtf8 } from '../core/index.ts'
import type { Amqp10Frame, AmqpError, Attach, Composite, Flow, Open, SaslInit, Transfer } from './frames.ts'
import { choices, protocols } from './tables.ts'
import { Scalar, Value } from './value.ts'

/** One line for lists, without the type and without secrets. */
export function summary(frame: Amqp10Frame): string {
  return words(frame)
    .filter(word => word !== undefined && word !== false && word !== '')
    .join(' ')
}

type Words = (string | false | undefined)[]

function words(frame: Amqp10Frame): Words {
  switch (frame.type) {
    case 'protocol-header': {
      const { protocolId, major, minor, revision } = frame
      return [protocols[protocolId] ?? `protocol ${protocolId}`, `${major}.${minor}.${revision}`]
    }
    case 'sasl-mechanisms':
      return [frame.saslServerMechanisms?.join(' ')]
    case 'sasl-init':
      return [frame.mechanism, named('host', frame.hostname)]
    case 'sasl-challenge':
      return [`${frame.challenge?.length ?? 0} B`]
    case 'sasl-response':
      return []
    case 'sasl-outcome':
      return [choices['sasl-code']?.[frame.code] ?? `code=${frame.code}`]
    case 'open':
      return [
        named('container', frame.containerId),
        named('host', frame.hostname),
        named('max-frame', frame.maxFrameSize),
        named('channel-max', frame.channelMax),
        frame.idleTimeOut !== undefined && `idle=${frame.idleTimeOut} ms`,
      ]
    case 'begin':
      return [
        channel(frame),
        named('remote', frame.remoteChannel),
        named('next-out', frame.nextOutgoingId),
        named('in-window', frame.incomingWindow),
        named('out-window', frame.outgoingWindow),
      ]
    case 'attach':
      return attach(frame)
    case 'flow':
      return flow(frame)
    case 'transfer':
      return transfer(frame)
    case 'disposition':
      return [
        channel(frame),
        frame.role,
        frame.last === undefined || frame.last === frame.first
          ? named('id', frame.first)
          : `ids=${frame.first}..${frame.last}`,
        stateText(frame.state),
        frame.settled === true && 'settled',
      ]
    case 'detach':
      return [channel(frame), named('handle', frame.handle), frame.closed === true && 'closed', errorText(frame.error)]
    case 'end':
    case 'close':
      return [channel(frame), errorText(frame.error)]
    case 'empty':
      return []
    case 'unknown':
      return [channel(frame)]
  }
}

const channel = (frame: { readonly channel: number }): string => `ch=${frame.channel}`

const named = (name: string, value: string | number | bigint | undefined): string | undefined =>
  value === undefined ? undefined : `${name}=${value}`

function attach(frame: Attach): Words {
  const { source, target } = frame
  return [
    channel(frame),
    named('handle', frame.handle),
    frame.role,
    named('name', frame.name),
    named('source', place(source)),
    named('target', place(target)),
  ]
}

/** A terminus in one word. */
function place(terminus: Attach['source']): string | undefined {
  if (terminus === undefined) return undefined
  if (terminus instanceof Value) return '?'
  if ('address' in terminus) return terminus.address
  return 'type' in terminus ? terminus.type : undefined
}

function flow(frame: Flow): Words {
  return [
    channel(frame),
    named('handle', frame.handle),
    named('credit', frame.linkCredit),
    named('count', frame.deliveryCount),
    named('available', frame.available),
    named('in-window', frame.incomingWindow),
    frame.drain === true && 'drain',
    frame.echo === true && 'echo',
  ]
}

function transfer(frame: Transfer): Words {
  const { message, payload, deliveryTag } = frame
  const length = message instanceof Deferred ? message.end - message.start : payload?.length
  return [
    channel(frame),
    named('handle', frame.handle),
    named('id', frame.deliveryId),
    deliveryTag && `tag=${hex(deliveryTag, 0, Math.min(deliveryTag.length, 16))}`,
    length !== undefined && `${length} B`,
    frame.settled === true && 'settled',
    frame.more === true && 'more',
    frame.resume === true && 'resume',
    frame.aborted === true && 'aborted',
    stateText(frame.state),
  ]
}

/** A delivery's state in words: `accepted`, `rejected amqp:decode-error "bad"`. */
export function stateText(value: Composite | Value | undefined): string | undefined {
  if (value === undefined) return undefined
  if (value instanceof Value) return 'state=?'
  switch (value.type) {
    case 'rejected':
      return [value.type, errorText(value.error)].filter(Boolean).join(' ')
    case 'transactional-state':
      return [transaction(value), stateText(value.outcome)].filter(Boolean).join(' ')
    case 'declared':
      return `declared ${transaction(value)}`
    case 'received':
      return `received ${value.sectionNumber}:${value.sectionOffset}`
    default:
      return value.type
  }
}

/** A mandatory field that the wire did not have is not there, whatever the types say. */
const transaction = ({ txnId }: { readonly txnId: Uint8Array | undefined }): string =>
  txnId === undefined ? 'txn' : `txn=${hex(txnId)}`

/** `amqp:not-found "no such node"` */
export function errorText(value: AmqpError | Value | undefined): string | undefined {
  if (value === undefined || value instanceof Value) return undefined
  return value.description === undefined ? value.condition : `${value.condition} "${value.description}"`
}

/** The node at the broker, or wherever the link leads: that of the end that the other side is. */
export function destination(frame: Amqp10Frame): string | undefined {
  if (frame.type !== 'attach') return undefined
  const [source, target] = [addressOf(frame.source), addressOf(frame.target)]
  return frame.role === 'sender' ? (target ?? source) : (source ?? target)
}

function addressOf(terminus: Attach['source']): string | undefined {
  return terminus !== undefined && 'address' in terminus ? terminus.address : undefined
}

export function facts(frame: Amqp10Frame): Facts | undefined {
  switch (frame.type) {
    case 'protocol-header':
      return { protocolVersion: `${frame.major}.${frame.minor}.${frame.revision}` }
    case 'open':
      return openFacts(frame)
    case 'sasl-init':
      return userFacts(frame)
    default:
      return undefined
  }
}

function openFacts({ containerId, hostname, properties }: Open): Facts {
  const [name, version] = ['product', 'version'].map(key => {
    const value = properties?.get(key)
    return value instanceof Scalar && typeof value.value === 'string' ? value.value : undefined
  })
  const product = [name, version].filter(Boolean).join(' ')
  return {
    ...(containerId !== undefined && { clientId: containerId }),
    ...(hostname !== undefined && { virtualHost: hostname }),
    ...(product !== '' && { product }),
  }
}

/** RFC 4616: authorization identity, NUL, user, NUL, password. */
function userFacts({ mechanism, initialResponse }: SaslInit): Facts | undefined {
  if (mechanism !== 'PLAIN' || initialResponse === undefined) return undefined
  const user = validUtf8(initialResponse)?.split('\0')[1]
  return user === undefined ? undefined : { user }
}
