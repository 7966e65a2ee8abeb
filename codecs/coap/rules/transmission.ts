import {
  counted,
  elapsed,
  isMulticast,
  other,
  Recent,
  type Side,
  SparseMap,
  SparseSet,
  Worsening,
} from '../../core/index.ts'
import type { Datagram } from '../frames.ts'
import { isRequest } from '../frames.ts'
import { tokenOf } from '../track/head.ts'
import { bySide, type CoapRule, isDatagram, isResponse, MOST_KNOWN, perFlow, SECOND } from './rule.ts'

/** A CON that was sent, maybe again. */
interface Sending {
  readonly confirmable: boolean
  readonly code: string
  readonly token: string
  readonly number: number
  readonly started: number
  last: number
  times: number
}

interface Taken {
  readonly sending: Sending
  /** What the message ID meant before, where that was another message. */
  readonly before?: Sending
  /** Since it was sent last, in ns. */
  readonly gap: number
}

/** The messages of each side by message ID. */
class Sendings {
  static readonly of = perFlow(() => new Sendings())
  readonly #byId = bySide(() => new Recent<number, Sending>(MOST_KNOWN))
  #number = 0
  #taken: Taken | undefined

  take(frame: Datagram, side: Side, time: number, number: number): Taken {
    if (this.#number !== number) [this.#number, this.#taken] = [number, this.#take(frame, side, time, number)]
    return this.#taken as Taken
  }

  #take(frame: Datagram, side: Side, time: number, number: number): Taken {
    const known = this.#byId[side].get(frame.messageId)
    const { code } = frame
    const [confirmable, token] = [frame.type === 'CON', tokenOf(frame)]
    const same = known?.confirmable === confirmable && known.code === code && known.token === token
    if (same && time - known.last < EXCHANGE_LIFETIME) {
      const gap = time - known.last
      // The network doubles datagrams too, and a capture may hold one twice.
      if (gap >= DOUBLED) known.times++
      known.last = time
      return { sending: known, gap }
    }
    const sending = { confirmable, code, token, number, started: time, last: time, times: 1 }
    this.#byId[side].set(frame.messageId, sending)
    return known === undefined ? { sending, gap: 0 } : { sending, before: known, gap: 0 }
  }
}

/** What comes sooner again, in ns, no sender sent twice. */
const DOUBLED = 10e6

/** In ns [RFC 7252 §4.8.2]. */
const EXCHANGE_LIFETIME = 247e9
const NON_LIFETIME = 145e9

const ENOUGH = 10
/** One in so many is sent again: more than a bad link does. */
const SHARE = 4

export const retransmissionStorm: CoapRule = {
  id: 'coap/retransmission-storm',
  severity: 'warning',
  title: 'Many messages are sent again',
  why: 'Each retransmission waits twice as long as the one before (RFC 7252 §4.2): requests take seconds, and on a slow network what is sent again crowds out what is new, until nothing gets through.',
  fix: 'See whether the other side gets them (capture there), and answers in time. Where it works for longer than 2 s, have it send an empty ACK at once and the response later (RFC 7252 §5.2.2). On a slow link raise ACK_TIMEOUT (libcoap: coap_session_set_ack_timeout), send smaller blocks, and less at a time (NSTART, PROBING_RATE).',
  types: ['CON', 'NON'],
  watch: (flow, report) => {
    const sendings = Sendings.of(flow)
    const counts = bySide(() => ({ messages: 0, again: 0, first: 0, since: 0, next: new Worsening(ENOUGH) }))
    return {
      frame: (frame, { side, time }, number) => {
        if (!isDatagram(frame)) return
        const { sending, gap } = sendings.take(frame, side, time, number)
        if (frame.type !== 'CON') return
        const count = counts[side]
        if (sending.number === number) {
          count.messages++
          return
        }
        if (gap < DOUBLED) return
        if (count.again === 0) [count.first, count.since] = [number, time]
        count.again++
        if (count.again * SHARE < count.messages || !count.next.isTold(count.again)) return
        const what = `${counted(count.again, 'retransmission')} of ${counted(count.messages, 'message')}`
        report(`${what} that the ${side} sent, in ${elapsed(time - count.since)}`, [count.first, number])
      },
    }
  },
}

export const retransmittedTooSoon: CoapRule = {
  id: 'coap/retransmitted-too-soon',
  severity: 'warning',
  title: 'A message is sent again sooner than the other side can answer',
  why: 'The first retransmission is due after 2 to 3 s, each further after twice the time (RFC 7252 §4.2, §4.8). Sooner ones load a network that may be slow already; RFC 7252 §4.8.1 forbids them without other congestion control.',
  fix: 'Set ACK_TIMEOUT to 2 s and ACK_RANDOM_FACTOR to 1.5, their defaults, or to what the round trip takes; do not retry in the application on top of the library’s retransmissions.',
  types: ['CON', 'NON'],
  watch: (flow, report) => {
    const sendings = Sendings.of(flow)
    const told = new SparseSet<Side>()
    return {
      frame: (frame, { side, time }, number) => {
        if (!isDatagram(frame)) return
        const { sending, gap } = sendings.take(frame, side, time, number)
        if (frame.type !== 'CON' || gap < DOUBLED || gap >= SECOND || told.has(side)) return
        told.add(side)
        report(`the ${side} sends message ${frame.messageId} again after ${elapsed(gap)}`, [sending.number, number])
      },
    }
  },
}

/** [RFC 7252 §4.8]. */
const MAX_RETRANSMIT = 4

