import type { Payload } from './body.ts'
import type { Disposition, Flow, Header, Properties, Role, Transfer } from './frames.ts'
import type { AmqpMap, Scalar, Value } from './value.ts'
import type { Wire } from './wire.ts'

/**
 * The frames that a busy connection is made of, of their fields in the order of the tables. Written out, so that all
 * frames of a type have one shape: put together name by name they would cost several times as much.
 */

export type Extended = Uint8Array | undefined
type Slots = readonly unknown[]
type State = Transfer['state']

export const makeFlow = (channel: number, extendedHeader: Extended, wire: Wire, slots: Slots): Flow => ({
  type: 'flow',
  channel,
  extendedHeader,
  nextIncomingId: slots[0] as number | undefined,
  incomingWindow: slots[1] as number,
  nextOutgoingId: slots[2] as number,
  outgoingWindow: slots[3] as number,
  handle: slots[4] as number | undefined,
  deliveryCount: slots[5] as number | undefined,
  linkCredit: slots[6] as number | undefined,
  available: slots[7] as number | undefined,
  drain: slots[8] as boolean | undefined,
  echo: slots[9] as boolean | undefined,
  properties: slots[10] as AmqpMap | undefined,
  wire,
})

export const makeTransfer = (
  channel: number,
  extendedHeader: Extended,
  wire: Wire,
  slots: Slots,
  message?: Payload,
  payload?: Uint8Array,
): Transfer => ({
  type: 'transfer',
  channel,
  extendedHeader,
  handle: slots[0] as number,
  deliveryId: slots[1] as number | undefined,
  deliveryTag: slots[2] as Uint8Array | undefined,
  messageFormat: slots[3] as number | undefined,
  settled: slots[4] as boolean | undefined,
  more: slots[5] as boolean | undefined,
  rcvSettleMode: slots[6] as number | undefined,
  state: slots[7] as State,
  resume: slots[8] as boolean | undefined,
  aborted: slots[9] as boolean | undefined,
  batchable: slots[10] as boolean | undefined,
  message,
  payload,
  wire,
})

export const makeDisposition = (channel: number, extendedHeader: Extended, wire: Wire, slots: Slots): Disposition => ({
  type: 'disposition',
  channel,
  extendedHeader,
  role: slots[0] as Role,
  first: slots[1] as number,
  last: slots[2] as number | undefined,
  settled: slots[3] as boolean | undefined,
  state: slots[4] as State,
  batchable: slots[5] as boolean | undefined,
  wire,
})

export const makeHeader = (slots: Slots): Header => ({
  durable: slots[0] as boolean | undefined,
  priority: slots[1] as number | undefined,
  ttl: slots[2] as number | undefined,
  firstAcquirer: slots[3] as boolean | undefined,
  deliveryCount: slots[4] as number | undefined,
})

export const makeProperties = (slots: Slots): Properties => ({
  messageId: slots[0] as Value | undefined,
  userId: slots[1] as Uint8Array | undefined,
  to: slots[2] as string | undefined,
  subject: slots[3] as string | undefined,
  replyTo: slots[4] as string | undefined,
  correlationId: slots[5] as Value | undefined,
  contentType: slots[6] as string | undefined,
  contentEncoding: slots[7] as string | undefined,
  absoluteExpiryTime: slots[8] as Scalar | undefined,
  creationTime: slots[9] as Scalar | undefined,
  groupId: slots[10] as string | undefined,
  groupSequence: slots[11] as number | undefined,
  replyToGroupId: slots[12] as string | undefined,
})
