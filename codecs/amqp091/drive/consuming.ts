import type { DriveOptions, Outbox, Settlement } from '../../core/index.ts'
import { FRAME_END, FRAME_OVERHEAD, METHOD } from '../tables.ts'
import { Content } from './content.ts'

/** Class and method of what settles, in one number. */
export const BASIC_ACK = 0x003c_0050
export const BASIC_NACK = 0x003c_0078
const ACK_LENGTH = 21

/** A delivery that is not settled: which it was, of all that came, and its tag on its channel. */
interface Unsettled {
  readonly id: number
  readonly tag: number
}

/**
 * What is delivered on some channels. Deliveries are told by their tags; where there are several channels, whose tags
 * repeat, by a count of all.
 */
export class Consuming {
  readonly #outbox: Outbox
  readonly #channels: readonly number[]
  readonly #contents: readonly Content[]
  /** By channel, in their order. */
  readonly #unsettled: Unsettled[][]
  #came = 0

  constructor({ outbox, listener, settles }: DriveOptions, channels: readonly number[]) {
    this.#outbox = outbox
    this.#channels = channels
    this.#unsettled = channels.map(() => [])
    const several = channels.length > 1 && settles
    this.#contents = channels.map((_, which) => {
      if (!several) return new Content(listener)
      return new Content({
        returned: (bytes, start, end) => listener.returned(bytes, start, end),
        delivered: delivery => {
          const id = ++this.#came
          if (delivery.source >= 0) this.#unsettled[which]?.push({ id, tag: delivery.id })
          listener.delivered({ ...delivery, id })
        },
      })
    })
  }

  /** What is being put together on a channel, if it is one of these. */
  contentOf(channel: number): Content | undefined {
    return this.#contents[channel - (this.#channels[0] ?? 0)]
  }

  settle(id: number, how: Settlement, upTo: boolean): void {
    if (this.#channels.length <= 1) {
      this.#write(this.#channels[0] ?? 0, id, how, upTo)
      return
    }
    for (const [which, unsettled] of this.#unsettled.entries()) {
      const at = unsettled.findIndex(each => (upTo ? each.id > id : each.id === id))
      const channel = this.#channels[which] as number
      if (upTo) {
        const [last] = unsettled.splice(0, at < 0 ? unsettled.length : at).slice(-1)
        if (last !== undefined) this.#write(channel, last.tag, how, true)
      } else if (at >= 0) {
        const [one] = unsettled.splice(at, 1)
        if (one !== undefined) this.#write(channel, one.tag, how, false)
        return
      }
    }
  }

  /** Nothing more that is delivered is ours. */
  end(): void {
    for (const content of this.#contents) content.end()
  }

  /** Class 60: ack (method 80), or nack (120) with whether it goes back to the queue. */
  #write(channel: number, tag: number, how: Settlement, multiple: boolean): void {
    const at = this.#outbox.room(ACK_LENGTH)
    const { bytes, view } = this.#outbox
    bytes[at] = METHOD
    view.setUint16(at + 1, channel)
    view.setUint32(at + 3, ACK_LENGTH - FRAME_OVERHEAD)
    view.setUint32(at + 7, how === 'accept' ? BASIC_ACK : BASIC_NACK)
    view.setUint32(at + 11, Math.floor(tag / 2 ** 32))
    view.setUint32(at + 15, tag)
    bytes[at + 19] = (multiple ? 1 : 0) | (how === 'release' ? 2 : 0)
    bytes[at + 20] = FRAME_END
    this.#outbox.end()
  }
}
