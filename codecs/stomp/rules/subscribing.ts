import { counted, SparseMap, SparseSet } from '../../core/index.ts'
import type { CommandFrame } from '../frames.ts'
import { isQueue, MOST_NAMES, type StompRule } from './rule.ts'

interface Auto {
  readonly destination: string
  readonly subscribed: number
  delivered: number
  /** The frame that ended it. */
  ended: number
  lost: number
  firstLost: number
}

export const ackAuto: StompRule = {
  id: 'stomp/ack-auto',
  severity: 'note',
  title: 'A queue’s messages are taken for done as they are sent',
  why: 'With ack:auto, which is the default, the broker forgets a message once it has written it: what is on its way or half done when the client fails, unsubscribes or loses its connection is lost, and a client that is slow gets all there is at once.',
  fix: 'Subscribe with ack:client-individual and ACK when the work is done (message.ack() in @stomp/stompjs, conn.ack() in stomp.py). Where messages may be lost, nothing is wrong.',
  types: ['SUBSCRIBE', 'UNSUBSCRIBE', 'DISCONNECT', 'MESSAGE'],
  watch: (_, report) => {
    const autos = new SparseMap<string, Auto>()
    return {
      frame: (frame, { side }, number) => {
        const { type, id, destination, subscription, ack = 'auto' } = frame as CommandFrame
        if (type === 'MESSAGE' && side === 'server') {
          const auto = autos.get(subscription ?? destination ?? '')
          if (auto === undefined) return
          auto.delivered++
          if (auto.ended === 0) return
          auto.lost++
          if (auto.firstLost === 0) auto.firstLost = number
        } else if (type === 'DISCONNECT') {
          for (const auto of autos.values()) if (auto.ended === 0) auto.ended = number
        } else if (type === 'UNSUBSCRIBE') {
          const auto = autos.get(id ?? destination ?? '')
          if (auto !== undefined && auto.ended === 0) auto.ended = number
        } else if (type === 'SUBSCRIBE' && ack === 'auto' && isQueue(destination) && autos.size < MOST_NAMES) {
          const fresh = { delivered: 0, ended: 0, lost: 0, firstLost: 0 }
          autos.set(id ?? destination, { destination, subscribed: number, ...fresh })
        }
      },
      end: () => {
        for (const { destination, subscribed, delivered, ended, lost, firstLost } of autos.values()) {
          if (lost > 0) {
            const message = `${counted(lost, 'message')} of ${destination} came after the client had ended its subscription, and went nowhere`
            report(message, [subscribed, ended, firstLost], 'warning')
          } else if (delivered > 0) {
            report(`${counted(delivered, 'message')} of ${destination} came with ack:auto`, [subscribed])
          }
        }
      },
    }
  },
}

export const prefetchUnlimited: StompRule = {
  id: 'stomp/prefetch-unlimited',
  severity: 'note',
  title: 'RabbitMQ may send any number of messages unasked',
  why: 'Without prefetch-count it sends a subscription all there is in the queue, acknowledged or not: the client’s memory grows with the backlog, and other consumers get nothing of it.',
  fix: 'Send prefetch-count with SUBSCRIBE: 1 for work that takes long, some hundreds for work that takes little.',
  types: ['CONNECTED', 'SUBSCRIBE'],
  watch: (_, report) => {
    let rabbit = false
    const told = new SparseSet<string>()
    return {
      frame: (frame, { side }, number) => {
        const { type, server, destination, ack = 'auto', headers } = frame as CommandFrame
        if (type === 'CONNECTED') {
          rabbit = side === 'server' && server?.startsWith('RabbitMQ') === true
          return
        }
        if (!rabbit || !isQueue(destination) || ack === 'auto') return
        const limit = Number.parseInt(headers.get('prefetch-count') ?? '0', 10)
        if (limit > 0 || told.has(destination) || told.size >= MOST_NAMES) return
        told.add(destination)
        report(`${destination} is subscribed to with ack:${ack} and no prefetch-count`, [number])
      },
    }
  },
}
