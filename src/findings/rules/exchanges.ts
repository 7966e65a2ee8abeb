import { type Exchange, isMulticast } from '../../../codecs/core/index.ts'
import type { Flow } from '../../flow.ts'
import type { TrafficRule } from '../finding.ts'

const SECOND = 1e9
const MILLISECOND = 1e6

/** Nobody waits longer for what a broker answers at once. */
const PATIENCE = 10 * SECOND

/** Kinds whose answer is for the application to give, in its own time. */
const OWN_TIME = new Set(['deliver-ack', 'rpc', 'observe'])

/** A request that nobody answered. */
export const unanswered: TrafficRule = {
  id: 'unanswered',
  severity: 'warning',
  title: 'A request was not answered',
  why: 'Whoever waits for the answer stands still, and everything behind it: a client library that waits for a declare or a confirm blocks its caller.',
  fix: 'See what the broker did meanwhile (--view sequence of this flow): memory or disk alarms, a queue leader that is moving, a connection that is blocked. Give the client a timeout for this call.',
  watch: report => ({
    unanswered: (flow, exchange, time) => {
      const { kind, key, address, request, started } = exchange
      if (OWN_TIME.has(kind) || time - started < PATIENCE || flow.lost > 0) return
      // Answers come from other addresses, if at all [RFC 7252 §8.2].
      if (isMulticast(flow.server.host)) return
      const about = [kind, key, address].filter(part => part !== undefined && part !== '').join(' ')
      report(flow, `${about} was not answered in ${Math.round((time - started) / SECOND)} s`, [request])
    },
  }),
}

/** Linux acknowledges after 40 ms at the latest when it has nothing to send along (TCP_DELACK_MIN). */
const DELAYED = { from: 39 * MILLISECOND, to: 48 * MILLISECOND }
const ENOUGH = 5

/** Answers that come after 40 ms, again and again, where others come at once. */
export const delayedAck: TrafficRule = {
  id: 'nagle-delayed-ack',
  severity: 'warning',
  title: 'Answers come after 40 ms, again and again',
  why: 'Nagle’s algorithm on the sender holds small segments back until the last one is acknowledged; delayed acknowledgement on the receiver waits 40 ms with that. Together they put 40 ms on exchanges that take microseconds.',
  fix: 'Set TCP_NODELAY on the side that answers late (set_tcp_nodelay true in Mosquitto, tcp_listen_options.nodelay in RabbitMQ, setNoDelay or tcpNoDelay in clients), or write a frame with one call instead of several.',
  watch: report => {
    const seen = new Map<Flow, { readonly delayed: Exchange[]; quick: number; total: number }>()
    return {
      ended: (flow, exchange) => {
        if (exchange.reply === 0) return
        let counts = seen.get(flow)
        if (counts === undefined) seen.set(flow, (counts = { delayed: [], quick: 0, total: 0 }))
        const elapsed = exchange.ended - exchange.started
        if (elapsed >= DELAYED.from && elapsed <= DELAYED.to) {
          if (counts.delayed.length < ENOUGH) counts.delayed.push(exchange)
          counts.total++
        } else if (elapsed < 5 * MILLISECOND) counts.quick++
      },
      closed: flow => {
        const counts = seen.get(flow)
        seen.delete(flow)
        if (counts === undefined || counts.total < ENOUGH || counts.quick < ENOUGH) return
        const frames = counts.delayed.map(({ reply }) => reply)
        report(flow, `${counts.total} answers took about 40 ms where ${counts.quick} took less than 5 ms`, frames)
      },
    }
  },
}
