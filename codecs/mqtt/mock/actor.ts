import { type Actor, type Heard, type Line, type MockOptions, type Packet, Recent } from '../../core/index.ts'
import type { Acknowledgement, Connack, Connect, MqttFrame, Publish } from '../frames.ts'
import type { MqttContext } from '../header.ts'
import { Doing, IDENTIFIERS, type MqttAct } from './act.ts'
import { Answers } from './answers.ts'
import { Names } from './names.ts'
import { Window } from './window.ts'

/** Reason codes from here on are failures [2.4]. */
const FAILURE = 0x80
const NOT_AUTHORIZED = 0x87
const IMPLEMENTATION_SPECIFIC = 0x83
/** Return code of MQTT 3.1 and 3.1.1. */
const REFUSED = 5

type Saying = readonly MqttFrame[] | 'later' | 'never'

/** A broker of MQTT 3.1, 3.1.1 or 5, to one client. */
export class MqttActor implements Actor<MqttFrame, MqttAct, MqttContext> {
  readonly #doing: Doing
  readonly #names: Names
  readonly #answers = new Answers()
  readonly #window = new Window()
  /** Filters that it is subscribed to. */
  readonly #subscribed = new Recent<string, true>(IDENTIFIERS * 2)
  readonly #options: MockOptions
  #version = 4

  constructor(options: MockOptions) {
    this.#names = new Names(options.names)
    this.#doing = new Doing(topic => this.#names.recorded(topic))
    this.#options = options
  }

  hear(frame: MqttFrame, { context }: Packet<MqttContext>): Heard<MqttFrame, MqttAct> {
    const acts = this.#doing.did(frame)
    switch (frame.type) {
      case 'connect':
        this.#version = context.version
        this.#window.most = frame.properties?.receiveMaximum
        return { acts }
      case 'subscribe':
        for (const { topicFilter } of frame.subscriptions) this.#subscribed.set(topicFilter, true)
        return { acts }
      case 'unsubscribe':
        for (const filter of frame.topicFilters) this.#subscribed.delete(filter)
        return { acts }
      case 'pingreq':
        return { acts, send: [{ type: 'pingresp' }] }
      case 'pubrel':
        return { acts, send: [{ type: 'pubcomp', packetId: frame.packetId }] }
      case 'pubrec':
        if ((frame.reasonCode ?? 0) < FAILURE) return { acts, send: [{ type: 'pubrel', packetId: frame.packetId }] }
        this.#window.give(frame.packetId)
        return { acts }
      case 'puback':
      case 'pubcomp':
        this.#window.give(frame.packetId)
        return { acts }
      case 'disconnect':
        return { acts, end: true }
      default:
        return { acts }
    }
  }

  recognise(then: MqttAct, now: MqttAct): void {
    const [a, b] = [then.frame, now.frame]
    if (a.type === 'connect' && b.type === 'connect') this.#names.connected(a, b)
    else if (a.type === 'publish' && b.type === 'publish') this.#names.published(a, b)
    else if (a.type === 'subscribe' && b.type === 'subscribe') {
      this.#names.subscribed(a, b, then.address ?? '', now.address ?? '')
    }
  }

