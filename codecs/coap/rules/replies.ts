import { counted, elapsed, other, Recent, type Side, SparseSet, Worsening } from '../../core/index.ts'
import { isRequest } from '../frames.ts'
import { codeText, tokenOf } from '../track/head.ts'
import { printOf } from '../track/sent.ts'
import { bySide, type CoapRule, isDatagram, isResponse, MOST_KNOWN } from './rule.ts'

/** So often, and it is no accident. */
const LOOP = 5

export const tokenMismatch: CoapRule = {
  id: 'coap/token-mismatch',
  severity: 'error',
  title: 'An answer has another token than its request',
  why: 'The acknowledgement names the request’s message ID but not its token: the client must not take it for the answer (RFC 7252 §5.3.2), and waits until it gives up.',
  fix: 'A bug of the server, or of a proxy between: the token of a response is that of the request, byte for byte, its length too.',
  types: ['CON', 'ACK'],
  watch: (_, report) => {
    const tokens = bySide(() => new Recent<number, { readonly token: string; readonly number: number }>(MOST_KNOWN))
    let told = false
    return {
      frame: (frame, { side }, number) => {
        if (!isDatagram(frame) || told) return
        if (frame.type === 'CON') {
          const token = isRequest(frame.code) ? { token: tokenOf(frame), number } : undefined
          if (token === undefined) tokens[side].delete(frame.messageId)
          else tokens[side].set(frame.messageId, token)
          return
        }
        const asked = isResponse(frame) ? tokens[other(side)].get(frame.messageId) : undefined
        if (asked === undefined || asked.token === tokenOf(frame)) return
        told = true
        const [was, is] = [asked.token, tokenOf(frame)].map(token => (token === '' ? 'no token' : `token ${token}`))
        report(`message ${frame.messageId} was asked with ${was} and answered with ${is}`, [asked.number, number])
      },
    }
  },
}

export const resetLoop: CoapRule = {
  id: 'coap/reset-loop',
  severity: 'warning',
  title: 'Messages are rejected again and again',
  why: 'A Reset says that the receiver can make nothing of a message (RFC 7252 §4.2, §4.3): it lost its state (a restart), or the message is not for it. The sender goes on all the same.',
  fix: 'A client that was restarted gets notifications that it no longer knows: have the server stop after a Reset (RFC 7641 §3.6). Where requests are reset, look at version, security (DTLS or not), and who listens at that port.',
  types: ['CON', 'NON', 'RST'],
  watch: (_, report) => {
    /** Whether the message of an ID was a ping: a Reset is what answers it [RFC 7252 §4.3]. */
    const pings = bySide(() => new Recent<number, boolean>(MOST_KNOWN))
    const counts = bySide(() => ({ times: 0, first: 0, since: 0, next: new Worsening(LOOP) }))
    return {
      frame: (frame, { side, time }, number) => {
        if (!isDatagram(frame)) return
        if (frame.type !== 'RST') {
          pings[side].set(frame.messageId, frame.code === '0.00')
          return
        }
        if (pings[other(side)].get(frame.messageId) !== false) return
        const count = counts[side]
        if (count.times === 0) [count.first, count.since] = [number, time]
        if (!count.next.isTold(++count.times)) return
        report(`the ${side} reset ${counted(count.times, 'message')} in ${elapsed(time - count.since)}`, [
          count.first,
          number,
        ])
      },
    }
  },
}

export const separateUnacknowledged: CoapRule = {
  id: 'coap/separate-unacknowledged',
  severity: 'warning',
  title: 'A separate response or notification is not acknowledged',
  why: 'A response that comes as a CON must be acknowledged or reset (RFC 7252 §5.2.2): until then the server sends it again and again, and ends an observation at last (RFC 7641 §4.5).',
  fix: 'See whether the client is there still, and on the same port: a client that closes its socket after the first answer, or NAT that gave the mapping up, looks like this. A client library must acknowledge every CON, asked for or not.',
  types: ['CON', 'ACK', 'RST'],
  watch: (_, report) => {
    const waiting = bySide(
      () => new Recent<number, { times: number; readonly frames: number[]; readonly time: number }>(MOST_KNOWN),
    )
    const told = new SparseSet<Side>()
    return {
      frame: (frame, { side, time }, number) => {
        if (!isDatagram(frame)) return
        if (frame.type !== 'CON') waiting[other(side)].delete(frame.messageId)
        else if (isResponse(frame)) {
          const sent = waiting[side].get(frame.messageId)
          if (sent === undefined) waiting[side].set(frame.messageId, { times: 1, frames: [number], time })
          else {
            sent.frames.push(number)
            if (++sent.times !== PATIENCE || told.has(side)) return
            told.add(side)
            const what = `${codeText(frame.code)} was sent ${sent.times} times in ${elapsed(time - sent.time)}`
            report(`${what} and not acknowledged`, sent.frames)
          }
        }
      },
    }
  },
}

/** One acknowledgement may be lost, and two. */
const PATIENCE = 3

export const processedTwice: CoapRule = {
  id: 'coap/processed-twice',
  severity: 'warning',
  title: 'A request that was sent again was worked on again',
  why: 'The server answered the retransmission of a POST in another way than the POST: it took it for a new request. What it does (count, append, switch) is done twice (RFC 7252 §4.5).',
  fix: 'Have the server remember message IDs for 247 s and answer with what it answered before, or make the request idempotent (PUT instead of POST).',
  types: ['CON', 'ACK'],
  watch: (_, report) => {
    const posts = bySide(
      () =>
        new Recent<number, { readonly number: number; readonly token: string; answer: number; frame: number }>(
          MOST_KNOWN,
        ),
    )
    let told = false
    return {
      frame: (frame, packet, number) => {
        if (!isDatagram(frame) || told) return
        const { side } = packet
        if (frame.type === 'CON') {
          const token = tokenOf(frame)
          const before = posts[side].get(frame.messageId)
          if (frame.code !== POST) posts[side].delete(frame.messageId)
          else if (before?.token !== token) posts[side].set(frame.messageId, { number, token, answer: 0, frame: 0 })
          return
        }
        const post = isResponse(frame) ? posts[other(side)].get(frame.messageId) : undefined
        if (post === undefined) return
        const print = printOf(packet)
        if (post.frame === 0) [post.answer, post.frame] = [print, number]
        else if (post.answer !== print) {
          told = true
          report(`message ${frame.messageId} got two answers that differ`, [post.number, post.frame, number])
        }
      },
    }
  },
}

const POST = '0.02'
