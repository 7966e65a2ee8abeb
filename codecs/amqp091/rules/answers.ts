import { type Exchange, Recent } from '../../core/index.ts'
import { nameOf } from '../destination.ts'
import type { AmqpFrame } from '../frames.ts'
import { type AmqpRule, MOST_NAMES } from './rule.ts'

/** What is remembered of a delivery tag on a channel: the frames that brought it and that answered it. */
interface Tag {
  delivered: number
  answers: number[]
}

/** A delivery tag that the broker did not know, and why. */
interface Unknown {
  readonly tag: string
  readonly channel: number
  /** The frames that answered it, and the close. */
  readonly frames: readonly number[]
  readonly reason: { readonly kind: 'twice' } | { readonly kind: 'never' } | Elsewhere
}

interface Elsewhere {
  readonly kind: 'elsewhere'
  readonly channel: number
  readonly delivered: number
}

/** Remembers the deliveries of late and their answers, to say what the broker only says is wrong. */
class Tags {
  readonly #tags = new Recent<string, Tag>(MOST_NAMES)
  readonly #channels = new Set<number>()

  began({ kind, scope, id, request }: Exchange): void {
    if (kind === 'deliver-ack') this.#of(`${scope} ${id}`).delivered = request
  }

  ended({ kind, scope, id, reply }: Exchange): void {
    if (kind === 'deliver-ack' && reply > 0) this.#answer(`${scope} ${id}`, reply)
  }

  frame(frame: AmqpFrame, number: number): Unknown | undefined {
    switch (frame.type) {
      case 'channel.open':
        if (this.#channels.size < MOST_CHANNELS) this.#channels.add(frame.channel)
        return undefined
      case 'basic.ack':
      case 'basic.nack':
      case 'basic.reject':
        this.#answer(`ch=${frame.channel} ${frame.deliveryTag}`, number)
        return undefined
      case 'channel.close':
        return this.#explain(frame.channel, nameOf(frame.replyText), number)
      default:
        return undefined
    }
  }

  #of(key: string): Tag {
    let tag = this.#tags.get(key)
    if (tag === undefined) this.#tags.set(key, (tag = { delivered: 0, answers: [] }))
    return tag
  }

  #answer(key: string, number: number): void {
    const { answers } = this.#of(key)
    if (answers.at(-1) !== number) answers.push(number)
    // The first two and the last tell the story.
    if (answers.length > 3) answers.splice(2, 1)
  }

  #explain(channel: number, text: string, number: number): Unknown | undefined {
    const tag = /unknown delivery tag (\d+)/.exec(text)?.[1]
    if (tag === undefined) return undefined
    const { delivered = 0, answers = [] } = this.#tags.get(`ch=${channel} ${tag}`) ?? {}
    const frames = [...(delivered > 0 ? [delivered] : []), ...answers, number]
    const about = { tag, channel, frames }
    if (answers.length > 1) return { ...about, reason: { kind: 'twice' } }
    for (const other of this.#channels) {
      const there = other === channel ? undefined : this.#tags.get(`ch=${other} ${tag}`)
      if (there === undefined || there.delivered === 0 || there.answers.length > 0) continue
      const reason = { kind: 'elsewhere', channel: other, delivered: there.delivered } as const
      return { ...about, frames: [there.delivered, ...frames], reason }
    }
    return { ...about, reason: { kind: 'never' } }
  }
}

/** More channels than clients have. */
const MOST_CHANNELS = 2047

const types = ['channel.open', 'basic.ack', 'basic.nack', 'basic.reject', 'channel.close'] as const

/** A rule over delivery tags that the broker did not know. */
const over = (text: Omit<AmqpRule, 'types' | 'watch'>, say: (unknown: Unknown) => string | undefined): AmqpRule => ({
  ...text,
  types,
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
  ({ tag, channel, frames, reason: { kind } }) => {
    if (kind === 'twice')
      return `delivery ${tag} on ch=${channel} was answered more than once; the broker closed the channel`
    if (kind === 'elsewhere') return undefined
    const answered = frames.length > 1 ? 'was answered' : 'is what the broker missed'
    return `delivery ${tag} on ch=${channel} ${answered}, where none of that tag waited for it`
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
  ({ tag, channel, reason }) =>
    reason.kind === 'elsewhere'
      ? `delivery ${tag} came on ch=${reason.channel} and was answered on ch=${channel}; the broker closed ch=${channel}`
      : undefined,
)

export const multipleAck: AmqpRule = {
  id: 'amqp091/multiple-ack-across-queues',
  severity: 'note',
  title: 'One acknowledgement covers the deliveries of several queues',
  why: 'With multiple, an acknowledgement covers everything on its channel up to its tag, whichever consumer it went to. If each consumer acknowledges its own last message so, it acknowledges what others have not done yet: that work is lost if they fail.',
  fix: 'Give each consumer a channel of its own, or acknowledge one by one (multiple=false).',
  types: ['channel.open'],
  watch: (_, report) => {
    interface Batch {
      readonly reply: number
      readonly addresses: Set<string>
      readonly frames: number[]
    }
    const batches = new Map<string, Batch>()
    const told = new Set<string>()
    return {
      frame: frame => {
        if (frame.type === 'channel.open') told.delete(`ch=${frame.channel}`)
      },
      ended: ({ kind, scope = '', address = '', request, reply, outcome }) => {
        if (kind !== 'deliver-ack' || outcome !== 'ack' || told.has(scope)) return
        let batch = batches.get(scope)
        if (batch?.reply !== reply) batches.set(scope, (batch = { reply, addresses: new Set(), frames: [] }))
        if (batch.addresses.has(address)) return
        batch.addresses.add(address)
        batch.frames.push(request)
        if (batch.addresses.size < 2) return
        told.add(scope)
        report(`one basic.ack on ${scope} covered deliveries of ${[...batch.addresses].join(' and ')}`, [
          ...batch.frames,
          reply,
        ])
      },
    }
  },
}
