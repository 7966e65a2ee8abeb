import { type Exchange, SparseMap, SparseSet, Worsening } from '../../core/index.ts'
import { type Amqp10Rule, MOST_CAUSES, oneLine } from './rule.ts'

/** An address that RabbitMQ reads as its format v1. */
const FORMAT_V1 = /^\/(?:queue|exchange|topic|amq\/queue)\//

export const addressV1: Amqp10Rule = {
  id: 'amqp10/address-v1',
  severity: 'warning',
  title: 'RabbitMQ’s old address format is used',
  why: 'RabbitMQ 4 takes /queue/, /exchange/, /topic/ and /amq/queue/ only as a deprecated feature (amqp_address_v1), which will be off and then gone; they also declare queues behind the application’s back.',
  fix: 'Write /queues/NAME to consume or to send to a queue, /exchanges/NAME/KEY to publish, names percent-encoded; declare queues before (management links, definitions). To find who else does so: rabbitmqctl list_deprecated_features --used; to see what breaks: deprecated_features.permit.amqp_address_v1 = false.',
  types: ['open', 'attach'],
  watch: (_, report) => {
    let major: number | undefined
    let found: { readonly address: string; readonly number: number } | undefined
    let told = false
    const tell = (): void => {
      if (major === undefined || found === undefined || told) return
      told = true
      const ahead = major < 4 ? ', which RabbitMQ 4 deprecates' : ''
      report(`${found.address} is an address of format v1${ahead}`, [found.number], major < 4 ? 'note' : 'warning')
    }
    return {
      frame: (frame, { side }, number) => {
        if (frame.type === 'open' && side === 'server') {
          const [product, version] = ['product', 'version'].map(key => String(frame.properties?.get(key)?.toJSON()))
          if (product === 'RabbitMQ') major = Number.parseInt(version as string, 10)
        } else if (frame.type === 'attach' && side === 'client' && found === undefined) {
          for (const terminus of [frame.source, frame.target]) {
            const address = terminus !== undefined && 'address' in terminus ? terminus.address : undefined
            if (address !== undefined && FORMAT_V1.test(address)) found = { address, number }
          }
        }
        tell()
      },
    }
  },
}

/** A link that ended with an error, or never came to be: by its detach, or by the end of its session. */
function errorOf(exchange: Exchange): { readonly address: string; readonly text: string } | undefined {
  const { kind, ok, outcome, address = 'a link without an address' } = exchange
  if (kind === 'detach' && ok === false) return { address, text: outcome ?? 'an error' }
  const ended = kind === 'attach' ? /^session ended (.+)$/s.exec(outcome ?? '') : null
  return ended === null ? undefined : { address, text: ended[1] as string }
}

const framesOf = ({ request, reply }: Exchange): number[] => (reply === 0 ? [request] : [request, reply])
/** Without what differs from case to case. */
const conditionOf = (text: string): string => text.split(' ', 1)[0] as string

export const linkError: Amqp10Rule = {
  id: 'amqp10/link-error',
  severity: 'error',
  title: 'A link was refused or detached with an error',
  why: 'Nothing can be sent to this address, or received from it.',
  fix: 'Go by the condition: amqp:not-found wants the address created (or spelled right: RabbitMQ 4 wants /queues/NAME), amqp:unauthorized-access a permission, amqp:resource-locked an exclusive consumer gone, amqp:link:redirect another host, amqp:link:message-size-exceeded smaller messages or a larger max-message-size.',
  exchanges: ['detach'],
  watch: (_, report) => {
    const told = new SparseSet<string>()
    return {
      ended: exchange => {
        // That a session ended is told of by itself.
        const error = errorOf(exchange)
        if (error === undefined || told.size >= MOST_CAUSES) return
        const cause = `${error.address} ${conditionOf(error.text)}`
        if (told.has(cause)) return
        told.add(cause)
        report(`${error.address}: ${oneLine(error.text)}`, framesOf(exchange))
      },
    }
  },
}

/** So often is no accident. */
const LOOP = 3

export const detachErrorLoop: Amqp10Rule = {
  id: 'amqp10/detach-error-loop',
  severity: 'error',
  title: 'A link is attached again and again, and fails each time',
  why: 'A client that attaches again at once, and fails for the same reason, keeps the broker and itself busy and fills both logs. With amqp:link:stolen two clients take one link name from each other, and neither receives for long.',
  fix: 'Remove the cause (see amqp10/link-error and amqp10/session-error), and have the client wait longer after each failure (rhea initial_reconnect_delay and max_reconnect_delay, Qpid JMS failover.reconnectDelay). For amqp:link:stolen give every consumer its own link name, container id or client id: look for a second copy of the program.',
  watch: (_, report) => {
    const causes = new SparseMap<string, { count: number; readonly frames: number[]; readonly worsening: Worsening }>()
    return {
      ended: exchange => {
        const error = errorOf(exchange)
        if (error === undefined) return
        const condition = conditionOf(error.text)
        const cause = `${error.address} ${condition}`
        let seen = causes.get(cause)
        if (seen === undefined) {
          if (causes.size >= MOST_CAUSES) return
          causes.set(cause, (seen = { count: 0, frames: [], worsening: new Worsening(LOOP) }))
        }
        seen.count++
        if (seen.frames.length < LOOP) seen.frames.push(exchange.request)
        if (!seen.worsening.isTold(seen.count)) return
        report(`${error.address} failed ${seen.count} times with ${condition}`, seen.frames)
      },
    }
  },
}
