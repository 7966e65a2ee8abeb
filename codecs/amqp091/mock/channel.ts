import type { AmqpAct } from './act.ts'

/** Consumers of a channel, and what it has not acknowledged. */
const MOST = 65_536

export interface Consumer {
  readonly tag: string
  readonly noAck: boolean
  /** How many it takes at once; 0 is any number. */
  readonly prefetch: number
  outstanding: number
}

/** One channel of a live client, as its broker sees it. */
export class LiveChannel {
  /** We closed it, and the client has not answered: whatever comes before that is not looked at [1.5.2.5]. */
  closing = false
  /** Who consumes, by the `basic.consume` that made it so. */
  readonly #consumers = new Map<AmqpAct, Consumer>()
  /** By delivery tag, who is to acknowledge; nobody for what was got. */
  readonly #unsettled = new Map<number, Consumer | undefined>()
  #tag = 0
  #prefetch = { each: 0, all: 0 }
  #made = 0

  /** RabbitMQ's reading: without `global`, of each consumer that comes after [1.8.3.1]. */
  limit(prefetch: number, global: boolean): void {
    this.#prefetch = global ? { ...this.#prefetch, all: prefetch } : { ...this.#prefetch, each: prefetch }
  }

  /** Where the client left it to us, the tag is made up. */
  consume(act: AmqpAct, asked: string, noAck: boolean, then: string): Consumer {
    const known = this.#consumers.get(act)
    if (known !== undefined) return known
    const tag = asked === '' ? this.#makeUp(then) : asked
    // One more than anybody has is told that it consumes, and gets nothing.
    if (this.#consumers.size >= MOST) return { tag, noAck, prefetch: 0, outstanding: 0 }
    const consumer = { tag, noAck, prefetch: this.#prefetch.each, outstanding: 0 }
    this.#consumers.set(act, consumer)
    return consumer
  }

  cancel(tag: string): void {
    for (const [act, consumer] of this.#consumers) if (consumer.tag === tag) this.#consumers.delete(act)
  }

  consumer(act: AmqpAct): Consumer | undefined {
    return this.#consumers.get(act)
  }

  /** Whether it takes no more before it has acknowledged some. */
  isFull({ noAck, prefetch, outstanding }: Consumer): boolean {
    if (noAck) return false
    const { all } = this.#prefetch
    return (prefetch > 0 && outstanding >= prefetch) || this.#unsettled.size >= (all > 0 ? all : MOST)
  }

  /** The tag of what is delivered next. */
  deliver(consumer: Consumer | undefined, noAck: boolean): number {
    const tag = ++this.#tag
    if (noAck) return tag
    this.#unsettled.set(tag, consumer)
    if (consumer !== undefined) consumer.outstanding++
    return tag
  }

  settle(tag: number): void {
    const consumer = this.#unsettled.get(tag)
    if (consumer !== undefined) consumer.outstanding--
    this.#unsettled.delete(tag)
  }

  recover(): void {
    for (const tag of [...this.#unsettled.keys()]) this.settle(tag)
  }

  #makeUp(then: string): string {
    const taken = [...this.#consumers.values()].some(({ tag }) => tag === then)
    return taken || then === '' ? `amq.ctag-mqinspect-${++this.#made}` : then
  }
}
