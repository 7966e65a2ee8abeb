import { concat, type Pen, type Plate } from '../../core/index.ts'
import type { Message } from '../body.ts'
import type { Amqp10Frame, Transfer } from '../frames.ts'
import { bodyAt, fieldAt } from '../peek.ts'
import { CHANNEL } from './opening.ts'

export interface Amqp10Plate extends Plate {
  /** The link that it is for. */
  readonly handle: number
  /** Where the delivery-id and the delivery-tag stand, four octets each. */
  readonly idAt: number
  readonly tagAt: number
  /** How many transfers it takes. */
  readonly transfers: number
  /** It is sent settled: nobody answers. */
  readonly settled: boolean
}

/** Takes four octets as id and as tag, so that any other fits in its place. */
const ANY_ID = 0xffff_ffff
const ANY_TAG = Uint8Array.of(0xff, 0xff, 0xff, 0xff)
/** What a transfer is longer by that says that more will come. */
const MORE_TRUE = 1

/** The transfers of a message, whose body has `size` octets and stands last in it. */
export function plateOf(
  pen: Pen<Amqp10Frame>,
  handle: number,
  settled: boolean,
  message: Message,
  size: number,
  maxFrameSize: number,
): Amqp10Plate {
  const transfer: Transfer = {
    type: 'transfer',
    channel: CHANNEL,
    handle,
    deliveryId: ANY_ID,
    deliveryTag: ANY_TAG,
    messageFormat: 0,
    settled,
    message,
  }
  const whole = pen.encode(transfer)
  const parts = whole.length <= maxFrameSize ? [whole] : split(pen, transfer, whole, maxFrameSize)
  const [first] = parts as [Uint8Array]
  const at = bodyAt(first, 0)
  return {
    bytes: parts.length === 1 ? whole : concat(parts),
    bodyAt: Math.min(first.length, whole.length - size + (parts.length === 1 ? 0 : MORE_TRUE)),
    handle,
    idAt: fieldAt(first, at, first.length, 1) + 1,
    tagAt: fieldAt(first, at, first.length, 2) + 2,
    transfers: parts.length,
    settled,
  }
}

/** The delivery in as many transfers as the peer's frames want; only the first says which it is [2.6.14]. */
function split(pen: Pen<Amqp10Frame>, transfer: Transfer, whole: Uint8Array, maxFrameSize: number): Uint8Array[] {
  const { handle } = transfer
  const begin: Transfer = { ...transfer, message: undefined, more: true }
  const goOn: Transfer = { type: 'transfer', channel: CHANNEL, handle, more: true }
  const head = pen.encode(begin).length
  const payload = whole.subarray(head - MORE_TRUE)
  const first = maxFrameSize - head
  const each = maxFrameSize - pen.encode(goOn).length
  const parts = [pen.encode({ ...begin, payload: payload.subarray(0, first) })]
  for (let at = first; at < payload.length; at += each) {
    const more = at + each < payload.length
    parts.push(pen.encode({ ...goOn, more, payload: payload.subarray(at, at + each) }))
  }
  return parts
}
