import { hex, Recent, type Renumbering } from '../../core/index.ts'
import type { Connect, Publish, Subscribe } from '../frames.ts'
import type { Properties } from '../properties.ts'

/** Levels of topics: client identifiers and other made-up names stand in them. */
const LEVEL = 'mqtt level'
const CORRELATION = 'mqtt correlation'
const SUBSCRIPTION = 'mqtt subscription'

/** What is called otherwise by this client than by the recorded one. */
export class Names {
  readonly #names: Renumbering
  /** By levels of now, those of then. */
  readonly #recorded = new Recent<string, string>(MOST)

  constructor(names: Renumbering) {
    this.#names = names
  }

  connected(then: Connect, now: Connect): void {
    if (then.willTopic !== undefined && now.willTopic !== undefined) this.topics(then.willTopic, now.willTopic)
  }

  /** An identifier that a server assigned, which clients put into topics. */
  assigned(then: string, now: string): void {
    if (then !== now) this.#learn(then, now)
  }

  published(then: Publish, now: Publish): void {
    this.topics(then.topic, now.topic)
    const [a, b] = [then.properties, now.properties]
    if (a?.responseTopic !== undefined && b?.responseTopic !== undefined) this.topics(a.responseTopic, b.responseTopic)
    if (a?.correlationData === undefined || b?.correlationData === undefined) return
    const [known, called] = [hex(a.correlationData), hex(b.correlationData)]
    if (known !== called) this.#names.learn(CORRELATION, known, called)
  }

  subscribed(then: Subscribe, now: Subscribe, filter: string, called: string): void {
    this.topics(filter, called)
    const [id = 0] = then.properties?.subscriptionIdentifiers ?? []
    const [live = 0] = now.properties?.subscriptionIdentifiers ?? []
    if (id !== live) this.#names.learn(SUBSCRIPTION, id, live)
  }

  topics(then: string, now: string): void {
    if (then === now) return
    const [a, b] = [then.split('/'), now.split('/')]
    if (a.length !== b.length) return
    for (const [at, level] of a.entries()) {
      const live = b[at] as string
      if (level !== live && !WILD.has(level) && !WILD.has(live)) this.#learn(level, live)
    }
  }

  topic(then: string): string {
    return byLevel(then, level => String(this.#names.live(LEVEL, level) ?? level))
  }

  /** The other way round. */
  recorded(now: string): string {
    return byLevel(now, level => this.#recorded.get(level) ?? level)
  }

  /** Of a message that is delivered; without the alias, as this client may take none so high [3.1.2.11.5]. */
  properties(then: Properties): Properties {
    const { topicAlias: _, responseTopic, correlationData, subscriptionIdentifiers, ...rest } = then
    const ids = subscriptionIdentifiers
      ?.map(id => Number(this.#names.live(SUBSCRIPTION, id) ?? id))
      .filter(id => id > 0)
    return {
      ...rest,
      ...(responseTopic === undefined ? {} : { responseTopic: this.topic(responseTopic) }),
      ...(correlationData === undefined ? {} : { correlationData: this.#correlation(correlationData) }),
      ...(ids === undefined || ids.length === 0 ? {} : { subscriptionIdentifiers: ids }),
    }
  }

  #learn(then: string, now: string): void {
    this.#names.learn(LEVEL, then, now)
    this.#recorded.set(now, then)
  }

  #correlation(then: Uint8Array): Uint8Array {
    const live = this.#names.live(CORRELATION, hex(then))
    return live === undefined ? then : bytesOf(String(live))
  }
}

/** Levels that are called otherwise. */
const MOST = 65_536

const byLevel = (topic: string, named: (level: string) => string): string => topic.split('/').map(named).join('/')

const WILD: ReadonlySet<string> = new Set(['+', '#'])

const bytesOf = (digits: string): Uint8Array =>
  Uint8Array.from({ length: digits.length / 2 }, (_, at) => Number.parseInt(digits.slice(at * 2, at * 2 + 2), 16))
