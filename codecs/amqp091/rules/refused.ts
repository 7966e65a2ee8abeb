import { type Severity, SparseSet } from '../../core/index.ts'
import type { MethodOf } from '../frames.ts'
import { planById } from '../plan.ts'
import { reasonOf, SUCCESS } from '../track/reasons.ts'
import { type AmqpRule, MOST_NAMES } from './rule.ts'
import { isTimeout } from './unacknowledged.ts'

/** A rule over methods that the broker refused, each kind of refusal by its words. Told once for what it is about. */
const refusals = (text: Omit<AmqpRule, 'watch'>, matches: (outcome: string, kind: string) => boolean): AmqpRule => ({
  ...text,
  watch: (_, report) => {
    const told = new SparseSet<string>()
    return {
      ended: ({ kind, address = '', ok, outcome = '', request, reply }) => {
        if (ok !== false || !matches(outcome, kind) || told.has(`${kind} ${address}`) || told.size === MOST_NAMES)
          return
        told.add(`${kind} ${address}`)
        report(`${kind} of ${address} was refused: ${outcome}`, [request, reply])
      },
    }
  },
})

const isInequivalent = (outcome: string): boolean => outcome.startsWith('406 ') && outcome.includes('inequivalent arg')

const isLocked = (outcome: string): boolean =>
  outcome.startsWith('405 ') || (outcome.startsWith('403 ') && outcome.includes('exclusive'))

export const declareInequivalent = refusals(
  {
    id: 'amqp091/declare-inequivalent',
    severity: 'error',
    title: 'A declare differs from what is there',
    why: 'A queue or exchange can be declared again only with the same properties and arguments. The broker closes the channel, and a client that declares at its start does not get further: typical after a change of TTL, dead-lettering, queue type or durability in one service of several.',
    fix: 'Bring all declarations in line (the message names the argument, what was sent and what is there). To change it for good, delete and declare anew, or move to a new name; set TTL, length limits and dead-lettering by policy, which may change at any time.',
    exchanges: ['queue.declare', 'exchange.declare'],
  },
  isInequivalent,
)

export const resourceLocked = refusals(
  {
    id: 'amqp091/resource-locked',
    severity: 'error',
    title: 'A queue or consumer is exclusive to somebody else',
    why: 'An exclusive queue belongs to the connection that declared it, an exclusive consumer keeps others out. Often it is the client’s own former connection, which the broker still believes alive: without heartbeats for very long.',
    fix: 'Let the broker name the queues (an empty name) or put something unique in them. After a reconnect wait until the old connection is gone (heartbeat 30 to 60 s). For one consumer at a time use single active consumer (x-single-active-consumer) instead.',
  },
  isLocked,
)

/** What other rules tell of in their own words. */
const elsewhere = (text: string): boolean =>
  isInequivalent(text) || isLocked(text) || text.includes('unknown delivery tag') || isTimeout(text)

const SHUTDOWN = 320
const NOT_FOUND = 404

/** Whoever declares passively asks whether it is there: that it is not is an answer. Nothing else gives 404 there. */
const weight = ({ replyCode, classId, methodId }: MethodOf<'channel.close' | 'connection.close'>): Severity => {
  if (replyCode === SHUTDOWN) return 'warning'
  return replyCode === NOT_FOUND && planById(classId, methodId)?.type.endsWith('.declare') ? 'note' : 'error'
}

export const closedByBroker: AmqpRule = {
  id: 'amqp091/closed-by-broker',
  severity: 'error',
  title: 'The broker closed a channel or the connection',
  why: 'Something the client did was refused. With the channel go its consumers and all that was under way on it; with the connection all its channels.',
  fix: 'The reason is in the broker’s words. 404: declare it first, or mind the virtual host. 403: rabbitmqctl list_permissions. 406: arguments or size. 501 to 505: a client that speaks wrongly, often a channel used by several threads. 320: an operator or a shutdown.',
  types: ['channel.close', 'connection.close'],
  watch: (_, report) => {
    const told = new SparseSet<string>()
    return {
      frame: (frame, { side }, number) => {
        if (side === 'client' || (frame.type !== 'channel.close' && frame.type !== 'connection.close')) return
        const reason = reasonOf(frame)
        if (frame.replyCode === SUCCESS || elsewhere(reason)) return
        // A login that is refused has a rule of its own.
        if (frame.type === 'connection.close' && frame.replyCode === 403 && frame.classId === 0) return
        const what = frame.type === 'channel.close' ? `ch=${frame.channel}` : 'the connection'
        const about = planById(frame.classId, frame.methodId)?.type
        const key = `${about} ${reason}`
        if (told.has(key) || told.size === MOST_NAMES) return
        told.add(key)
        report(`${what} was closed${about === undefined ? '' : ` over ${about}`}: ${reason}`, [number], weight(frame))
      },
    }
  },
}
