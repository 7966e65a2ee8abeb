import { type Packet, type Side, SparseSet, utf8 } from '../../core/index.ts'
import { dialectOf, undefinedEscape } from '../dialect.ts'
import type { CommandFrame } from '../frames.ts'
import type { Context } from '../version.ts'
import { MOST_NAMES, type StompRule } from './rule.ts'

interface Sent {
  readonly frame: CommandFrame
  readonly number: number
}

const whole = ({ length, start, end }: Packet<Context>): boolean => end - start === length

export const nulInBody: StompRule = {
  id: 'stomp/nul-in-body',
  severity: 'error',
  title: 'A body with a NUL has no content-length',
  why: 'Without content-length a frame ends at its first NUL: the message is cut there, and what follows is taken for the next frame. Brokers close the connection at that, or store half a message.',
  fix: 'Send content-length (the octets of the body) with all bodies that are not plain text: binaryBody rather than body in @stomp/stompjs, and skipContentLengthHeader off; auto_content_length on in stomp.py. UTF-16 text and serialised objects hold NULs too.',
  watch: ({ joined }, report) => {
    const last: Partial<Record<Side, Sent>> = {}
    const lost: Record<Side, boolean> = { client: joined === 'middle', server: joined === 'middle' }
    return {
      frame: (frame, { side }, number) => {
        if (frame.type === 'heartbeat') return
        last[side] = { frame: frame as CommandFrame, number }
        lost[side] = false
      },
      unread: ({ kind, side }, number) => {
        const before = last[side]
        delete last[side]
        if (kind !== 'malformed') lost[side] = true
        if (kind !== 'malformed' || lost[side] || before === undefined) return
        const { type, body, destination, headers } = before.frame
        if (body === undefined || headers.get('content-length') !== undefined) return
        const message = `a ${type} of ${destination ?? 'no destination'} ends at a NUL after ${body.length} bytes, and what follows is no frame`
        report(message, [before.number, number])
      },
    }
  },
}

export const contentLengthWrong: StompRule = {
  id: 'stomp/content-length-wrong',
  severity: 'error',
  title: 'content-length is not the length of the body',
  why: 'No NUL stands where it says that the body ends. Brokers that go by it wait for more, or take the rest of the body for the next frame, and close the connection.',
  fix: 'Count octets of UTF-8, not characters: “größe” has 7. Let the client library count, and do not copy the header from a message that was received into one that is sent.',
  types: ['SEND', 'MESSAGE', 'ERROR'],
  watch: (_, report) => {
    const told = new SparseSet<Side>()
    return {
      frame: (frame, packet, number) => {
        const { type, contentLength, body, destination = 'no destination' } = frame as CommandFrame
        if (contentLength === undefined || body === undefined || !whole(packet)) return
        if (contentLength === body.length || told.has(packet.side)) return
        told.add(packet.side)
        const message = `content-length is ${contentLength}, but the body of this ${type} of ${destination} has ${body.length} bytes`
        report(message, [number])
      },
    }
  },
}

const BACKSLASH = 0x5c

export const escapeUndefined: StompRule = {
  id: 'stomp/undefined-escape',
  severity: 'error',
  title: 'A header has an escape sequence that means nothing',
  why: 'It MUST be taken for a fatal error [STOMP 1.2, Value Encoding]: strict brokers close the connection, others deliver the header changed. STOMP 1.1 knows \\n, \\c and \\\\, 1.2 also \\r.',
  fix: 'Have the client library escape headers rather than the application, write a backslash as \\\\ (Windows paths, regular expressions, JSON in headers), and do not send \\r to a broker that speaks 1.1.',
  watch: (_, report) => {
    const told = new SparseSet<string>()
    return {
      frame: (frame, { context, side }, number) => {
        const { type, headers } = frame as CommandFrame
        // While nobody has said which version it is, nothing is known to be wrong.
        if (frame.type === 'heartbeat' || context.version === undefined || headers.wire === undefined) return
        const { escapes } = dialectOf(type, context.version)
        const { bytes, start, end } = headers.wire
        if (escapes === undefined || !has(bytes, start, end, BACKSLASH)) return
        for (const line of utf8(bytes, start, end).split('\n')) {
          const wrong = undefinedEscape(line.replace(/\r$/, ''), escapes)
          if (wrong === undefined) continue
          const name = line.split(':', 1)[0] as string
          const cause = `${side} ${type} ${name} ${wrong}`
          if (told.has(cause) || told.size >= MOST_NAMES) return
          told.add(cause)
          report(`${wrong} in header ${name} of a ${type} from the ${side} means nothing in STOMP ${context.version}`, [
            number,
          ])
          return
        }
      },
    }
  },
}

function has(bytes: Uint8Array, start: number, end: number, octet: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] === octet) return true
  return false
}
