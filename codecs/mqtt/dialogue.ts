import type { Dialogue, Joined, Packet, Side } from '../core/index.ts'
import { u16At, utf8 } from '../core/index.ts'
import type { MqttContext } from './header.ts'
import { varintAt } from './primitives.ts'
import { bodyAt, connectVersionAt, isWellFormed, skipProperties, topicAliasAt } from './scan.ts'
import { CONNECT, PINGREQ, PINGRESP, PUBLISH, type Version } from './tables.ts'

class Context implements MqttContext {
  readonly version: Version
  readonly guessed: boolean
  readonly topic: string | undefined

  constructor(version: Version, guessed: boolean, topic?: string) {
    this.version = version
    this.guessed = guessed
    this.topic = topic
  }
}

const known: Readonly<Record<Version, Context>> = {
  3: new Context(3, false),
  4: new Context(4, false),
  5: new Context(5, false),
}
const guessed = { 4: new Context(4, true), 5: new Context(5, true) } as const

/**
 * What the packets of one connection must know of each other: the version, which CONNECT names, or which is guessed
 * from what can be read as one version only; and the topics that MQTT 5's topic aliases stand for, either way.
 */
export class MqttDialogue implements Dialogue<MqttContext> {
  #context: Context | undefined
  /** The server speaks second: until the client is heard, what it says cannot be told apart by version. */
  #waiting: boolean
  /** What speaks for MQTT 5, less what speaks against it. */
  #score = 0
  #aliases: Readonly<Record<Side, Aliases>> = { client: new Aliases(), server: new Aliases() }

  constructor(joined: Joined) {
    this.#waiting = joined === 'start'
  }

  context(side: Side, bytes: Uint8Array, start: number, end: number, must: boolean): MqttContext | undefined {
    const context = this.#context ?? this.#guess(side, bytes, start, end, must)
    if (context === undefined || context.version !== 5 || start >= end) return context
    if ((bytes[start] as number) >> 4 !== PUBLISH || !hasEmptyTopic(bytes, start, end)) return context
    const topic = this.#aliases[side].get(topicAliasAt(bytes, start, end))
    return topic === undefined ? context : new Context(5, context.guessed, topic)
  }

  follow(packet: Packet<MqttContext>): void {
    const { buffer, start, end, side } = packet
    const code = (buffer[start] as number) >> 4
    if (code === CONNECT) {
      this.#context = connectContext(buffer, start, end)
      this.#aliases = { client: new Aliases(), server: new Aliases() }
    } else if (this.#context === undefined) this.#score += weigh(buffer, start, end)
    if (side === 'client') this.#waiting = false
    if (code === PUBLISH && packet.context.version === 5) this.#aliases[side].learn(buffer, start, end)
  }

  #guess(side: Side, bytes: Uint8Array, start: number, end: number, must: boolean): Context | undefined {
    if (start < end && (bytes[start] as number) >> 4 === CONNECT) return connectContext(bytes, start, end)
    if (this.#waiting && side === 'server' && !must) return undefined
    const score = this.#score + (start < end ? weigh(bytes, start, end) : 0)
    return score > 0 ? guessed[5] : guessed[4]
  }
}

const connectContext = (bytes: Uint8Array, start: number, end: number): Context =>
  known[connectVersionAt(bytes, start, end)]

/** How clearly the packet at `start` speaks for MQTT 5 (above 0) or for a version before it (below 0). */
function weigh(bytes: Uint8Array, start: number, end: number): number {
  const code = (bytes[start] as number) >> 4
  if (code === PINGREQ || code === PINGRESP) return 0
  const packed = varintAt(bytes, start + 1, end)
  if (packed <= 0) return 0
  const body = start + 1 + (packed & 7)
  const to = body + (packed >>> 3)
  if (to > end) return 0
  const before = isWellFormed(bytes, start, body, to, 3)
  const five = isWellFormed(bytes, start, body, to, 5)
  if (before !== five) return five ? SURE : -SURE
  if (!five || code !== PUBLISH) return 0
  // Both can be. No properties is one zero byte, which a payload may begin with; a list of them is no accident.
  const topicEnd = body + 2 + u16At(bytes, body)
  const properties = topicEnd + (((bytes[start] as number) & 0x06) === 0 ? 0 : 2)
  return skipProperties(bytes, properties, to, PUBLISH) > properties + 1 ? LIKELY : MAYBE
}
const SURE = 16
const LIKELY = 8
const MAYBE = 1

function hasEmptyTopic(bytes: Uint8Array, start: number, end: number): boolean {
  const body = bodyAt(bytes, start, end)
  return body >= 0 && body + 2 <= end && u16At(bytes, body) === 0
}

/** The topic aliases of one direction [3.3.2.3.4]: what stands for what, bounded. */
class Aliases {
  #topics: Map<number, string> | undefined
  #size = 0

  get(alias: number): string | undefined {
    return this.#topics?.get(alias)
  }

  learn(bytes: Uint8Array, start: number, end: number): void {
    const alias = topicAliasAt(bytes, start, end)
    if (alias === 0) return
    const at = bodyAt(bytes, start, end) + 2
    const length = u16At(bytes, at - 2)
    if (length === 0) return
    this.#topics ??= new Map()
    this.#size += length - (this.#topics.get(alias)?.length ?? 0)
    this.#topics.delete(alias)
    this.#topics.set(alias, utf8(bytes, at, at + length))
    for (const [oldest, topic] of this.#topics) {
      if (this.#size <= MAX_ALIASED) break
      this.#topics.delete(oldest)
      this.#size -= topic.length
    }
  }
}

/** Bytes of topics that are kept for one direction's aliases; the alias set longest ago goes first. */
const MAX_ALIASED = 1 << 20
