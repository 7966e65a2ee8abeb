import { Recent } from '../../../codecs/core/index.ts'
import { type Flow, formatEndpoint, protocolOf } from '../../flow.ts'
import type { TrafficRule } from '../finding.ts'

const SECOND = 1e9

/** So many connections in this time, each over before `SHORT` had passed, are no accident. */
const MANY = 20
const WITHIN = 60 * SECOND
const SHORT = 10 * SECOND

/** One host opens and closes connections all the time. */
export const connectionChurn: TrafficRule = {
  id: 'connection-churn',
  severity: 'warning',
  title: 'Connections are opened and closed all the time',
  why: 'Opening a connection costs a broker far more than a message does: handshakes, authentication, processes, metrics. Under churn it slows down for everyone, and runs out of ports or file descriptors.',
  fix: 'Keep one connection open and share it: a channel, session or client per thread, not a connection per message. Behind a health check that only connects, use the broker’s own health endpoint.',
  watch: report => {
    const ended = new Recent<string, Flow[]>(10_000)
    const told = new Set<string>()
    return {
      closed: flow => {
        if (flow.codec === undefined || flow.joined !== 'start' || flow.ended - flow.started > SHORT) return
        const pair = `${flow.client.host} ${formatEndpoint(flow.server)}`
        if (told.has(pair)) return
        const flows = (ended.get(pair) ?? []).filter(({ started }) => started >= flow.started - WITHIN)
        flows.push(flow)
        ended.set(pair, flows)
        if (flows.length < MANY) return
        told.add(pair)
        const span = Math.max(1, Math.round((flow.started - Math.min(...flows.map(({ started }) => started))) / SECOND))
        const what = `${flows.length} connections of ${protocolOf(flow)} from ${flow.client.host} in ${span} s`
        report(flow, `${what}, none open for more than ${SHORT / SECOND} s`, [])
      },
    }
  },
}

/** So often must two connections have put each other out. */
const ROUNDS = 3

/** Two clients of one name put each other out. */
export const clientTakeover: TrafficRule = {
  id: 'client-takeover',
  severity: 'error',
  title: 'Two clients share one client identifier and put each other out',
  why: 'A broker lets one connection have a client identifier. When a second comes with it, the first is cut; it reconnects, and cuts the second. Neither ever works for long, and messages are delivered twice or not at all.',
  fix: 'Give every client its own identifier (add the host name or a random part), and look for a second copy of the program: an old pod, a laptop, a blue/green pair.',
  watch: report => {
    /** The flow that has a name now, and how often it was taken over. */
    const owners = new Recent<string, { flow: Flow; rounds: number }>(50_000)
    const told = new Set<string>()
    return {
      packet: (flow, { side }) => {
        const { clientId } = flow.facts.client
        if (side !== 'client' || clientId === undefined || clientId === '') return
        const name = `${formatEndpoint(flow.server)} ${clientId}`
        const owner = owners.get(name)
        if (owner === undefined || owner.flow === flow) {
          if (owner === undefined) owners.set(name, { flow, rounds: 0 })
          return
        }
        // Older connections go on saying what they had sent before they were cut.
        if (flow.id < owner.flow.id) return
        const contested = owner.flow.ending === undefined
        const rounds = contested ? owner.rounds + 1 : 0
        owners.set(name, { flow, rounds })
        if (rounds < ROUNDS || told.has(name)) return
        told.add(name)
        const last = `the last time flow ${owner.flow.id} by flow ${flow.id}`
        report(flow, `the client identifier ${clientId} was taken over ${rounds} times in a row, ${last}`, [])
      },
    }
  },
}

/** A connection that did not end in order. */
export const connectionReset: TrafficRule = {
  id: 'connection-reset',
  severity: 'note',
  title: 'A connection was reset',
  why: 'It ended without the protocol’s own farewell: what was under way may be lost, and a broker takes it for a failure (it publishes the will, requeues what was not acknowledged).',
  fix: 'Look at what came last before it. A client that is killed, an idle timeout of a load balancer, or a broker that refuses a frame shows so. Close connections in order where it is the client’s own doing.',
  watch: report => {
    const last = new Map<Flow, number>()
    return {
      packet: (flow, _packet, number) => {
        last.set(flow, number)
      },
      closed: flow => {
        const frame = last.get(flow)
        last.delete(flow)
        if (flow.ending !== 'reset' || flow.codec === undefined) return
        const silence = formatSeconds(flow.ended - flow.started)
        report(flow, `reset after ${silence}; the last frame is the one shown`, frame === undefined ? [] : [frame])
      },
    }
  },
}

const formatSeconds = (time: number): string => `${(time / SECOND).toPrecision(3)} s`
