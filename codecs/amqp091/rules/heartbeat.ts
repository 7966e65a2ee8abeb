import { elapsed, type Side } from '../../core/index.ts'
import { type AmqpRule, SECOND } from './rule.ts'

/** RabbitMQ's own default, and what load balancers' idle timeouts usually begin at. */
const USUAL = 60

export const heartbeatDisabled: AmqpRule = {
  id: 'amqp091/heartbeat-disabled',
  severity: 'warning',
  title: 'Heartbeats are off',
  why: 'A peer that vanishes without a FIN (a crash, a pulled cable, a firewall that forgets) is noticed by the TCP stack alone, which on Linux takes 15 minutes for what was sent and 2 hours for what is idle. Until then its deliveries stay unacknowledged and its exclusive queues locked.',
  fix: 'Negotiate 30 to 60 s: leave heartbeat = 60 in rabbitmq.conf, and do not pass heartbeat=0 in the client or its URI. If the client turns them off because its event loop blocks, move the work off that loop.',
  types: ['connection.tune', 'connection.tune-ok'],
  until: 'connection.tune-ok',
  watch: (_, report) => {
    let offer: { readonly heartbeat: number; readonly number: number } | undefined
    return {
      frame: (frame, _packet, number) => {
        if (frame.type === 'connection.tune') offer = { heartbeat: frame.heartbeat, number }
        if (frame.type !== 'connection.tune-ok' || frame.heartbeat !== 0) return
        const offered = offer === undefined ? '' : `, where the broker offered ${offer.heartbeat} s`
        report(`the client settled on a heartbeat of 0${offered}`, [...(offer ? [offer.number] : []), number])
      },
    }
  },
}

export const heartbeatLong: AmqpRule = {
  id: 'amqp091/heartbeat-long',
  severity: 'note',
  title: 'Heartbeats are further apart than idle timeouts',
  why: 'Load balancers, NAT and firewalls drop connections that are idle, often after 60 s (AWS NLB 350 s, Azure 240 s, HAProxy timeout client 30 to 60 s). A quiet connection is then gone, and both sides learn of it only with the next send.',
  fix: 'Set heartbeat to less than half of the shortest idle timeout on the way: heartbeat = 30 in rabbitmq.conf or in the client (the lower of the two counts).',
  types: ['connection.tune-ok'],
  until: 'connection.tune-ok',
  watch: (_, report) => ({
    frame: (frame, _packet, number) => {
      if (frame.type !== 'connection.tune-ok' || frame.heartbeat <= USUAL) return
      report(`a heartbeat of ${frame.heartbeat} s was settled on`, [number])
    },
  }),
}

export const heartbeatMissed: AmqpRule = {
  id: 'amqp091/heartbeat-missed',
  severity: 'error',
  title: 'A side was silent for longer than two heartbeats',
  why: 'The other side may close the connection then [RabbitMQ: “missed heartbeats from client, timeout: 60s”]: what is unacknowledged is delivered again, what is unconfirmed may be lost. A silent side has usually stopped running its I/O: a blocked event loop, a long garbage collection, a callback that does the work itself, a frozen machine.',
  fix: 'Find what kept that side from sending (GC and event-loop metrics at that time). Let the client’s I/O run on a thread of its own (pika: not BlockingConnection inside long callbacks), or raise the heartbeat if pauses are expected.',
  watch: (flow, report) => {
    let limit = Number.POSITIVE_INFINITY
    let settled = 0
    const numbers: Record<Side, number> = { client: 0, server: 0 }
    const told: Record<Side, number> = { client: 0, server: 0 }
    const check = (side: Side, time: number): void => {
      const silent = time - Math.max(flow.last[side], settled)
      if (silent <= limit || told[side] === numbers[side]) return
      told[side] = numbers[side]
      const heartbeat = limit / 2 / SECOND
      report(`nothing came from the ${side} for ${elapsed(silent)}, with a heartbeat of ${heartbeat} s`, [
        numbers[side],
      ])
    }
    return {
      frame: (frame, packet, number) => {
        const { side, time } = packet
        if (frame.type === 'connection.tune-ok') {
          limit = frame.heartbeat === 0 ? Number.POSITIVE_INFINITY : 2 * frame.heartbeat * SECOND
          settled = time
        } else if (frame.type === 'connection.close') limit = Number.POSITIVE_INFINITY
        else if (limit !== Number.POSITIVE_INFINITY) {
          check('client', time)
          check('server', time)
        }
        numbers[side] = number
      },
      end: time => {
        check('client', time)
        check('server', time)
      },
    }
  },
}
