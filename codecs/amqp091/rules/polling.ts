import { elapsed, SparseMap, SparseSet } from '../../core/index.ts'
import { type AmqpRule, MOST_NAMES } from './rule.ts'

const MANY = 20
const OFTEN = 3

export const getPolling: AmqpRule = {
  id: 'amqp091/get-polling',
  severity: 'warning',
  title: 'A queue is polled with basic.get',
  why: 'Each get is a round trip, and most bring nothing: work for the broker and delay for the messages. basic.get is slower than a consumer by an order of magnitude and more, and metrics of consumers do not show it.',
  fix: 'Consume (basic.consume with a prefetch): messages come as they arrive. If a schedule must pull, get until the queue is empty, then wait.',
  exchanges: ['basic.get'],
  watch: (_, report) => {
    interface Polled {
      started: number
      gets: number
      empty: number
      readonly frames: number[]
    }
    const queues = new SparseMap<string, Polled>()
    const told = new SparseSet<string>()
    return {
      ended: ({ address = '', outcome, request, started, ended, ok }) => {
        if (ok !== true || told.has(address)) return
        let polled = queues.get(address)
        if (polled === undefined) {
          if (queues.size === MOST_NAMES) return
          queues.set(address, (polled = { started, gets: 0, empty: 0, frames: [] }))
        }
        polled.gets++
        if (outcome === 'empty') {
          polled.empty++
          if (polled.frames.length < 5) polled.frames.push(request)
        }
        if (polled.gets < MANY || polled.empty * 2 < polled.gets) return
        told.add(address)
        queues.delete(address)
        const within = elapsed(ended - polled.started)
        report(`${polled.gets} gets of ${address} within ${within}, ${polled.empty} of them empty`, polled.frames)
      },
    }
  },
}

export const passiveDeclareFailing: AmqpRule = {
  id: 'amqp091/passive-declare-failing',
  severity: 'warning',
  title: 'A passive declare fails again and again',
  why: 'Asking passively for what does not exist closes the channel each time. A client that waits for a queue that way opens and closes channels all along, and fills the broker’s log.',
  fix: 'Let the client declare what it needs (declaring is idempotent), create it beforehand by definitions import or policy, or ask the management API whether it is there, with a pause that grows.',
  exchanges: ['queue.declare', 'exchange.declare'],
  watch: (_, report) => {
    const failed = new SparseMap<string, number[]>()
    return {
      ended: ({ kind, address = '', ok, outcome = '', reply }) => {
        if (ok !== false || !outcome.startsWith('404 ')) return
        const what = `${kind.slice(0, -'.declare'.length)} ${address}`
        let frames = failed.get(what)
        if (frames === undefined) {
          if (failed.size === MOST_NAMES) return
          failed.set(what, (frames = []))
        }
        if (frames.length === OFTEN) return
        frames.push(reply)
        if (frames.length === OFTEN) report(`a passive declare of ${what} failed ${OFTEN} times with 404`, frames)
      },
    }
  },
}
