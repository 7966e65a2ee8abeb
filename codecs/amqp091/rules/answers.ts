import { type Exchange, Recent, SparseMap, SparseSet } from '../../core/index.ts'
import { nameOf } from '../destination.ts'
import type { AmqpFrame } from '../frames.ts'
import type { AmqpRule } from './rule.ts'

/** What is remembered of a delivery tag on a channel: the frames that brought it and that answered it. */
interface Tag {
  delivered: number
  answers: number[]
}

/** A delivery tag that the broker did not know, and why. */
interface Unknown {
  readonly tag: bigint | number
  readonly scope: string
  /** How many answers to it were seen. */
  readonly answers: number
  /** The delivery, the frames that answered it, and the close. */
  readonly frames: readonly number[]
  readonly reason: { readonly kind: 'twice' | 'never' } | { readonly kind: 'elsewhere'; readonly scope: string }
}

/** Remembers the deliveries of late and their answers, to say what the broker only says is wrong. */
class Tags {
  /** By scope: tags count anew with each channel. */
  readonly #channels = new SparseMap<string, Recent<bigint | number, Tag>>()

  began({ scope = '', id, request }: Exchange): void {
    this.#deliver(scope, id as bigint | number, request)
  }

  ended({ scope = '', id, reply }: Exchange): void {
    if (reply > 0) this.#answer(scope, id as bigint | number, reply)
  }

  frame(frame: AmqpFrame, number: number): Unknown | undefined {
    switch (frame.type) {
      case 'channel.open':
        this.#channels.delete(`ch=${frame.channel}`)
        return undefined
      case 'basic.ack':
      case 'basic.nack':
      case 'basic.reject':
        this.#answer(`ch=${frame.channel}`, frame.deliveryTag, number)
        return undefined
      case 'channel.close': {
        const scope = `ch=${frame.channel}`
        const unknown = this.#explain(scope, nameOf(frame.replyText), number)
        this.#channels.delete(scope)
        return unknown
      }
      default:
        return undefined
    }
  }

  #of(scope: string, id: bigint | number): Tag | undefined {
    let tags = this.#channels.get(scope)
    if (tags === undefined) {
      if (this.#channels.size === MOST_CHANNELS) return undefined
      this.#channels.set(scope, (tags = new Recent(MOST_TAGS)))
    }
    let tag = tags.get(id)
    if (tag === undefined) tags.set(id, (tag = { delivered: 0, answers: [] }))
    return tag
  }

  #deliver(scope: string, id: bigint | number, number: number): void {
    const tag = this.#of(scope, id)
    if (tag !== undefined) tag.delivered = number
  }

  #answer(scope: string, id: bigint | number, number: number): void {
    const answers = this.#of(scope, id)?.answers
    if (answers === undefined) return
    if (answers.at(-1) !== number) answers.push(number)
    // The first two and the last tell the story.
    if (answers.length > 3) answers.splice(2, 1)
  }

  #explain(scope: string, text: string, number: number): Unknown | undefined {
    const digits = /unknown delivery tag (\d+)/.exec(text)?.[1]
    if (digits === undefined) return undefined
    const tag = Number.isSafeInteger(Number(digits)) ? Number(digits) : BigInt(digits)
    const { delivered = 0, answers = [] } = this.#channels.get(scope)?.get(tag) ?? {}
    const frames = [...(delivered > 0 ? [delivered] : []), ...answers, number]
    const about = { tag, scope, answers: answers.length, frames }
    if (answers.length > 1) return { ...about, reason: { kind: 'twice' } }
    for (const [other, tags] of this.#channels) {
      const there = other === scope ? undefined : tags.get(tag)
      if (there === undefined || there.delivered === 0 || there.answers.length > 0) continue
      return { ...about, frames: [there.delivered, ...frames], reason: { kind: 'elsewhere', scope: other } }
    }
    return { ...about, reason: { kind: 'never' } }
  }
}

/** Remembered of each channel: whoever answers twice does so soon. */
const MOST_TAGS = 512
/** More are not looked into. */
const MOST_CHANNELS = 512

const types = ['channel.open', 'basic.ack', 'basic.nack', 'basic.reject', 'channel.close'] as const

