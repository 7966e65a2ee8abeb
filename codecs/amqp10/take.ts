import type { Disposition, Flow, Header, Properties, Transfer } from './frames.ts'
import { newSlots } from './quick.ts'
import { type Row, rowNamed } from './schema.ts'

/**
 * Fields by their place, the reverse of `make.ts`: written out for what traffic is made of, as fields that are looked up
 * by name cost several times as much. None of these is ever part of another of its type, so each has slots of its own.
 */
const takers = new Map<Row, (object: object) => readonly unknown[]>()

/** The fields of an object of this type, by their place, until the next of its type is taken. */
export function fieldsOf(row: Row, object: object): readonly unknown[] {
  const take = takers.get(row)
  if (take !== undefined) return take(object)
  if (row.fields.length === 0) return NONE
  return row.fields.map(({ name }) => (object as Readonly<Record<string, unknown>>)[name])
}

const NONE: readonly unknown[] = []

function taker<T extends object>(name: string, take: (slots: unknown[], object: T) => void): void {
  const slots = newSlots()
  takers.set(rowNamed(name), object => {
    take(slots, object as T)
    return slots
  })
}

taker<Transfer>('transfer', (slots, frame) => {
  slots[0] = frame.handle
  slots[1] = frame.deliveryId
  slots[2] = frame.deliveryTag
  slots[3] = frame.messageFormat
  slots[4] = frame.settled
  slots[5] = frame.more
  slots[6] = frame.rcvSettleMode
  slots[7] = frame.state
  slots[8] = frame.resume
  slots[9] = frame.aborted
  slots[10] = frame.batchable
})

taker<Disposition>('disposition', (slots, frame) => {
  slots[0] = frame.role
  slots[1] = frame.first
  slots[2] = frame.last
  slots[3] = frame.settled
  slots[4] = frame.state
  slots[5] = frame.batchable
})

taker<Flow>('flow', (slots, frame) => {
  slots[0] = frame.nextIncomingId
  slots[1] = frame.incomingWindow
  slots[2] = frame.nextOutgoingId
  slots[3] = frame.outgoingWindow
  slots[4] = frame.handle
  slots[5] = frame.deliveryCount
  slots[6] = frame.linkCredit
  slots[7] = frame.available
  slots[8] = frame.drain
  slots[9] = frame.echo
  slots[10] = frame.properties
})

taker<Header>('header', (slots, header) => {
  slots[0] = header.durable
  slots[1] = header.priority
  slots[2] = header.ttl
  slots[3] = header.firstAcquirer
  slots[4] = header.deliveryCount
})

taker<Properties>('properties', (slots, properties) => {
  slots[0] = properties.messageId
  slots[1] = properties.userId
  slots[2] = properties.to
  slots[3] = properties.subject
  slots[4] = properties.replyTo
  slots[5] = properties.correlationId
  slots[6] = properties.contentType
  slots[7] = properties.contentEncoding
  slots[8] = properties.absoluteExpiryTime
  slots[9] = properties.creationTime
  slots[10] = properties.groupId
  slots[11] = properties.groupSequence
  slots[12] = properties.replyToGroupId
})
