import { type Exchange, Recent, SparseMap } from '../../core/index.ts'
import { nameOf } from '../destination.ts'
import type { AmqpFrame } from '../frames.ts'

/** What is remembered of a delivery tag on a channel: the frames that brought it and that answered it. */
interface Tag {
  delivered: number
  answers: number[]
}

/** What is known of a channel. */
interface Channel {
  readonly tags: Recent<bigint | number, Tag>
  /** The highest tag that waits or waited for an answer. */
  highest: bigint | number
  /** All that came on it was seen, and all of it waits for answers: a tag beyond the highest is none of its own. */
  known: boolean
  /** What is answered may be taken back: by a rollback. */
  readonly undone: boolean
  told: boolean
}

/** A delivery tag that does not wait for the answer that it gets, and why. */
export interface Unknown {
  readonly tag: bigint | number
  readonly scope: string
  /** How many answers to it were seen. */
  readonly answers: number
  /** The delivery, the frames that answered it, and the close, where that is what told of it. */
  readonly frames: readonly number[]
  readonly reason: { readonly kind: 'twice' | 'never' } | { readonly kind: 'elsewhere'; readonly scope: string }
}

/**
 * Remembers the deliveries of late and their answers. An answer that cannot be right is told of as it comes; where that
 * cannot be known, the broker says that it was wrong, and what is remembered says why.
 */
export class Tags {
  /** By scope: tags count anew with each channel. */
  readonly #channels = new SparseMap<string, Channel>()

  began({ scope = '', id, request }: Exchange): void {
    const channel = this.#of(scope)
    const tag = channel && tagOf(channel, id as bigint | number)
    if (tag === undefined || channel === undefined) return
    tag.delivered = request
    if ((id as bigint | number) > channel.highest) channel.highest = id as bigint | number
  }

  ended({ scope = '', id, reply, outcome }: Exchange): void {
    // What comes again by basic.recover was not answered.
    if (reply > 0 && outcome !== 'recovered') this.#answer(scope, id as bigint | number, reply)
  }

  /** Bytes are missing: deliveries may be, and the closing of channels. */
  blind(): void {
    for (const channel of this.#channels.values()) channel.known = false
  }

  frame(frame: AmqpFrame, number: number): Unknown | undefined {
    if (!('channel' in frame)) return undefined
    const scope = `ch=${frame.channel}`
    switch (frame.type) {
      case 'channel.open':
        this.#channels.delete(scope)
        if (this.#channels.size < MOST_CHANNELS) this.#channels.set(scope, fresh({ known: true }))
        return undefined
      case 'tx.select':
        this.#channels.delete(scope)
        if (this.#channels.size < MOST_CHANNELS) this.#channels.set(scope, fresh({ undone: true }))
        return undefined
      case 'basic.consume':
      case 'basic.get': {
        const channel = this.#channels.get(scope)
        if (frame.noAck && channel !== undefined) channel.known = false
        return undefined
      }
      case 'basic.ack':
      case 'basic.nack':
      case 'basic.reject':
        return this.#answered(scope, frame.deliveryTag, number)
      case 'channel.close': {
        const unknown = this.#explain(scope, nameOf(frame.replyText), number)
        this.#channels.delete(scope)
        return unknown
      }
      default:
        return undefined
    }
  }

  #of(scope: string): Channel | undefined {
    let channel = this.#channels.get(scope)
    if (channel === undefined) {
      if (this.#channels.size === MOST_CHANNELS) return undefined
      this.#channels.set(scope, (channel = fresh({})))
    }
    return channel
  }

  #answer(scope: string, id: bigint | number, number: number): Tag | undefined {
    const channel = this.#of(scope)
    const tag = channel && tagOf(channel, id)
    if (tag === undefined) return undefined
    const { answers } = tag
    if (answers.at(-1) !== number) answers.push(number)
    // The first two and the last tell the story.
    if (answers.length > 3) answers.splice(2, 1)
    return tag
  }

  #answered(scope: string, id: bigint | number, number: number): Unknown | undefined {
    // Of all that wait, with multiple [1.8.3.13].
    if (Number(id) === 0) return undefined
    const tag = this.#answer(scope, id, number)
    const channel = this.#channels.get(scope)
    if (tag === undefined || channel === undefined || channel.told || channel.undone) return undefined
    const about = { tag: id, scope, answers: tag.answers.length, frames: framesOf(tag) }
    if (tag.delivered > 0 && tag.answers.length > 1) {
      channel.told = true
      return { ...about, reason: { kind: 'twice' } }
    }
    const elsewhere = channel.known && id > channel.highest ? this.#elsewhere(scope, id) : undefined
    if (elsewhere === undefined) return undefined
    channel.told = true
    return { ...about, frames: [elsewhere.delivered, ...about.frames], reason: { kind: 'elsewhere', ...elsewhere } }
  }

  /** The channel on which such a tag waits. */
  #elsewhere(scope: string, id: bigint | number): { readonly scope: string; readonly delivered: number } | undefined {
    for (const [other, { tags }] of this.#channels) {
      const there = other === scope ? undefined : tags.get(id)
      if (there !== undefined && there.delivered > 0 && there.answers.length === 0) {
        return { scope: other, delivered: there.delivered }
      }
    }
    return undefined
  }

  #explain(scope: string, text: string, number: number): Unknown | undefined {
    const digits = /unknown delivery tag (\d+)/.exec(text)?.[1]
    const channel = this.#channels.get(scope)
    if (digits === undefined || channel?.told === true) return undefined
    const tag = Number.isSafeInteger(Number(digits)) ? Number(digits) : BigInt(digits)
    const { delivered = 0, answers = [] } = channel?.tags.get(tag) ?? {}
    const frames = [...framesOf({ delivered, answers }), number]
    const about = { tag, scope, answers: answers.length, frames }
    if (answers.length > 1) return { ...about, reason: { kind: 'twice' } }
    const elsewhere = this.#elsewhere(scope, tag)
    if (elsewhere === undefined) return { ...about, reason: { kind: 'never' } }
    return { ...about, frames: [elsewhere.delivered, ...frames], reason: { kind: 'elsewhere', ...elsewhere } }
  }
}

const fresh = ({ known = false, undone = false }): Channel => ({
  tags: new Recent(MOST_TAGS),
  highest: 0,
  known,
  undone,
  told: false,
})

function tagOf({ tags }: Channel, id: bigint | number): Tag {
  let tag = tags.get(id)
  if (tag === undefined) tags.set(id, (tag = { delivered: 0, answers: [] }))
  return tag
}

const framesOf = ({ delivered, answers }: Tag): number[] => [...(delivered > 0 ? [delivered] : []), ...answers]

/** Remembered of each channel: whoever answers twice does so soon. */
const MOST_TAGS = 512
/** More are not looked into. */
const MOST_CHANNELS = 512
