import { fnv, type Message, Recent } from '../../../codecs/core/index.ts'
import type { Flow } from '../../flow.ts'
import type { TrafficRule } from '../finding.ts'
import { nameOf, Sightings } from '../sightings.ts'

/** The same message, sent twice by those who send. */
export const duplicateId: TrafficRule = {
  id: 'duplicate-message-id',
  severity: 'note',
  title: 'A message identifier was published more than once',
  why: 'A retry after a confirm that came late, or an outbox that sends again after a crash, publishes the same message twice. Consumers that are not idempotent do its work twice.',
  fix: 'Make consumers idempotent by this identifier (keep those that were done), or turn on the broker’s own deduplication where it has one (streams, Artemis _AMQ_DUPL_ID). If the messages differ, make identifiers unique.',
  watch: report => {
    const seen = new Sightings()
    return {
      message: (flow, { direction, id, address = '', frames, repeated }) => {
        if (direction !== 'publish' || id === undefined || id === '' || repeated === true) return
        const frame = frames[0] as number
        const first = seen.again(nameOf(String(flow.server.port), address, id), flow.id, frame)
        if (first === undefined) return
        const where = first.flow === flow.id ? '' : `, first on flow ${first.flow}`
        report(flow, `message ${id} to ${address} was published again${where}`, [first.frame, frame])
      },
    }
  },
}

/** Messages that are remembered to recognise them later. */
const REMEMBERED = 100_000

/** How W3C Trace Context names it (https://www.w3.org/TR/trace-context/#traceparent-header). */
const TRACE = 'traceparent'

/** What tells that a message delivered is the one that was published. */
function fingerprint({ id, body, size }: Message): string | undefined {
  if (id !== undefined && id !== '') return `id ${id}`
  // Small bodies are alike by accident.
  return size < 16 || body.length < size ? undefined : `body ${size} ${fnv(body)}`
}

/** A trace that ends at the broker. */
export const traceLost: TrafficRule = {
  id: 'trace-context-lost',
  severity: 'warning',
  title: 'Trace context is lost between publish and deliver',
  why: 'The publisher sends traceparent, the consumer gets the message without it: traces end at the broker, and nobody sees which request caused which work.',
  fix: 'Something between them drops headers: a bridge or shovel that copies bodies only, a plugin that maps protocols (MQTT 3.1.1 has no user properties: use MQTT 5), or a republishing consumer that forgets them.',
  watch: report => {
    const traced = new Recent<string, { flow: Flow; frame: number }>(REMEMBERED)
    const told = new WeakSet<Flow>()
    return {
      message: (flow, message) => {
        const { direction, frames } = message
        const trace = message.header(TRACE)
        if (direction === 'publish' ? trace === undefined : trace !== undefined || told.has(flow)) return
        const key = fingerprint(message)
        if (key === undefined) return
        const frame = frames[0] as number
        if (direction === 'publish') {
          traced.set(key, { flow, frame })
          return
        }
        const published = traced.get(key)
        if (published === undefined) return
        told.add(flow)
        const from = `published with ${TRACE} on flow ${published.flow.id}`
        report(flow, `a message ${from} is delivered without it`, [published.frame, frame])
      },
    }
  },
}