/** A rule over delivery tags that the broker did not know. */
const over = (
  text: Omit<AmqpRule, 'types' | 'exchanges' | 'watch'>,
  say: (unknown: Unknown) => string | undefined,
): AmqpRule => ({
  ...text,
  types,
  exchanges: ['deliver-ack'],
  watch: (_, report) => {
    const tags = new Tags()
    return {
      began: exchange => tags.began(exchange),
      ended: exchange => tags.ended(exchange),
      frame: (frame, { side }, number) => {
        if (frame.type !== 'channel.close' && side === 'server') return
        const unknown = tags.frame(frame, number)
        const message = unknown && say(unknown)
        if (unknown !== undefined && message !== undefined) report(message, unknown.frames)
      },
    }
  },
})

export const unknownDeliveryTag = over(
  {
    id: 'amqp091/unknown-delivery-tag',
    severity: 'error',
    title: 'A delivery was acknowledged that the broker does not know',
    why: 'RabbitMQ closes the channel with 406 PRECONDITION_FAILED: its consumers are gone, and all else that was unacknowledged on it is delivered again. Mostly a message is acknowledged twice (by the framework and by hand, or in finally after a reject), or after the channel was opened anew, or a consumer with no-ack acknowledges at all.',
    fix: 'Acknowledge in one place. With automatic acknowledgement (auto-ack, no_ack=True) never call ack. Drop acknowledgements of deliveries from before a reconnect: tags count anew with each channel.',
  },
  ({ tag, scope, answers, reason: { kind } }) => {
    if (kind === 'twice')
      return `delivery ${tag} on ${scope} was answered more than once; the broker closed the channel`
    if (kind === 'elsewhere') return undefined
    const seen = answers > 0 ? 'was answered' : 'was answered, as the broker says'
    return `delivery ${tag} on ${scope} ${seen}, where none of that tag waited for it`
  },
)

export const ackWrongChannel = over(
  {
    id: 'amqp091/ack-wrong-channel',
    severity: 'error',
    title: 'A delivery was acknowledged on another channel than it came on',
    why: 'Delivery tags count in their channel. On another one the tag is unknown, and the broker closes that channel with 406; or it is another message’s, which is then acknowledged though nobody has done its work.',
    fix: 'Acknowledge on the channel that delivered: keep the channel with the message when it is handed to a worker, and do not take one from a pool to acknowledge.',
  },
  ({ tag, scope, reason }) =>
    reason.kind === 'elsewhere'
      ? `delivery ${tag} came on ${reason.scope} and was answered on ${scope}; the broker closed ${scope}`
      : undefined,
)

export const multipleAck: AmqpRule = {
  id: 'amqp091/multiple-ack-across-queues',
  severity: 'note',
  title: 'One acknowledgement covers the deliveries of several queues',
  why: 'With multiple, an acknowledgement covers everything on its channel up to its tag, whichever consumer it went to. If each consumer acknowledges its own last message so, it acknowledges what others have not done yet: that work is lost if they fail.',
  fix: 'Give each consumer a channel of its own, or acknowledge one by one (multiple=false).',
  types: ['channel.open'],
  exchanges: ['deliver-ack'],
  watch: ({ joined }, report) => {
    /** What the last acknowledgement on a channel covered first. */
    const batches = new SparseMap<string, { reply: number; address: string; request: number }>()
    const told = new SparseSet<string>()
    return {
      frame: frame => {
        if (frame.type === 'channel.open') told.delete(`ch=${frame.channel}`)
      },
      ended: ({ scope = '', address = '', request, reply, outcome }) => {
        // Who joins in the middle does not know the queues of consumers.
        if (outcome !== 'ack' || joined === 'middle') return
        const batch = batches.get(scope)
        if (batch === undefined) batches.set(scope, { reply, address, request })
        else if (batch.reply !== reply) {
          batch.reply = reply
          batch.address = address
          batch.request = request
        } else if (batch.address !== address && !told.has(scope)) {
          told.add(scope)
          const frames = [batch.request, request, reply]
          report(`one basic.ack on ${scope} covered deliveries of ${batch.address} and ${address}`, frames)
        }
      },
    }
  },
}
