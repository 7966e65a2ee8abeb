import { createHash } from 'node:crypto'
import {
  type Exchange,
  type Frame,
  frameToJson,
  type Message,
  type Packet,
  type TopologyChange,
  toJson,
} from '../../codecs/core/index.ts'
import type { Finding, FindingObserver } from '../findings/index.ts'
import { type Flow, protocolOf } from '../flow.ts'
import { ExchangeTally } from '../output/index.ts'
import type { Payloads } from '../payload/index.ts'
import { type Generic, genericOf } from './generic.ts'
import type { ConnectionSeen, ExchangesSeen, FindingsSeen, MessageSeen, MessagesSeen, TopologySeen } from './seen.ts'

export interface RunLimits {
  /** Messages that are compared. */
  readonly messages: number
  /** Characters of JSON kept to tell how messages differ. */
  readonly text: number
  /** Connections, names, and groups of messages and of exchanges, each. */
  readonly names: number
}

const RUN_LIMITS: RunLimits = { messages: 2_000_000, text: 16 << 20, names: 100_000 }

/** Longer ones are compared, but not kept to tell how they differ. */
const MOST_TEXT = 8 << 10
/** Kinds of exchanges that only time brings about: how many there are tells how long a run took. */
const TIMED: ReadonlySet<string> = new Set(['ping'])

/** What was done in one run, as far as another run of the same would do it again. */
export class Run implements FindingObserver {
  readonly connections = new Map<Flow, ConnectionSeen>()
  readonly things = new Map<string, TopologySeen>()
  readonly messages = new Map<string, MessagesSeen>()
  readonly exchanges = new Map<string, ExchangesSeen>()
  readonly findings = new Map<string, FindingsSeen>()
  /** Messages so far. */
  messageCount = 0
  /** What there was no room for. */
  omitted = 0
  readonly #payloads: Payloads
  readonly #limits: RunLimits
  #compared = 0
  #text = 0

  constructor(payloads: Payloads, limits = RUN_LIMITS) {
    this.#payloads = payloads
    this.#limits = limits
  }

  packet(flow: Flow, packet: Packet, _number: number, frame?: Frame): void {
    const { codec } = flow
    if (codec === undefined || frame === undefined) return
    const seen = this.#in(
      this.connections,
      flow,
      (): ConnectionSeen => ({ flow: flow.id, protocol: codec.id, terms: {} }),
    )
    const type = codec.type(packet)
    if (seen === undefined || codec.comparison?.terms.includes(type) !== true) return
    // What both sides say is told apart by who does: AMQP's protocol headers.
    const name = type in seen.terms ? `${type} from ${packet.side}` : type
    seen.terms[name] = genericOf(codec).value(frameToJson(codec, frame))
  }

  message(flow: Flow, message: Message): void {
    const number = ++this.messageCount
    if (this.#compared >= this.#limits.messages) {
      this.omitted++
      return
    }
    const protocol = protocolOf(flow)
    const { direction } = message
    const generic = genericOf(flow.codec)
    const address = message.address === undefined ? '?' : generic.name(message.address)
    const group = this.#in(this.messages, keyOf(protocol, direction, address), () => ({
      protocol,
      direction,
      address,
      seen: [],
    }))
    if (group === undefined) return
    this.#compared++
    group.seen.push(this.#seen(message, number, generic))
  }

  ended(flow: Flow, exchange: Exchange): void {
    const { ok = true, outcome = '' } = exchange
    const word = ok ? 'ok' : 'failed'
    const seen = this.#outcome(flow, exchange, outcome === '' ? word : `${word} ${outcome}`)
    if (exchange.reply !== 0) seen?.latency.answered(exchange.ended - exchange.started, ok)
  }

  unanswered(flow: Flow, exchange: Exchange): void {
    this.#outcome(flow, exchange, 'unanswered')
  }

  topology(flow: Flow, { action, kind, name, parent, details = {} }: TopologyChange): void {
    if (action === 'remove') return
    const protocol = protocolOf(flow)
    const generic = genericOf(flow.codec)
    const place = { protocol, kind, name: generic.name(name), parent: parent && generic.name(parent) }
    this.#in(this.things, JSON.stringify(place), () => ({ ...place, details: generic.value(toJson(details)) }))
  }

  finding({ rule: { id, title }, severity }: Finding): void {
    const seen = this.#in(this.findings, id, () => ({ rule: id, severity, title, count: 0 }))
    if (seen !== undefined) seen.count++
  }

  #outcome(flow: Flow, { kind, address: told = '' }: Exchange, outcome: string): ExchangesSeen | undefined {
    if (TIMED.has(kind)) return undefined
    const protocol = protocolOf(flow)
    const generic = genericOf(flow.codec)
    const address = generic.name(told)
    const seen = this.#in(this.exchanges, keyOf(protocol, kind, address), () => ({
      protocol,
      kind,
      address,
      outcomes: new Map(),
      latency: new ExchangeTally(2),
    }))
    const name = generic.name(outcome)
    seen?.outcomes.set(name, (seen.outcomes.get(name) ?? 0) + 1)
    return seen
  }

  #seen(message: Message, number: number, generic: Generic): MessageSeen {
    const { body: bytes, contentType, contentEncoding, address, size, id } = message
    const properties = generic.value(toJson(message.properties))
    const { format, value } = this.#payloads.decode({ bytes, contentType, contentEncoding, destination: address })
    // Bytes and text are compared as they are; of what has a structure, the order of members is nobody's concern.
    const body = format === 'bytes' || format === 'text' ? value : ordered(value)
    const json = JSON.stringify({ properties, body, ...(bytes.length < size ? { size } : {}) })
    const room = json.length <= MOST_TEXT && this.#text + json.length <= this.#limits.text
    if (room) this.#text += json.length
    const hash = createHash('sha1').update(json).digest('binary')
    return { message: number, id, hash, json: room ? json : undefined }
  }

  /** What `map` has at `key`, made where there is nothing; undefined where there is no room. */
  #in<K, V>(map: Map<K, V>, key: K, make: () => V): V | undefined {
    let value = map.get(key)
    if (value !== undefined) return value
    if (map.size >= this.#limits.names) {
      this.omitted++
      return undefined
    }
    value = make()
    map.set(key, value)
    return value
  }
}

const keyOf = (...parts: readonly string[]): string => parts.join('\n')

function ordered(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(ordered)
  if (typeof json !== 'object' || json === null) return json
  return Object.fromEntries(
    Object.entries(json)
      .sort(byName)
      .map(([name, value]) => [name, ordered(value)]),
  )
}

const byName = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : a > b ? 1 : 0)
