import { counted, type Exchange, elapsed, type Side, SparseMap, SparseSet } from '../../core/index.ts'
import type { Publish } from '../frames.ts'
import type { MqttRule } from './rule.ts'

/** The exchanges of messages. */
export const PUBLISHES = ['publish-confirm', 'deliver-ack']

/** An acknowledgement that takes longer is missing, in ns. */
const PATIENCE = 10e9

export const publishUnanswered: MqttRule = {
  id: 'mqtt/publish-unanswered',
  severity: 'warning',
  title: 'A message of QoS 1 or 2 is not acknowledged',
  why: 'It stays in flight: it takes one of the places that Receive Maximum gives (mosquitto: max_inflight_messages 20), and when all are taken the sender stops. It is sent again only on the next connection.',
  fix: 'If it is the client that does not answer: acknowledge in the callback, not after the work, and do not block the network loop (paho: manual_ack off). If it is the broker: look for a slow disk or cluster peer, or a plug-in that holds publishes.',
  types: [],
  exchanges: PUBLISHES,
  watch: (_, report) => {
    const open: Record<Side, SparseSet<Exchange>> = { client: new SparseSet(), server: new SparseSet() }
    const told = new SparseSet<Side>()
    /** Tells of those that wait too long at `time`, of which `later` shows that others need not. */
    const check = (side: Side, time: number, later?: Exchange): void => {
      let oldest: Exchange | undefined
      for (const exchange of open[side]) {
        oldest = exchange
        if (!exchange.missed) break
        open[side].delete(exchange)
        oldest = undefined
      }
      if (oldest === undefined || told.has(side) || time - oldest.started < PATIENCE) return
      if (later !== undefined && later.started < oldest.started) return
      told.add(side)
      const late = [...open[side]].filter(({ started, missed }) => !missed && time - started >= PATIENCE)
      const what = `${counted(late.length, 'message')} of the ${side} not acknowledged`
      const others = later === undefined ? 'and none that came later' : 'though a later one was'
      const frames = later === undefined ? [oldest.request] : [oldest.request, later.request]
      report(`${what}, the first for ${elapsed(time - oldest.started)}, ${others}`, frames)
    }
    return {
      began: exchange => {
        const { side, started } = exchange
        check(side, started)
        open[side].add(exchange)
      },
      ended: exchange => {
        if (open[exchange.side].delete(exchange) && exchange.ok !== undefined) {
          check(exchange.side, exchange.ended, exchange)
        }
      },
      // Of the client's that are open at the end the rule for all requests tells.
      end: time => check('server', time),
    }
  },
}

export const qos2Incomplete: MqttRule = {
  id: 'mqtt/qos2-incomplete',
  severity: 'warning',
  title: 'The exchange of a QoS 2 message stopped halfway',
  why: 'Between PUBREC and PUBCOMP both sides keep the packet identifier. Until it is released the identifier cannot be used again, and the receiver may withhold the message.',
  fix: 'Let the client keep its session (clean start off, a store on disk) so that it sends PUBREL again after it connects; where duplicates do no harm, QoS 1 is cheaper and cannot stop halfway.',
  types: [],
  watch: (_, report) => ({
    end: (time, open) => {
      const halfway: Exchange[] = []
      for (const exchange of open) {
        const last = exchange.steps?.at(-1)
        const began = exchange.kind.endsWith('-release') || last?.type.startsWith('pubre') === true
        if (began && !exchange.missed && time - (last?.time ?? exchange.started) >= PATIENCE) halfway.push(exchange)
      }
      const [first] = halfway
      if (first === undefined) return
      const after = first.steps?.at(-1)?.type ?? 'pubrel'
      const what = counted(halfway.length, 'QoS 2 message')
      report(`${what} went no further than ${after.toUpperCase()}`, [
        first.request,
        ...(first.steps ?? []).map(({ frame }) => frame),
      ])
    },
  }),
}

/** Packet identifiers: a bit each, up to the highest. Clients count from 1 on. */
class Identifiers {
  #bits = NO_BITS

  has(id: number): boolean {
    return (((this.#bits[id >> 3] ?? 0) >> (id & 7)) & 1) === 1
  }

  add(id: number): void {
    const at = id >> 3
    if (at >= this.#bits.length) {
      const bits = new Uint8Array(2 << (31 - Math.clz32(at | 8)))
      bits.set(this.#bits)
      this.#bits = bits
    }
    this.#bits[at] = (this.#bits[at] as number) | (1 << (id & 7))
  }
}
const NO_BITS = new Uint8Array(0)

export const unexplainedDup: MqttRule = {
  id: 'mqtt/dup-without-cause',
  severity: 'warning',
  title: 'DUP is set on a message that this session has not seen',
  why: 'DUP says: you may have this already. It must be 0 on a first sending [MQTT-3.3.1-1]. In a new session the receiver cannot have it: it may be delivered twice if an earlier session had it, and a receiver that goes by DUP may drop it.',
  fix: 'A client that keeps what it sent for the next connection must keep its session too: clean start off (MQTT.js: clean: false with a store). Otherwise it is a bug of the library, or of a bridge that copies DUP from the message it received [MQTT-3.3.1-3].',
  types: ['connect', 'connack', 'publish'],
  watch: (flow, report) => {
    /** Nothing can have been sent before: the session is new. */
    let fresh = false
    let told = false
    const sent: Record<Side, Identifiers> = { client: new Identifiers(), server: new Identifiers() }
    return {
      frame: (frame, { side }, number) => {
        if (frame.type === 'connect') fresh = flow.joined === 'start' && frame.cleanStart
        else if (frame.type === 'connack') fresh &&= !frame.sessionPresent
        else if (frame.type === 'publish' && frame.packetId !== undefined && fresh && !told) {
          const { packetId, dup } = frame
          if (dup && !sent[side].has(packetId)) {
            told = true
            report(`the ${side} sets DUP on packet identifier ${packetId}, though the session is new`, [number])
          }
          sent[side].add(packetId)
        }
      },
    }
  },
}

/** What is compared of a message that is said to be the same as one before. */
const looks = ({ topic, payload }: Publish): string => `${payload.length} ${topic}`

export const packetIdReused: MqttRule = {
  id: 'mqtt/packet-id-reused',
  severity: 'error',
  title: 'A packet identifier is used for another message while it is in flight',
  why: 'The acknowledgement of one is taken for that of the other, and the receiver of QoS 2 discards the second as a duplicate: a message is lost without a trace [MQTT-2.2.1-3].',
  fix: 'Use a client library that gives out identifiers itself, one connection per client object, and no two threads that publish without a lock.',
  types: ['publish'],
  exchanges: PUBLISHES,
  watch: (_, report) => {
    const open = new SparseMap<string, { readonly look: string; readonly number: number }>()
    const told = new SparseSet<Side>()
    const keyOf = ({ side, id }: Exchange): string => `${side} ${id}`
    return {
      ended: exchange => {
        // Another message under its identifier ended it: that is what is looked for.
        if (exchange.outcome !== 'superseded') open.delete(keyOf(exchange))
      },
      frame: (frame, { side }, number) => {
        if (frame.type !== 'publish' || frame.packetId === undefined) return
        const key = `${side} ${frame.packetId}`
        const before = open.get(key)
        const look = looks(frame)
        open.set(key, { look, number })
        if (before === undefined || (frame.dup && before.look === look) || told.has(side)) return
        told.add(side)
        const message = `the ${side} uses packet identifier ${frame.packetId} again before it was acknowledged`
        report(message, [before.number, number])
      },
    }
  },
}
