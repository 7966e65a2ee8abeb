import { counted, elapsed, SparseMap, type Watcher } from '../../core/index.ts'
import type { MqttFrame, Suback, Subscribe } from '../frames.ts'
import type { MqttContext } from '../header.ts'
import { REASON_CODES } from '../tables.ts'
import type { MqttRule } from './rule.ts'

const FAILURE = 0x80

/** SUBSCRIBEs that wait for their SUBACK: more are not remembered. */
const MOST_WAITING = 1000

/** Filters that are told apart. */
const MOST_FILTERS = 10_000

/** Filters that one finding names. */
const MOST_NAMED = 3

type Answered = (subscribe: Subscribe, suback: Suback, frames: readonly number[]) => void

/** Brings every SUBACK together with its SUBSCRIBE. */
function answers(onAnswer: Answered): Watcher<MqttFrame, MqttContext> {
  const waiting = new SparseMap<number, { readonly subscribe: Subscribe; readonly number: number }>()
  return {
    frame: (frame, _packet, number) => {
      if (frame.type === 'subscribe' && waiting.size < MOST_WAITING) {
        waiting.set(frame.packetId, { subscribe: frame, number })
      } else if (frame.type === 'suback') {
        const asked = waiting.get(frame.packetId)
        waiting.delete(frame.packetId)
        if (asked !== undefined) onAnswer(asked.subscribe, frame, [asked.number, number])
      }
    },
  }
}

/** `a/#, b and 3 more`. */
function some(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMED).join(', ')
  return names.length > MOST_NAMED ? `${shown} and ${names.length - MOST_NAMED} more` : shown
}

export const subscriptionRefused: MqttRule = {
  id: 'mqtt/subscription-refused',
  severity: 'error',
  title: 'The broker refuses a subscription',
  why: 'The connection stays up and looks healthy, but no message ever comes. Many clients do not look at the SUBACK.',
  fix: 'Allow the filter to this user (mosquitto: acl_file, topic read; EMQX: authorization; RabbitMQ: permissions and topic permissions), and have the application check the codes that SUBACK brings.',
  types: ['subscribe', 'suback'],
  watch: (_, report) =>
    answers(({ subscriptions }, { reasonCodes }, frames) => {
      const refused = subscriptions.filter((_, at) => (reasonCodes[at] ?? 0) >= FAILURE)
      if (refused.length === 0) return
      const code = reasonCodes.find(code => code >= FAILURE) as number
      const reason = REASON_CODES.suback.name(code) ?? `reason ${code}`
      report(`refused: ${some(refused.map(({ topicFilter }) => topicFilter))} (${reason})`, frames)
    }),
}

export const qosDowngraded: MqttRule = {
  id: 'mqtt/qos-downgraded',
  severity: 'warning',
  title: 'The broker grants a lower QoS than was asked for',
  why: 'The client counts on messages being delivered at least once, or exactly once. They come at the lower QoS: lost or doubled ones go unnoticed.',
  fix: 'Raise what the broker allows (mosquitto: max_qos; EMQX: mqtt.max_qos_allowed; RabbitMQ grants at most QoS 1, AWS IoT too), or ask for what it can do and let the application cope.',
  types: ['subscribe', 'suback'],
  watch: (_, report) => {
    let told = false
    return answers(({ subscriptions }, { reasonCodes }, frames) => {
      if (told) return
      const lower = subscriptions.flatMap(({ topicFilter, qos }, at) => {
        const granted = reasonCodes[at] ?? FAILURE
        return granted < qos ? [`${topicFilter} (QoS ${qos} asked, ${granted} granted)`] : []
      })
      if (lower.length === 0) return
      told = true
      report(some(lower), frames)
    })
  },
}

/** Filters that all topics match, shared ones too [4.7.1, 4.8.2]. */
const ALL = /^(?:\$share\/[^/]+\/)?(?:\+\/)*#$/

export const subscribeAll: MqttRule = {
  id: 'mqtt/subscribe-all',
  severity: 'note',
  title: 'A client subscribes to everything',
  why: 'It gets all that anybody publishes, more with each new publisher: a slow one makes the broker queue, and drop. It also reads what it has no need to know.',
  fix: 'Subscribe to the topics that are needed, and forbid # to applications (mosquitto: acl_file with topic read of a prefix).',
  types: ['subscribe'],
  watch: (_, report) => {
    let told = false
    return {
      frame: (frame, _packet, number) => {
        if (frame.type !== 'subscribe' || told) return
        const all = frame.subscriptions.find(({ topicFilter }) => ALL.test(topicFilter))
        if (all === undefined) return
        told = true
        report(`subscription to ${all.topicFilter}`, [number])
      },
    }
  },
}

/** As often as this on one connection, or ten times that. */
const STORM = 10

export const subscribeStorm: MqttRule = {
  id: 'mqtt/subscribe-storm',
  severity: 'warning',
  title: 'The same filter is subscribed to again and again',
  why: 'Each SUBSCRIBE makes the broker look up the filter and send all its retained messages anew, though nothing changes.',
  fix: 'Subscribe once per connection, in the client’s on-connect callback, not in a loop or before each publish. Where retained messages are not wanted again: retain handling 1 (MQTT 5).',
  types: ['subscribe', 'unsubscribe'],
  watch: (_, report) => {
    const counts = new SparseMap<
      string,
      { times: number; readonly since: number; next: number; readonly first: number }
    >()
    return {
      frame: (frame, { time }, number) => {
        if (frame.type === 'unsubscribe') for (const filter of frame.topicFilters) counts.delete(filter)
        if (frame.type !== 'subscribe') return
        for (const { topicFilter } of frame.subscriptions) {
          const count = counts.get(topicFilter)
          if (count === undefined) {
            if (counts.size < MOST_FILTERS)
              counts.set(topicFilter, { times: 1, since: time, next: STORM, first: number })
          } else if (++count.times === count.next) {
            count.next *= 10
            const span = elapsed(time - count.since)
            report(`${topicFilter} was subscribed to ${counted(count.times, 'time')} in ${span}`, [count.first, number])
          }
        }
      },
    }
  },
}

/** More retained messages than these after one SUBSCRIBE are a burst. */
const FLOOD = 1000

/** What comes later than this, in ns, may be live: messages keep the flag where retain as published is asked for. */
const BURST = 60e9

export const retainedFlood: MqttRule = {
  id: 'mqtt/retained-flood',
  severity: 'warning',
  title: 'A subscription brings a flood of retained messages',
  why: 'All of them come at once on every connection: they fill the client’s buffers, delay live messages, and may overrun the broker’s queue for this client, which then drops.',
  fix: 'Subscribe to a narrower filter, set retain handling 2 (MQTT 5) where old values are not needed, clear retained messages nobody uses (an empty retained payload), and see to the queue (mosquitto: max_queued_messages, max_inflight_messages).',
  types: ['suback', 'publish'],
  watch: (_, report) => {
    let burst = { since: 0, number: 0, count: 0, bytes: 0 }
    return {
      frame: (frame, { side, time, length }, number) => {
        if (frame.type === 'suback') burst = { since: time, number, count: 0, bytes: 0 }
        else if (frame.type === 'publish' && side === 'server' && frame.retain && burst.number > 0) {
          if (time - burst.since > BURST) return
          burst.count++
          burst.bytes += length
          if (burst.count !== FLOOD + 1) return
          const span = elapsed(time - burst.since)
          const what = `more than ${counted(FLOOD, 'retained message')} (${counted(burst.bytes, 'byte')})`
          report(`${what} in ${span} after this SUBACK`, [burst.number, number])
        }
      },
    }
  },
}
