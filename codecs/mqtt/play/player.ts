import { type Expected, Pairs, type Player, type PlayOptions, Recent, type Said } from '../../core/index.ts'
import type { Acknowledgement, MqttFrame, Publish } from '../frames.ts'
import type { MqttContext } from '../header.ts'
import { CLIENT, connectAgain } from './connect.ts'
import { Deliveries } from './deliveries.ts'

/** A client of MQTT 3.1, 3.1.1 or 5, played again. Its own packet identifiers are what they were. */
export class MqttPlayer implements Player<MqttFrame, MqttContext> {
  readonly #options: PlayOptions
  readonly #deliveries = new Deliveries()
  readonly #answers: Pairs<string | undefined, string | undefined>
  /** PUBRECs that the recording has, by packet identifier: PUBREL comes after. */
  readonly #received = new Recent<number, Expected>(131_072)
  /** What we sent last, by its packet identifier. */
  readonly #asked = new Recent<number, 'publish' | 'pubrel'>(131_072)
  /**
   * It has published at QoS 2: from then on no more is in flight than then. A server takes no more than so many that are
   * not finished [3.3.4], and what waits for each PUBREC has nothing of having them all sent.
   */
  #exact = false
  /** Seconds; 0 is none [3.1.2.10]. */
  #keepAlive = 0
  /** What the server takes; until it is heard, what the recording has. */
  #topicAliasMaximum = 65_535

  constructor(options: PlayOptions) {
    this.#options = options
    this.#answers = new Pairs((then, now) => {
      if (then !== undefined && now !== undefined) options.names.learn(CLIENT, then, now)
    })
  }

  get keepAlive(): number | undefined {
    return this.#keepAlive === 0 ? undefined : this.#keepAlive * 500
  }

  get unexpected(): number {
    return this.#deliveries.unexpected
  }

  alive(): readonly MqttFrame[] {
    return [{ type: 'pingreq' }]
  }

  leave(): readonly MqttFrame[] {
    return this.#deliveries.leave()
  }

  unblock(): readonly MqttFrame[] {
    return this.#deliveries.unblock()
  }

  recall(frame: MqttFrame): Expected | undefined {
    switch (frame.type) {
      case 'publish':
        return this.#deliveries.recall(frame, this.#options.address(frame.topic))
      case 'pubrel':
        return this.#deliveries.recallRelease(frame)
      case 'puback':
      case 'pubrec':
        return this.#answered(frame, 'publish')
      case 'pubcomp':
        return this.#answered(frame, 'pubrel')
      case 'suback':
      case 'unsuback':
        return this.#answers.recall(nameOf(frame), undefined, nameOf(frame), false)
      case 'connack':
        return this.#answers.recall('connack', frame.properties?.assignedClientIdentifier, 'connack', false)
      case 'disconnect':
      case 'auth':
        return this.#answers.recall(frame.type, undefined, frame.type, false)
      default:
        return undefined
    }
  }

  say(frame: MqttFrame): Said<MqttFrame> {
    if (frame.type === 'publish' || frame.type === 'pubrel') this.#asked.set(frame.packetId ?? 0, frame.type)
    switch (frame.type) {
      case 'publish':
        return this.#publish(frame)
      case 'pubrel': {
        const received = this.#received.get(frame.packetId)
        if (received?.open === true) return { action: 'wait', for: received }
        if (received?.missing !== true) return { action: 'same', alone: true }
        return { action: 'skip', reason: `nothing came for pubrel ${frame.packetId}` }
      }
      case 'puback':
      case 'pubrec':
      case 'pubcomp':
        return this.#deliveries.acknowledge(frame)
      case 'connect':
        this.#keepAlive = frame.keepAlive
        return connectAgain(frame, this.#options)
      case 'subscribe': {
        const subscriptions = frame.subscriptions.map(one => ({ ...one, topicFilter: this.#address(one.topicFilter) }))
        const same = subscriptions.every(({ topicFilter }, at) => topicFilter === frame.subscriptions[at]?.topicFilter)
        return same ? ORDERLY : { action: 'send', orderly: true, frames: [{ ...frame, subscriptions }] }
      }
      case 'unsubscribe': {
        const topicFilters = frame.topicFilters.map(filter => this.#address(filter))
        const same = topicFilters.every((filter, at) => filter === frame.topicFilters[at])
        return same ? ORDERLY : { action: 'send', orderly: true, frames: [{ ...frame, topicFilters }] }
      }
      case 'disconnect': {
        const owed = this.leave()
        return owed.length === 0 ? ORDERLY : { action: 'send', orderly: true, frames: [...owed, frame] }
      }
      case 'pingreq':
        return { action: 'skip' }
      default:
        return ORDERLY
    }
  }

  hear(frame: MqttFrame): readonly MqttFrame[] {
    switch (frame.type) {
      case 'publish':
        return this.#deliveries.hear(frame, frame.topic)
      case 'pubrel':
        return this.#deliveries.hearRelease(frame)
      case 'connack': {
        const { serverKeepAlive, topicAliasMaximum = 0, assignedClientIdentifier } = frame.properties ?? {}
        if (frame.properties !== undefined) this.#topicAliasMaximum = topicAliasMaximum
        if (serverKeepAlive !== undefined) this.#keepAlive = serverKeepAlive
        this.#answers.hear('connack', assignedClientIdentifier)
        return []
      }
      case 'pingresp':
        return []
      case 'suback':
        this.#deliveries.grant(frame.reasonCodes)
        this.#answers.hear(nameOf(frame), undefined)
        return []
      default:
        this.#answers.hear(nameOf(frame), undefined)
        return []
    }
  }

  /** What we asked for; a capture may have an answer before what it answers, which is no cause then. */
  #answered(frame: Acknowledgement, request: 'publish' | 'pubrel'): Expected | undefined {
    const expected = this.#answers.recall(nameOf(frame), undefined, nameOf(frame), true)
    if (frame.type === 'pubrec') this.#received.set(frame.packetId, expected)
    return this.#asked.get(frame.packetId) === request ? expected : undefined
  }

  /** A topic alias stays what it is, unless this server takes none so high [3.2.2.3.8]. */
  #publish(frame: Publish): Said<MqttFrame> {
    const { type, dup, qos, retain, packetId, properties, payload } = frame
    const topic = this.#address(frame.topic)
    const alias = properties?.topicAlias
    const refused = alias !== undefined && alias > this.#topicAliasMaximum
    if (qos === 2) this.#exact = true
    const alone = this.#exact
    if (topic === frame.topic && !refused) return { action: 'same', alone }
    const { topicAlias, ...rest } = properties ?? {}
    const kept = refused ? rest : properties
    const aliased = refused ? undefined : frame.aliased
    const again: Publish = { type, dup, qos, retain, packetId, payload, topic, aliased, properties: kept }
    return { action: 'send', alone, frames: [again] }
  }

  #address(recorded: string): string {
    return recorded === '' ? recorded : this.#options.address(recorded)
  }
}

const nameOf = (frame: MqttFrame): string => ('packetId' in frame ? `${frame.type} ${frame.packetId}` : frame.type)

const ORDERLY = { action: 'same', orderly: true } as const
