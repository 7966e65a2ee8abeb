import { fnv, type Message, Recent } from '../../core/index.ts'
import { type AmqpRule, MOST_NAMES } from './rule.ts'

/** Told at the fifth time, then when it is ten times worse. */
const STEPS = [5, 50, 500]

interface Again {
  times: number
  step: number
  readonly frames: number[]
}

export const requeueLoop: AmqpRule = {
  id: 'amqp091/requeue-loop',
  severity: 'error',
  title: 'A message comes again and again',
  why: 'A message that always fails (a poison message) and is sent back with requeue goes to the head of its queue and comes at once: consumer and broker are busy with it, and what is behind it waits. Classic queues never stop; quorum queues stop at their delivery-limit (20 by default from RabbitMQ 4.0).',
  fix: 'Reject without requeue to a dead-letter exchange (x-dead-letter-exchange) once a message has failed a few times; retry later by a delayed queue (TTL and dead-lettering) rather than at once. On quorum queues set delivery-limit by policy, and read x-delivery-count.',
  watch: (_, report) => {
    const seen = new Recent<string, Again>(MOST_NAMES)
    return {
      message: message => {
        if (message.repeated !== true) return
        const key = identity(message)
        if (key === undefined) return
        let again = seen.get(key)
        if (again === undefined) seen.set(key, (again = { times: 0, step: 0, frames: [] }))
        again.times++
        again.frames.push(message.frames[0] as number)
        if (again.frames.length > 5) again.frames.shift()
        const times = Math.max(again.times, Number(message.header('x-delivery-count') ?? 0))
        const limit = STEPS[again.step]
        if (limit === undefined || times < limit) return
        again.step++
        const queue = message.destination.queue ?? message.address
        const name = message.id ? `message ${message.id}` : 'a message'
        report(`${name} of ${queue} was delivered again ${times} times`, again.frames)
      },
    }
  },
}

/** What tells that it is the same message: where it went, what it holds, and its identifier if it has one. */
function identity({ id = '', address, size, body, destination }: Message): string | undefined {
  if (id === '' && size === 0) return undefined
  return `${destination.queue ?? ''} ${address} ${size} ${fnv(body)} ${id}`
}
