import { type DriveOptions, Recent, topicFilter, utf8 } from '../../core/index.ts'

/** Topics of which it is known whose they are. */
const MOST_KNOWN = 10_000

/** What a client subscribes to, and which of it a message comes by. */
export class Sources {
  /** All that is asked for: the sources, and the topic of answers. */
  readonly filters: readonly string[]
  readonly replyTo: string | undefined
  readonly #matches: readonly ((topic: string) => boolean)[]
  readonly #known = new Recent<string, number>(MOST_KNOWN)
  readonly #simple: boolean

  constructor({ sources, requests, clientId }: DriveOptions) {
    this.replyTo = requests ? `mqinspect/replies/${clientId}` : undefined
    this.filters = this.replyTo === undefined ? sources : [...sources, this.replyTo]
    this.#matches = sources.map(source => topicFilter(source.replace(SHARED, '')))
    this.#simple = this.filters.length <= 1 && !requests
  }

  /** Of the topic at [start, end), or of `aliased` where an alias stands for it. */
  of(bytes: Uint8Array, start: number, end: number, aliased: string | undefined): number {
    if (this.#simple) return 0
    const topic = aliased ?? utf8(bytes, start, end)
    let source = this.#known.get(topic)
    if (source === undefined) {
      source =
        topic === this.replyTo
          ? -1
          : Math.max(
              0,
              this.#matches.findIndex(matches => matches(topic)),
            )
      this.#known.set(topic, source)
    }
    return source
  }
}

/** What a shared subscription begins with [4.8.2]. */
export const SHARED = /^\$share\/[^/]+\//
