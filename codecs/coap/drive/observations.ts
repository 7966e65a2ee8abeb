import { type DriveOptions, openDelivery, type Packet } from '../../core/index.ts'
import type { Content } from '../frames.ts'
import { codeName, codeTexts, SUCCESS } from '../tables.ts'
import type { Incoming } from './incoming.ts'
import { makeOf, observeOf } from './options.ts'
import { CREATED, resourceMade } from './removing.ts'
import { MAKING_TOKEN, MOST_SOURCES, makingToken, sourceAt, sourceToken } from './tokens.ts'

type State = 'asked' | 'making' | 'observed' | 'leaving' | 'left'

const NOT_FOUND = 0x84

/** Observes the sources [RFC 7641], and tells of what comes. */
export class Observations {
  readonly #options: DriveOptions
  readonly #ask: (content: Content) => void
  readonly #states: State[] = []
  #awaited = 0
  readonly #delivery = openDelivery()

  /** `ask` sends a request, and sees to it that it gets there. */
  constructor(options: DriveOptions, ask: (content: Content) => void) {
    this.#options = options
    this.#ask = ask
  }

  /** Tells that it is ready once all are observed; at once where there are none. */
  begin(): void {
    const { sources, listener } = this.#options
    if (sources.length > MOST_SOURCES) {
      listener.failed(`no more than ${MOST_SOURCES} resources can be observed by one client`)
      return
    }
    this.#awaited = sources.length
    for (const source of sources.keys()) this.#register(source)
    if (this.#awaited === 0) listener.ready()
  }

  /** A response that has a token of ours. Answers with whether it is wanted still. */
  heard({ buffer }: Packet, incoming: Incoming): boolean {
    const { tokenAt, tokenLength, code, observe } = incoming
    const source = sourceAt(buffer, tokenAt, tokenLength)
    const state = this.#states[source]
    if (state === undefined || state === 'left') return false
    const success = code >> 5 === SUCCESS
    if (tokenLength === MAKING_TOKEN) {
      if (state !== 'making') return true
      if (success) this.#made(source, code)
      else this.#failed(source, 'cannot be made', code)
    } else if (state === 'asked') this.#registered(source, incoming, success)
    else if (state === 'leaving') {
      if (observe) return true
      this.#states[source] = 'left'
      if (--this.#awaited === 0) this.#options.listener.left()
    } else if (success) this.deliver(buffer, incoming, source)
    else this.#failed(source, 'is not observed any more', code)
    return true
  }

  /** Takes all observations back, and tells that it left when they are. */
  leave(): void {
    const { sources, listener } = this.#options
    this.#awaited = sources.length
    for (const [at, source] of sources.entries()) {
      this.#states[at] = 'leaving'
      this.#ask(observeOf(source, this.#options, sourceToken(at), 1))
    }
    if (sources.length === 0) listener.left()
  }

  /** `source` is -1 for the response to a message. */
  deliver(bytes: Uint8Array, { payloadAt, end, size }: Incoming, source: number): void {
    const delivery = this.#delivery
    delivery.bytes = bytes
    delivery.start = payloadAt
    delivery.end = end
    delivery.size = size
    delivery.source = source
    this.#options.listener.delivered(delivery)
  }

  #made(source: number, code: number): void {
    const { tellsMade, listener, sources } = this.#options
    if (tellsMade && code === CREATED) listener.made(resourceMade(sources[source] as string))
    this.#register(source)
  }

  #register(source: number): void {
    this.#states[source] = 'asked'
    this.#ask(observeOf(this.#options.sources[source] as string, this.#options, sourceToken(source), 0))
  }

  /** What the response brings was there before: it is no notification. */
  #registered(source: number, { code, observe }: Incoming, success: boolean): void {
    const { settings, sources } = this.#options
    if (success && observe) {
      this.#states[source] = 'observed'
      if (--this.#awaited === 0) this.#options.listener.ready()
    } else if (code === NOT_FOUND && settings.create !== false) {
      this.#states[source] = 'making'
      this.#ask(makeOf(sources[source] as string, this.#options, makingToken(source)))
    } else this.#failed(source, 'cannot be observed', success ? undefined : code)
  }

  #failed(source: number, what: string, code: number | undefined): void {
    const { sources, listener } = this.#options
    const text = code === undefined ? undefined : (codeTexts[code] as string)
    const why = text === undefined ? '' : `: ${text} ${codeName(text) ?? ''}`.trimEnd()
    listener.failed(`${sources[source]} ${what}${why}`)
  }
}
