import { type MockOptions, Recent } from '../../core/index.ts'
import type { StompAct } from './act.ts'

const DESTINATION = 'stomp destination'
const CORRELATION = 'stomp correlation'

/** Names that this client made up, in place of the recorded ones. */
const MOST = 65_536

/** What is called otherwise by this client than by the recorded one. */
export class Names {
  readonly #options: MockOptions
  /** By what destinations are called now, what they were called then. */
  readonly #recorded = new Recent<string, string>(MOST)

  constructor(options: MockOptions) {
    this.#options = options
  }

  recognise(then: StompAct, now: StompAct): void {
    const [a, b] = [then.frame, now.frame]
    this.#learn(a.destination, b.destination)
    this.#learn(a.headers.get('reply-to'), b.headers.get('reply-to'))
    const [known, called] = [a, b].map(({ headers }) => headers.get('correlation-id'))
    if (known !== undefined && called !== undefined && known !== called) {
      this.#options.names.learn(CORRELATION, known, called)
    }
  }

  destination(then: string): string {
    return String(this.#options.names.live(DESTINATION, then) ?? then)
  }

  correlation(then: string): string {
    return String(this.#options.names.live(CORRELATION, then) ?? then)
  }

  /** The other way round. */
  recorded(now: string): string {
    return this.#recorded.get(now) ?? now
  }

  /** A name that a broker made up: as recorded to who comes first. */
  madeUp(then: string): string {
    const { take } = this.#options
    return take === 0 ? then : `${then}-${take}`
  }

  #learn(then: string | undefined, now: string | undefined): void {
    if (then === undefined || now === undefined || then === now) return
    this.#options.names.learn(DESTINATION, then, now)
    this.#recorded.set(now, then)
  }
}
