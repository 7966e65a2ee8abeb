import { counted, elapsed, other, Recent, type Side, SparseSet, Worsening } from '../../core/index.ts'
import type { CoapFrame } from '../frames.ts'
import { isRequest } from '../frames.ts'
import { classOf, codeText, tokenOf } from '../track/head.ts'
import { isFresh } from '../track/observation.ts'
import { Asked, bySide, type CoapRule, isDatagram, isResponse, MOST_KNOWN, MOST_TOLD, SECOND } from './rule.ts'

/** The number of a notification. */
const sequenceOf = (frame: CoapFrame): number | undefined =>
  isResponse(frame) ? frame.options.fields.observe : undefined

const REGISTER = 0

export const notificationOutOfOrder: CoapRule = {
  id: 'coap/notification-out-of-order',
  severity: 'note',
  title: 'A notification was overtaken by a newer one',
  why: 'The network delivered them in another order than they were sent. A client that does not compare their Observe numbers (RFC 7641 §3.4) ends with an old value and takes it for the latest.',
  fix: 'Look whether the client compares the numbers: most libraries do. A server that sends its next notification before the last was acknowledged, or faster than the network carries them, makes it likely (RFC 7641 §4.5).',
  types: ['CON', 'NON', 'ACK'],
  watch: (_, report) => {
    const newest = bySide(
      () =>
        new Recent<string, { sequence: number; time: number; number: number; late: number; next: Worsening }>(
          MOST_KNOWN,
        ),
    )
    return {
      frame: (frame, { side, time }, number) => {
        if (isRequest(frame.code)) {
          if (frame.options.fields.observe !== undefined) newest[other(side)].delete(tokenOf(frame))
          return
        }
        const sequence = sequenceOf(frame)
        if (sequence === undefined) return
        const token = tokenOf(frame)
        const known = newest[side].get(token)
        if (known === undefined) {
          newest[side].set(token, { sequence, time, number, late: 0, next: new Worsening() })
        } else if (sequence !== known.sequence) {
          if (isFresh(known, sequence, time)) [known.sequence, known.time, known.number] = [sequence, time, number]
          else if (known.next.isTold(++known.late)) {
            const times = known.late === 1 ? '' : `, ${counted(known.late, 'time')} so far`
            report(`number ${sequence} came after number ${known.sequence}${times}`, [known.number, number])
          }
        }
      },
    }
  },
}

export const notificationAfterReset: CoapRule = {
  id: 'coap/notification-after-reset',
  severity: 'error',
  title: 'The server goes on notifying a client that rejected it',
  why: 'A Reset in answer to a notification ends the observation (RFC 7641 §3.6). A server that goes on sends to nobody for ever: a client that is gone, or whose address another has now.',
  fix: 'Have the server take the client off its list at a Reset, to a NON too, and send a CON at least every 24 hours to see whether it is there (RFC 7641 §4.5).',
  types: ['CON', 'NON', 'RST'],
  watch: (_, report) => {
    const tokens = bySide(() => new Recent<number, string>(MOST_KNOWN))
    const ended = bySide(() => new Recent<string, { readonly time: number; readonly number: number }>(MOST_KNOWN))
    const told = new SparseSet<Side>()
    return {
      frame: (frame, { side, time }, number) => {
        if (!isDatagram(frame)) return
        if (frame.type === 'RST') {
          const token = tokens[other(side)].get(frame.messageId)
          if (token !== undefined && ended[other(side)].get(token) === undefined) {
            ended[other(side)].set(token, { time, number })
          }
        } else if (isRequest(frame.code)) ended[other(side)].delete(tokenOf(frame))
        else if (sequenceOf(frame) !== undefined) {
          const token = tokenOf(frame)
          const reset = ended[side].get(token)
          const again = tokens[side].get(frame.messageId) === token
          tokens[side].set(frame.messageId, token)
          // What was on its way, or is sent again, does not count.
          if (reset === undefined || again || time - reset.time < SECOND || told.has(side)) return
          told.add(side)
          report(`a notification ${elapsed(time - reset.time)} after the Reset that ended them`, [reset.number, number])
        }
      },
    }
  },
}

export const notObservable: CoapRule = {
  id: 'coap/not-observable',
  severity: 'note',
  title: 'A client observes what does not notify',
  why: 'The answer has no Observe option: the server took the request for a plain GET, and nothing will come when the value changes (RFC 7641 §4.1).',
  fix: 'Make the resource observable (libcoap: coap_resource_set_get_observable), or raise the number of observers that the server has room for; else have the client ask now and then, by Max-Age.',
  watch: (flow, report) => {
    const asked = Asked.of(flow)
    const told = new SparseSet<string>()
    return {
      frame: (frame, packet, number) => {
        const { answered } = asked.take(frame, packet, number)
        if (answered?.head.fields.observe !== REGISTER || classOf(frame.code) !== 2) return
        if (sequenceOf(frame) !== undefined) {
          told.add(answered.address)
          return
        }
        if (told.has(answered.address) || told.size >= MOST_TOLD) return
        told.add(answered.address)
        report(`${answered.address} was answered ${codeText(frame.code)} without Observe`, [answered.number, number])
      },
    }
  },
}
