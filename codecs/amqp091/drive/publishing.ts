import { type DriveOptions, InFlight, type Outgoing, type Pen, type Plate, u32At } from '../../core/index.ts'
import { Table } from '../field-table.ts'
import type { AmqpFrame, ContentBody } from '../frames.ts'
import { BASIC, FRAME_OVERHEAD } from '../tables.ts'
import { exchangeOf, propertiesOf } from './options.ts'
import { Transactions, transactionOf } from './transactions.ts'

/** A message encoded for the first channel: where its frames say which one they are on. */
export interface AmqpPlate extends Plate {
  readonly channelsAt: readonly number[]
}

/** What is published on some channels, in turn, and on each confirmed by its own count, or committed. */
export class Publishing {
  readonly #options: DriveOptions
  readonly #pen: Pen<AmqpFrame>
  readonly #channels: readonly number[]
  /** Whether messages are answered. */
  readonly #confirms: boolean
  readonly #transactions: Transactions | undefined
  /** One a channel; their slots follow each other. */
  readonly #inFlight: readonly InFlight[]
  #next = 0
  #open = 0

  constructor(options: DriveOptions, pen: Pen<AmqpFrame>, channels: readonly number[]) {
    this.#options = options
    this.#pen = pen
    this.#channels = channels
    const transaction = transactionOf(options.settings)
    this.#confirms = channels.length > 0 && (options.settings.confirms !== false || transaction > 0)
    if (transaction > 0) this.#transactions = new Transactions(pen, channels, transaction)
    const slots = 2 ** Math.ceil(Math.log2(Math.max(1, options.inFlight)))
    const each = 2 ** Math.floor(Math.log2(Math.max(1, slots / Math.max(1, channels.length))))
    this.#inFlight = channels.slice(0, slots).map(() => new InFlight(each))
  }

  get room(): number {
    if (!this.#confirms) return Number.POSITIVE_INFINITY
    let room = 0
    for (let which = 0; which < this.#inFlight.length; which++) {
      if (this.#transactions?.isOpen(which) !== false) room += (this.#inFlight[which] as InFlight).room
    }
    return Math.min(room, this.#options.inFlight - this.#open)
  }

  /** `frameMax`: of the connection, 0 for no limit. */
  plate(message: Outgoing, frameMax: number): AmqpPlate {
    const { destination, body, contentType, replyTo, headers, answers } = message
    const { settings = this.#options.settings } = message
    const [channel = 0] = this.#channels
    const most = frameMax === 0 ? body.length : frameMax - FRAME_OVERHEAD
    const bodies: ContentBody[] = []
    for (let at = 0; at < body.length; at += most) {
      bodies.push({ type: 'body', channel, body: body.subarray(at, at + most) })
    }
    const parts = [
      this.#pen.encode({
        type: 'basic.publish',
        channel,
        // Answers go to queues, whatever messages go to.
        exchange: answers === true ? '' : exchangeOf(settings),
        routingKey: destination,
        mandatory: settings.mandatory === true,
        immediate: false,
      }),
      this.#pen.encode({
        type: 'header',
        channel,
        classId: BASIC,
        bodySize: body.length,
        properties: {
          ...(contentType === undefined ? {} : { contentType }),
          ...(headers === undefined ? {} : { headers: Table.of(headers) }),
          ...propertiesOf(settings),
          ...(replyTo === undefined ? {} : { replyTo }),
        },
      }),
      ...bodies.map(part => this.#pen.encode(part)),
    ]
    const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
    const channelsAt: number[] = []
    let at = 0
    for (const part of parts) {
      // A frame's type, then its channel [4.2.3].
      channelsAt.push(at + 1)
      bytes.set(part, at)
      at += part.length
    }
    const front = (parts[0]?.length ?? 0) + (parts[1]?.length ?? 0)
    return { bytes, channelsAt, bodyAt: Math.min(bytes.length, front + FRAME_OVERHEAD - 1) }
  }

  publish({ bytes, bodyAt, channelsAt }: AmqpPlate): number {
    const { outbox } = this.#options
    const at = outbox.put(bytes)
    outbox.bodyAt = at + bodyAt
    outbox.end()
    const which = this.#turn()
    if (which > 0) for (const offset of channelsAt) outbox.view.setUint16(at + offset, this.#channels[which] as number)
    if (!this.#confirms) return -1
    this.#open++
    const inFlight = this.#inFlight[which] as InFlight
    const slot = which * inFlight.capacity + inFlight.open()
    this.#transactions?.published(which, this.room <= 0)
    return slot
  }

  /** A basic.ack or basic.nack of the server's, on one of these channels. */
  confirmed(channel: number, bytes: Uint8Array, start: number, accepted: boolean): void {
    const which = channel - (this.#channels[0] ?? 0)
    const inFlight = this.#inFlight[which]
    if (inFlight === undefined) return
    // Tags of publishes count from 1 in the order of publishing.
    const number = u32At(bytes, start + 11) * 2 ** 32 + u32At(bytes, start + 15) - 1
    const first = ((bytes[start + 19] as number) & 1) === 1 ? inFlight.first : number
    this.#answered(which, inFlight, first, number, accepted)
  }

  /** A tx.commit-ok of the server's, on one of these channels. */
  committed(channel: number): void {
    const which = channel - (this.#channels[0] ?? 0)
    const inFlight = this.#inFlight[which]
    const count = this.#transactions?.committed(which) ?? 0
    if (inFlight !== undefined) this.#answered(which, inFlight, inFlight.first, count - 1, true)
  }

  /** Commits what waits for others to be committed with, where none come: when to be called next. */
  tick(now: number): number | undefined {
    return this.#transactions?.tick(now)
  }

  /** All from the one number to the other that are still open. */
  #answered(which: number, inFlight: InFlight, first: number, number: number, accepted: boolean): void {
    const last = Math.min(number, inFlight.next - 1)
    for (let each = first; each <= last; each++) {
      const slot = inFlight.slotOf(each)
      if (slot < 0) continue
      inFlight.close(slot)
      this.#open--
      this.#options.listener.answered(which * inFlight.capacity + slot, accepted ? 'accepted' : 'refused')
    }
  }

  /** The channel whose turn it is, of those that have room. */
  #turn(): number {
    const count = this.#inFlight.length
    if (count === 1) return 0
    for (let tried = 0; tried < count; tried++) {
      const which = this.#next
      this.#next = which + 1 === count ? 0 : which + 1
      if (!this.#confirms) return which
      if ((this.#inFlight[which] as InFlight).room > 0 && this.#transactions?.isOpen(which) !== false) return which
    }
    return 0
  }
}
