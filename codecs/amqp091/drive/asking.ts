import { type DriveOptions, type Made, type Pen, utf8 } from '../../core/index.ts'
import type { AmqpFrame, MethodOf } from '../frames.ts'
import type { Channels } from './channels.ts'
import { requests } from './opening.ts'

/** A request, and what comes of it. */
interface Step {
  readonly frame: AmqpFrame
  readonly done?: (answer: AmqpFrame) => void
  /** That the server refuses it ends nothing: its channel is opened again, and the next step follows. */
  readonly refused?: (code: number, text: string) => void
}

type Declaration = MethodOf<'queue.declare'> | MethodOf<'exchange.declare'>

/** There is no such queue or exchange [1.2, not-found]. */
const NOT_FOUND = 404
/** The channel of those that are only there to take something away. */
const REMOVING = 1

/** All that is asked for before the client is ready, each once the one before is answered. */
export class Asking {
  readonly #pen: Pen<AmqpFrame>
  readonly #steps: Step[]
  #asked: Step | undefined

  constructor(options: DriveOptions, pen: Pen<AmqpFrame>, channels: Channels) {
    this.#pen = pen
    this.#steps = options.removes.length > 0 ? removals(options) : openings(options, channels)
  }

  /** Asks for the next; false where there is none. */
  next(): boolean {
    this.#asked = this.#steps.shift()
    if (this.#asked === undefined) return false
    this.#pen.send(this.#asked.frame)
    return true
  }

  /** An answer came to what was asked last: it is looked at before the next is asked for. */
  answered(answer: AmqpFrame): void {
    this.#asked?.done?.(answer)
  }

  /** The server closed a channel. Answers with whether that was to be reckoned with. */
  refused({ channel, replyCode, replyText }: MethodOf<'channel.close'>): boolean {
    const asked = this.#asked
    if (asked?.refused === undefined || (asked.frame as { channel?: number }).channel !== channel) return false
    asked.refused(replyCode, textOf(replyText))
    this.#steps.unshift({ frame: { type: 'channel.open', channel } })
    return true
  }
}

const openings = (options: DriveOptions, channels: Channels): Step[] => {
  const [open, ...others] = requests(options, channels)
  if (open === undefined) return []
  if (!options.tellsMade) return [open, ...others].map(frame => ({ frame }))
  const missing = new Set<string>()
  const made = (frame: AmqpFrame): Step => {
    const done = (): void => {
      const declared = staying(frame)
      if (declared !== undefined && missing.delete(nameOf(declared))) options.listener.made(declared)
    }
    return { frame, done }
  }
  return [{ frame: open }, ...checks(others, channels, missing), ...others.map(made)]
}

/**
 * What is there before it is declared, found out by passive declarations on a channel for these: each that finds nothing
 * closes it [1.7.2.1]. What is there and may not be looked at is not ours either.
 */
function checks(frames: readonly AmqpFrame[], { publishing, consuming }: Channels, missing: Set<string>): Step[] {
  const channel = 1 + Math.max(0, ...publishing, ...consuming)
  const looked = new Set<string>()
  const steps = frames.filter(isDeclaration).flatMap((frame): Step[] => {
    const declared = staying(frame)
    if (declared === undefined || looked.has(nameOf(declared))) return []
    looked.add(nameOf(declared))
    const refused = (code: number): void => {
      if (code === NOT_FOUND) missing.add(nameOf(declared))
    }
    return [{ frame: { ...frame, channel, passive: true }, refused }]
  })
  return steps.length === 0 ? [] : [{ frame: { type: 'channel.open', channel } }, ...steps]
}

const isDeclaration = (frame: AmqpFrame): frame is Declaration =>
  frame.type === 'queue.declare' || frame.type === 'exchange.declare'

/** What a declaration makes that stays when its connection is gone. */
function staying(frame: AmqpFrame): Made | undefined {
  if (frame.type === 'exchange.declare') return { kind: 'exchange', name: textOf(frame.exchange) }
  if (frame.type !== 'queue.declare' || frame.exclusive) return undefined
  return { kind: 'queue', name: textOf(frame.queue) }
}

const nameOf = ({ kind, name }: Made): string => `${kind} ${name}`

/** Queues first, whose bindings keep exchanges in use. What others use stays. */
function removals({ virtualHost = '/', removes, listener }: DriveOptions): Step[] {
  const channel = REMOVING
  const of = (wanted: string): readonly Made[] => removes.filter(({ kind }) => kind === wanted)
  const outcome = (made: Made): Pick<Step, 'done' | 'refused'> => ({
    done: () => listener.removed(made, undefined),
    refused: (code, text) => listener.removed(made, code === NOT_FOUND ? undefined : `${code} ${text}`),
  })
  return [
    { frame: { type: 'connection.open', channel: 0, virtualHost } },
    { frame: { type: 'channel.open', channel } },
    ...of('queue').map(made => {
      const { name: queue } = made
      // Not every type of queue knows what `if-unused` means.
      return {
        frame: { type: 'queue.delete', channel, queue, ifUnused: false, ifEmpty: false, noWait: false } as const,
        ...outcome(made),
      }
    }),
    ...of('exchange').map(made => {
      const { name: exchange } = made
      return {
        frame: { type: 'exchange.delete', channel, exchange, ifUnused: true, noWait: false } as const,
        ...outcome(made),
      }
    }),
  ]
}

const textOf = (text: string | Uint8Array): string => (typeof text === 'string' ? text : utf8(text, 0, text.length))
