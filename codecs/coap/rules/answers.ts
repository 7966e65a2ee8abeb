import { counted, type Exchange, elapsed, isMulticast, Recent, SparseSet, Worsening } from '../../core/index.ts'
import { Asked, type CoapRule, MOST_KNOWN, MOST_TOLD, SECOND } from './rule.ts'

/** What is no request: what the other side is to acknowledge, or to show that it is there. */
const OTHERS = new Set(['deliver-ack', 'ping'])

/** `get /sensors/temp`. */
const nameOf = ({ kind, address = '' }: Exchange): string => `${kind} ${address}`

export const noAnswer: CoapRule = {
  id: 'coap/no-answer',
  severity: 'warning',
  title: 'A request is given up without an answer',
  why: 'The client waited for as long as the message ID lasts (247 s, RFC 7252 §4.8.2), and the server neither acknowledged the request nor answered it.',
  fix: 'See whether the server is there (coap-client -m get coap://host/.well-known/core), at this port, with this security (5683 without, 5684 with DTLS), and whether a firewall or NAT lets the answer back: UDP mappings are often gone after 30 s.',
  types: [],
  watch: (flow, report) => {
    const told = new SparseSet<string>()
    return {
      ended: exchange => {
        const name = nameOf(exchange)
        if (OTHERS.has(exchange.kind) || exchange.outcome !== 'no answer' || exchange.missed) return
        if (isMulticast(flow.server.host) || told.has(name) || told.size >= MOST_TOLD) return
        told.add(name)
        const again = exchange.steps?.filter(({ type }) => type.endsWith('(again)')) ?? []
        const sent = counted(again.length + 1, 'time')
        report(`${name} was sent ${sent} and not answered`, [exchange.request, ...again.map(({ frame }) => frame)])
      },
    }
  },
}

/** So often in a row. */
const LOOP = 5

export const errorLoop: CoapRule = {
  id: 'coap/error-loop',
  severity: 'warning',
  title: 'The same request fails again and again',
  why: 'The client asks for the same once more each time, and gets the same answer: nothing of it comes to pass, and both sides and the network are kept busy.',
  fix: 'Go by the code: 4.01 and 4.03 are credentials and rights, 4.04 a path (see .well-known/core), 4.05 a method, 4.15 a Content-Format; none of them goes away by asking again. With 5.03 and 4.29 wait for Max-Age. Have the client wait longer after each failure.',
  types: [],
  watch: (_, report) => {
    const rows = new Recent<string, { outcome: string; times: number; first: Exchange; next: Worsening }>(MOST_KNOWN)
    return {
      ended: exchange => {
        const { kind, ok, outcome = '', request, reply, ended } = exchange
        if (OTHERS.has(kind) || ok === undefined) return
        const name = nameOf(exchange)
        if (ok || !/^[45]\./.test(outcome)) {
          rows.delete(name)
          return
        }
        let row = rows.get(name)
        if (row?.outcome === outcome) row.times++
        else {
          row = { outcome, times: 1, first: exchange, next: new Worsening(LOOP) }
          rows.set(name, row)
        }
        if (!row.next.isTold(row.times)) return
        const span = elapsed(ended - row.first.started)
        report(`${name} was answered ${outcome} ${row.times} times in a row, in ${span}`, [
          row.first.request,
          row.first.reply,
          request,
          reply,
        ])
      },
    }
  },
}

/** [RFC 7252 §5.9.3.4, RFC 8516 §3]. */
const LATER = new Set(['5.03', '4.29'])

export const retryTooSoon: CoapRule = {
  id: 'coap/retry-too-soon',
  severity: 'warning',
  title: 'A client asks again before the server said it may',
  why: 'With 5.03 Service Unavailable and 4.29 Too Many Requests, Max-Age says how many seconds to wait (RFC 7252 §5.9.3.4, RFC 8516 §3). A server that has too much to do gets more.',
  fix: 'Have the client wait for Max-Age, 60 s where the option is not there.',
  watch: (flow, report) => {
    const asked = Asked.of(flow)
    const until = new Recent<string, { readonly time: number; readonly seconds: number; readonly number: number }>(
      MOST_KNOWN,
    )
    let told = false
    return {
      frame: (frame, packet, number) => {
        const { request, answered } = asked.take(frame, packet, number)
        if (answered !== undefined) {
          const { maxAge } = frame.options.fields
          if (!LATER.has(frame.code) || maxAge === undefined) until.delete(answered.identity)
          else until.set(answered.identity, { time: packet.time, seconds: maxAge, number })
          return
        }
        const wait = request === undefined || told ? undefined : until.get(request.identity)
        if (wait === undefined || request === undefined) return
        const after = packet.time - wait.time
        // What was on its way meanwhile is no retry.
        if (after < SECOND || after >= wait.seconds * SECOND) return
        told = true
        const what = `${request.address} is asked again after ${elapsed(after)}`
        report(`${what}, where the server said ${counted(wait.seconds, 'second')}`, [wait.number, number])
      },
    }
  },
}

export const badOption: CoapRule = {
  id: 'coap/bad-option',
  severity: 'error',
  title: 'The server does not understand an option of the request',
  why: '4.02 Bad Option: a critical option (one with an odd number) that a server does not know makes it reject the request (RFC 7252 §5.4.1).',
  fix: 'Look at the options of the request (--format tree). Block2 and Block1, Observe’s companions, OSCORE, Request-Tag and Echo are those that small servers lack: do without, or update the server’s library. The payload of the answer often names the option.',
  types: [],
  watch: (_, report) => {
    const told = new SparseSet<string>()
    return {
      ended: exchange => {
        const { outcome = '', request, reply } = exchange
        const name = nameOf(exchange)
        if (!outcome.startsWith('4.02') || told.has(name) || told.size >= MOST_TOLD) return
        told.add(name)
        report(`${name} was answered ${outcome}`, [request, reply])
      },
    }
  },
}

export const echoMissing: CoapRule = {
  id: 'coap/echo-missing',
  severity: 'error',
  title: 'A client does not send back the Echo that the server asked for',
  why: 'A server that wants to know that a request is fresh, or that its sender is really there, answers 4.01 with an Echo option; it takes the request once the option comes back (RFC 9175 §2.3). Without that the client is refused for ever.',
  fix: 'Use a client library that knows Echo (libcoap from 4.3.1, aiocoap), or have the application copy the option into the request when it asks again.',
  watch: (flow, report) => {
    const asked = Asked.of(flow)
    const challenged = new Recent<string, number>(MOST_KNOWN)
    let told = false
    return {
      frame: (frame, packet, number) => {
        const { answered } = asked.take(frame, packet, number)
        if (answered === undefined || told || frame.code !== UNAUTHORIZED) return
        if (frame.options.fields.echo === undefined) return
        const before = challenged.get(answered.identity)
        challenged.set(answered.identity, number)
        const ignored = before !== undefined && answered.number > before
        if (!ignored || answered.head.fields.echo !== undefined) return
        told = true
        report(`${answered.address} is asked again without the Echo option of the answer before`, [
          before,
          answered.number,
          number,
        ])
      },
    }
  },
}

const UNAUTHORIZED = '4.01'
