import {
  type Amqp10Frame,
  type Attach,
  Body,
  type Disposition,
  type Flow,
  type Transfer,
} from '../../../codecs/amqp10/index.ts'
import type { Said } from '../../tracking/story.ts'

/** Frames as both sides send them, for stories of what they mean. */

export type Step = Said<Amqp10Frame>

export const text = new TextEncoder()
export const client = (frame: Amqp10Frame): Step => ({ client: frame })
export const server = (frame: Amqp10Frame): Step => ({ server: frame })

export const begin = (channel: number, remoteChannel?: number, nextOutgoingId = 0): Amqp10Frame => ({
  type: 'begin',
  channel,
  remoteChannel,
  nextOutgoingId,
  incomingWindow: 100,
  outgoingWindow: 50,
})
export const end = { type: 'end', channel: 0 } as const
export const attach = (name: string, handle: number, role: Attach['role'], more: Partial<Attach> = {}): Attach => ({
  type: 'attach',
  channel: 0,
  name,
  handle,
  role,
  source: {},
  target: {},
  ...(role === 'sender' ? { initialDeliveryCount: 0 } : {}),
  ...more,
})
export const at = (address: string) => ({ address })
export const transfer = (handle: number, deliveryId: number | undefined, more: Partial<Transfer> = {}): Transfer => ({
  type: 'transfer',
  channel: 0,
  handle,
  deliveryId,
  ...(deliveryId === undefined ? {} : { deliveryTag: Uint8Array.of(deliveryId & 0xff) }),
  message: 'payload' in more || more.aborted === true ? undefined : { body: Body.data(text.encode('21.5')) },
  ...more,
})
export const disposition = (
  role: Disposition['role'],
  first: number,
  more: Partial<Disposition> = {},
): Disposition => ({
  type: 'disposition',
  channel: 0,
  role,
  first,
  settled: true,
  state: { type: 'accepted' },
  ...more,
})
export const flow = (handle: number | undefined, linkCredit: number | undefined, more: Partial<Flow> = {}): Flow => ({
  type: 'flow',
  channel: 0,
  nextIncomingId: 0,
  incomingWindow: 100,
  nextOutgoingId: 0,
  outgoingWindow: 50,
  handle,
  linkCredit,
  ...more,
})

/** A session, and a link from the client to `orders`. */
export const sending: Step[] = [
  client(begin(0)),
  server(begin(0, 0)),
  client(attach('out', 0, 'sender', { target: at('orders') })),
  server(attach('out', 0, 'receiver', { target: at('orders') })),
]
/** A session, and a link from `events` to the client. */
export const receiving: Step[] = [
  client(begin(0)),
  server(begin(0, 0)),
  client(attach('in', 0, 'receiver', { source: at('events') })),
  server(attach('in', 0, 'sender', { source: at('events') })),
]