  say({ frames, part }: Line<MqttFrame>, now: MqttAct | undefined, echo: MqttAct | undefined): Saying {
    const [frame] = frames
    switch (frame?.type) {
      case 'connack':
        return now?.frame.type === 'connect' ? [this.#connack(frame, now.frame)] : []
      case 'puback':
      case 'pubrec':
        return now?.frame.type === 'publish' ? this.#acknowledge(frame, now.frame) : []
      case 'suback':
      case 'unsuback':
        return now === undefined ? [] : this.#answer(now, frame.reasonCodes?.[part] ?? 0)
      case 'publish':
        return this.#deliver(frame, now, echo)
      case 'disconnect':
        return this.#version === 5 ? frames : []
      default:
        return frames
    }
  }

  improvise(now: MqttAct): readonly MqttFrame[] | undefined {
    const { frame } = now
    switch (frame.type) {
      case 'connect':
        return [this.#connack({ type: 'connack', sessionPresent: false, reasonCode: 0 }, frame)]
      case 'publish':
        return this.#acknowledge({ type: 'puback', packetId: 0 }, frame)
      case 'subscribe':
      case 'unsubscribe':
        return this.#answer(now, 0xff)
      case 'auth':
        return undefined
      default:
        return []
    }
  }

  refuse({ frame }: MqttAct): { frames: readonly MqttFrame[]; end: boolean } {
    if (frame.type === 'connect') {
      const reasonCode = this.#version === 5 ? NOT_AUTHORIZED : REFUSED
      return { frames: [{ type: 'connack', sessionPresent: false, reasonCode }], end: true }
    }
    // Before MQTT 5 a server has no word for it [3.1.1, 4.8].
    if (this.#version < 5) return { frames: [], end: true }
    const properties = { reasonString: 'the recording has no answer to this' }
    return { frames: [{ type: 'disconnect', reasonCode: IMPLEMENTATION_SPECIFIC, properties }], end: true }
  }

  #connack(frame: Connack, { clientId, cleanStart }: Connect): Connack {
    const { assignedClientIdentifier, ...rest } = frame.properties ?? {}
    const sessionPresent = frame.sessionPresent && !cleanStart
    if (this.#version < 5) return { ...frame, sessionPresent }
    const properties =
      clientId === '' ? { ...rest, assignedClientIdentifier: this.#assign(assignedClientIdentifier) } : rest
    if (assignedClientIdentifier !== undefined && clientId !== '')
      this.#names.assigned(assignedClientIdentifier, clientId)
    return { ...frame, sessionPresent, properties }
  }

  /** As in the recording, to who comes first [3.2.2.3.7]. */
  #assign(then = 'auto-mqinspect'): string {
    const { take } = this.#options
    const assigned = take === 0 ? then : `${then}-${take}`
    this.#names.assigned(then, assigned)
    return assigned
  }

  #acknowledge(frame: Acknowledgement, { qos, packetId = 0 }: Publish): MqttFrame[] {
    if (qos === 0) return []
    return [{ ...frame, type: qos === 1 ? 'puback' : 'pubrec', packetId }]
  }

  /** A code that grants more than is asked for grants what is asked for. */
  #answer({ frame, at }: MqttAct, code: number): MqttFrame[] {
    if (frame.type !== 'subscribe' && frame.type !== 'unsubscribe') return []
    const most = frame.type === 'subscribe' ? (frame.subscriptions[at]?.qos ?? 0) : 0
    const granted = code === 0xff ? most : frame.type === 'subscribe' && code < FAILURE ? Math.min(code, most) : code
    return this.#answers.answer(frame, at, granted, this.#version)
  }

  #deliver(frame: Publish, now: MqttAct | undefined, echo: MqttAct | undefined): Saying {
    let { qos } = frame
    if (now?.frame.type === 'subscribe') {
      if (this.#subscribed.get(now.address ?? '') === undefined) return 'never'
      qos = Math.min(qos, now.frame.subscriptions[now.at]?.qos ?? 0)
    }
    if (qos > 0 && this.#window.full) return 'later'
    const topic = this.#names.topic(frame.topic)
    const packetId = qos > 0 ? this.#window.take() : undefined
    if (packetId !== undefined) this.#doing.deliver(packetId, topic)
    const { type, dup, retain, properties } = frame
    const message = { type, dup: dup && qos > 0, qos, retain, topic, packetId } as const
    if (echo?.frame.type !== 'publish') {
      return [{ ...message, payload: frame.payload, properties: properties && this.#names.properties(properties) }]
    }
    const { topicAlias: _, ...passed } = echo.frame.properties ?? {}
    const { subscriptionIdentifiers } = this.#names.properties(properties ?? {})
    return [
      {
        ...message,
        payload: echo.frame.payload,
        properties: subscriptionIdentifiers === undefined ? passed : { ...passed, subscriptionIdentifiers },
      },
    ]
  }
}
