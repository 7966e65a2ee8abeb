import { Expected } from '../../core/index.ts'

/** Delivery tags that were settled, counted: they come one by one or all up to one, in about the order of the tags. */
class Settled {
  #through = 0
  readonly #beyond = new Set<number>()

  get count(): number {
    return this.#through + this.#beyond.size
  }

  settle(tag: number, multiple: boolean): void {
    if (tag <= this.#through) return
    if (multiple) {
      for (const one of this.#beyond) if (one <= tag) this.#beyond.delete(one)
      this.#through = tag
    } else this.#beyond.add(tag)
    while (this.#beyond.delete(this.#through + 1)) this.#through++
  }
}

/**
 * Publisher confirms of one channel. Numbers of publishes are what they were, as they are counted; but a broker confirms
 * several at once as it pleases. So as many must be confirmed as were then.
 */
export class Confirms {
  readonly #then = new Settled()
  readonly #now = new Settled()
  readonly #waiting: { readonly count: number; readonly expected: Expected }[] = []

  recall(tag: number, multiple: boolean, channel: number): Expected {
    this.#then.settle(tag, multiple)
    const expected = new Expected(`confirm ${tag} on channel ${channel}`, true)
    const { count } = this.#then
    if (this.#now.count >= count) expected.meet()
    else this.#waiting.push({ count, expected })
    return expected
  }

  hear(tag: number, multiple: boolean): void {
    this.#now.settle(tag, multiple)
    const { count } = this.#now
    for (let first = this.#waiting[0]; first !== undefined && first.count <= count; first = this.#waiting[0]) {
      first.expected.meet()
      this.#waiting.shift()
    }
  }
}