export const retransmittedTooOften: CoapRule = {
  id: 'coap/retransmitted-too-often',
  severity: 'warning',
  title: 'A message is sent again more than four times',
  why: 'After MAX_RETRANSMIT attempts (4, RFC 7252 §4.2) the sender is to give up and tell the application. One that goes on keeps radio and battery busy for a peer that is gone.',
  fix: 'Set MAX_RETRANSMIT to 4 (libcoap: coap_session_set_max_retransmit), and have the application wait, longer each time, before it asks anew with a new message ID.',
  types: ['CON', 'NON'],
  watch: (flow, report) => {
    const sendings = Sendings.of(flow)
    const told = new SparseSet<Side>()
    return {
      frame: (frame, { side, time }, number) => {
        if (!isDatagram(frame)) return
        const { sending } = sendings.take(frame, side, time, number)
        if (frame.type !== 'CON' || sending.times - 1 <= MAX_RETRANSMIT || told.has(side)) return
        told.add(side)
        const what = `the ${side} sends message ${frame.messageId} for the ${sending.times}th time`
        report(`${what}, ${elapsed(time - sending.started)} after the first`, [sending.number, number])
      },
    }
  },
}

/** Within ACK_TIMEOUT × ACK_RANDOM_FACTOR, in ns, its sender waits for an acknowledgement for certain [RFC 7252 §4.2]. */
const WAITING = 3 * SECOND

export const nstartExceeded: CoapRule = {
  id: 'coap/nstart-exceeded',
  severity: 'warning',
  title: 'More is asked at once than CoAP allows',
  why: 'A client is to have one exchange outstanding with a server at a time (NSTART 1, RFC 7252 §4.7): that is CoAP’s only congestion control. A constrained server, or the network before it, drops what is more.',
  fix: 'Wait for an answer or acknowledgement before the next request to the same server (libcoap does so by itself: coap_session_set_nstart; other libraries queue when asked to). Where both ends and the network can take more, raise NSTART on purpose, with congestion control.',
  types: ['CON', 'NON', 'ACK', 'RST'],
  watch: (flow, report) => {
    /** CONs that wait, by message ID, in the order in which they were sent. */
    const waiting = bySide(
      () => new SparseMap<number, { readonly time: number; readonly number: number; token: string }>(),
    )
    const next = bySide(() => new Worsening(2))
    return {
      frame: (frame, { side, time }, number) => {
        if (!isDatagram(frame) || isMulticast(flow.server.host)) return
        const answered = waiting[other(side)]
        if (frame.type === 'ACK' || frame.type === 'RST') {
          answered.delete(frame.messageId)
          return
        }
        // A response stands for the acknowledgement that it overtakes [RFC 7252 §5.2.2].
        if (isResponse(frame) && answered.size > 0) {
          const token = tokenOf(frame)
          for (const [messageId, sent] of answered) if (sent.token === token) answered.delete(messageId)
        }
        const sent = waiting[side]
        if (frame.type !== 'CON' || sent.has(frame.messageId)) return
        for (const [messageId, before] of sent) {
          if (time - before.time < WAITING) break
          sent.delete(messageId)
        }
        sent.set(frame.messageId, { time, number, token: isRequest(frame.code) ? tokenOf(frame) : '' })
        if (sent.size < 2 || !next[side].isTold(sent.size)) return
        const [first] = sent.values()
        const frames = first === undefined ? [number] : [first.number, number]
        report(`${sent.size} messages of the ${side} wait for their acknowledgement at once`, frames)
      },
    }
  },
}

export const messageIdReused: CoapRule = {
  id: 'coap/message-id-reused',
  severity: 'error',
  title: 'A message ID is used again too soon',
  why: 'Within 247 s (145 s for NON) the receiver takes a message of the same ID for the same message, sent again (RFC 7252 §4.4, §4.5): it discards it, or answers with what it answered before.',
  fix: 'Count message IDs up by one per peer, from a random start, and keep the count across sockets that share a port. A sender of more than 250 messages a second runs out of them: use CoAP over TCP (RFC 8323), or several ports.',
  types: ['CON', 'NON'],
  watch: (flow, report) => {
    const sendings = Sendings.of(flow)
    const told = new SparseSet<Side>()
    return {
      frame: (frame, { side, time }, number) => {
        if (!isDatagram(frame)) return
        const { before } = sendings.take(frame, side, time, number)
        if (before === undefined || told.has(side)) return
        const lifetime = before.confirmable && frame.type === 'CON' ? EXCHANGE_LIFETIME : NON_LIFETIME
        const apart = time - before.started
        if (apart >= lifetime) return
        told.add(side)
        const what = `the ${side} uses message ID ${frame.messageId} for another message`
        report(`${what} after ${elapsed(apart)}`, [before.number, number])
      },
    }
  },
}

/** [RFC 7252 §4.6]. */
const MOST_BYTES = 1152

export const datagramTooLarge: CoapRule = {
  id: 'coap/datagram-too-large',
  severity: 'note',
  title: 'A message is larger than every network carries',
  why: 'Above 1152 bytes (RFC 7252 §4.6) IP may have to cut the datagram into fragments. When one is lost all is lost, and many firewalls, NATs and constrained networks drop fragments.',
  fix: 'Send the body in blocks (RFC 7959; libcoap does so by itself for what is larger than COAP_DEFAULT_MAX_PDU_RX_SIZE), of 1024 bytes at most, of 64 to 256 on 6LoWPAN; or use CoAP over TCP.',
  types: ['CON', 'NON', 'ACK'],
  watch: (_, report) => {
    const told = new SparseSet<Side>()
    return {
      frame: (frame, { side, length }, number) => {
        if (!isDatagram(frame) || length <= MOST_BYTES || told.has(side)) return
        told.add(side)
        report(`the ${side} sends a datagram of ${counted(length, 'byte')}`, [number])
      },
    }
  },
}
