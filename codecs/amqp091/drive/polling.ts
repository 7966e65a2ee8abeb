import type { DriveOptions, Pen } from '../../core/index.ts'
import type { AmqpFrame } from '../frames.ts'
import { queueOf } from './options.ts'

/** A channel on which messages are asked for: of which source last, whether that is answered, when again. */
interface Poller {
  readonly channel: number
  source: number
  asked: boolean
  due: number
}

/** Consumers that ask for each message (basic.get), one after the other, of each of their sources in turn. */
export class Polling {
  readonly #options: DriveOptions
  readonly #pen: Pen<AmqpFrame>
  readonly #queues: readonly string[]
  /** Milliseconds between two questions; 0: the next follows the answer. */
  readonly #every: number
  readonly #pollers: readonly Poller[]
  #over = false

  constructor(options: DriveOptions, pen: Pen<AmqpFrame>, channels: readonly number[]) {
    this.#options = options
    this.#pen = pen
    this.#queues = options.sources.map((source, at) => queueOf(options, source, at, channels.length > 1))
    this.#every = Number(options.settings.poll)
    const last = this.#queues.length - 1
    this.#pollers = last < 0 ? [] : channels.map(channel => ({ channel, source: last, asked: false, due: 0 }))
  }

  /** Asks where it is time to: when to be called next. */
  tick(now: number): number | undefined {
    if (this.#over) return undefined
    let next = Number.POSITIVE_INFINITY
    for (const poller of this.#pollers) {
      if (poller.asked) continue
      if (poller.due <= now) {
        // Late timers cost no question, and long answers are not made up for.
        poller.due = poller.due + this.#every > now ? poller.due + this.#every : now + this.#every
        this.#ask(poller)
      } else next = Math.min(next, poller.due)
    }
    return next === Number.POSITIVE_INFINITY ? undefined : next
  }

  /** The source of what comes on a channel, which is the answer there. */
  answered(channel: number): number {
    const poller = this.#pollers.find(each => each.channel === channel)
    if (poller === undefined) return -1
    const { source } = poller
    poller.asked = false
    if (this.#every === 0 && !this.#over) this.#ask(poller)
    return source
  }

  /** Nothing more is asked for. */
  end(): void {
    this.#over = true
  }

  #ask(poller: Poller): void {
    poller.asked = true
    poller.source = (poller.source + 1) % this.#queues.length
    const queue = this.#queues[poller.source] as string
    this.#pen.send({ type: 'basic.get', channel: poller.channel, queue, noAck: !this.#options.settles })
  }
}

/** Whether consumers ask for messages, in place of being delivered to. */
export const polls = ({ settings }: Pick<DriveOptions, 'settings'>): boolean => settings.poll !== undefined
