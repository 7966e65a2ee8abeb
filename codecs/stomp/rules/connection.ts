import { elapsed, isDefaultPassword, isLoopback, other, type Side, SparseSet, utf8 } from '../../core/index.ts'
import { isConnecting } from '../dialect.ts'
import type { CommandFrame } from '../frames.ts'
import { MOST_NAMES, oneLine, SECOND, type StompRule } from './rule.ts'

const CONNECTING = ['CONNECT', 'STOMP', 'CONNECTED']

export const connectRefused: StompRule = {
  id: 'stomp/connect-refused',
  severity: 'error',
  title: 'The broker refuses the connection',
  why: 'The client cannot work, and most client libraries try again every few seconds: the broker is kept busy with logins that fail.',
  fix: 'Go by the message: Bad CONNECT or Access refused is a login, passcode or host (RabbitMQ takes it for the virtual host) that is wrong: compare with rabbitmqctl authenticate_user and list_permissions, or ActiveMQ’s users.properties. Supported versions are … is an accept-version that the broker does not know.',
  types: [],
  exchanges: ['connect'],
  watch: (_, report) => ({
    ended: ({ ok, outcome, address, request, reply }) => {
      if (ok !== false) return
      const host = address === undefined ? '' : ` to host ${address}`
      report(`the connection${host} was refused: ${oneLine(outcome ?? '')}`, [request, reply])
    },
  }),
}

export const versionOne: StompRule = {
  id: 'stomp/version-1.0',
  severity: 'note',
  title: 'STOMP 1.0 is in use',
  why: 'It has no heart-beats, no NACK, and no escapes: a header with a line feed or a colon in its name breaks the frame, or adds headers to it. Of a MESSAGE nothing says which subscription it is for.',
  fix: 'Have the client offer accept-version:1.1,1.2 (with a host header, and an id for each subscription). All brokers and client libraries have had 1.2 since 2013.',
  types: ['CONNECTED'],
  until: 'CONNECTED',
  exchanges: ['connect'],
  watch: (_, report) => {
    let asked: number | undefined
    return {
      ended: ({ request }) => {
        asked = request
      },
      frame: (frame, _packet, number) => {
        if (((frame as CommandFrame).version ?? '1.0') !== '1.0') return
        report('the two settled on STOMP 1.0', asked === undefined ? [number] : [asked, number])
      },
    }
  },
}

interface Beats {
  /** The least time between what a side sends, ms; 0 where it promises nothing. */
  readonly sends: number
  /** How often it wants to hear something, ms; 0 where it does not care. */
  readonly wants: number
  readonly number: number
}

/** A frame without the header says `0,0` [STOMP 1.2, Heart-beating]. */
function beatsOf({ heartBeat = '0,0' }: CommandFrame, number: number): Beats {
  const [sends = 0, wants = 0] = heartBeat.split(',').map(text => Number.parseInt(text, 10) || 0)
  return { sends, wants, number }
}

/** How often `side` must send something, ms; 0 where it need not. */
function period(side: Side, beats: Readonly<Record<Side, Beats>>): number {
  const { sends } = beats[side]
  const { wants } = beats[other(side)]
  return sends === 0 || wants === 0 ? 0 : Math.max(sends, wants)
}

/** What both sides said of heart-beats, once both have. */
function handshake(): (frame: CommandFrame, side: Side, number: number) => Record<Side, Beats> | undefined {
  let client: Beats | undefined
  return (frame, side, number) => {
    if (!isConnecting(frame.type)) return undefined
    if (side === 'client') {
      client = beatsOf(frame, number)
      return undefined
    }
    return client === undefined ? undefined : { client, server: beatsOf(frame, number) }
  }
}

export const heartbeatOff: StompRule = {
  id: 'stomp/heartbeat-off',
  severity: 'warning',
  title: 'Heart-beats are off',
  why: 'A peer that lost power or network stays connected as far as the other knows: a consumer waits for messages that will never come, the broker keeps its unacknowledged messages from others, and firewalls and load balancers drop the silent connection.',
  fix: 'Have the client send heart-beat:10000,10000 in CONNECT (heartbeatOutgoing and heartbeatIncoming in @stomp/stompjs, heartbeats in stomp.py, setHeartbeat in Stampy and Spring’s StompSession), and do not turn them off at the broker (RabbitMQ offers what the client asks for; ActiveMQ transport.hbGracePeriodMultiplier). It needs STOMP 1.1 or later.',
  types: CONNECTING,
  until: 'CONNECTED',
  watch: (_, report) => {
    const agreed = handshake()
    return {
      frame: (frame, { side }, number) => {
        const beats = agreed(frame as CommandFrame, side, number)
        if (beats === undefined || period('client', beats) > 0 || period('server', beats) > 0) return
        const says = ({ sends, wants }: Beats): string => `${sends},${wants}`
        const message = `neither side sends heart-beats: the client says ${says(beats.client)}, the server ${says(beats.server)}`
        report(message, [beats.client.number, number])
      },
    }
  },
}

/** Timers are late, and ActiveMQ’s first heart-beat comes after two periods. */
const MARGIN = SECOND

export const heartbeatMissed: StompRule = {
  id: 'stomp/heartbeat-missed',
  severity: 'warning',
  title: 'A side was silent for longer than two heart-beats',
  why: 'The other side may take the connection for dead then, and close it: what is unacknowledged is delivered again. A silent side has usually stopped running its I/O: a blocked event loop, a long garbage collection, a browser tab in the background, a frozen machine.',
  fix: 'Find what kept that side from sending. Run the client’s timers off the thread that does the work (@stomp/stompjs: heartbeatStrategy worker, for tabs in the background), or agree on a longer period if pauses are expected.',
  watch: (flow, report) => {
    const agreed = handshake()
    const periods: Record<Side, number> = { client: 0, server: 0 }
    const numbers: Record<Side, number> = { client: 0, server: 0 }
    const told = new SparseSet<Side>()
    const check = (side: Side, time: number, until: string, frames: readonly number[]): void => {
      const limit = periods[side] * 1e6
      const silent = time - flow.last[side]
      if (limit === 0 || silent <= 2 * limit + MARGIN || told.has(side)) return
      told.add(side)
      report(
        `the ${side} was silent for ${elapsed(silent)} ${until}, where it promised to send every ${elapsed(limit)}`,
        [numbers[side], ...frames],
      )
    }
    return {
      frame: (frame, { side, time }, number) => {
        check(side, time, 'before this frame', [number])
        numbers[side] = number
        const beats = agreed(frame as CommandFrame, side, number)
        if (beats !== undefined) for (const one of ['client', 'server'] as const) periods[one] = period(one, beats)
        // After the farewell neither has anything to say.
        if (frame.type === 'DISCONNECT' || frame.type === 'ERROR') {
          for (const one of ['client', 'server'] as const) told.add(one)
        }
      },
      end: time => {
        for (const side of ['client', 'server'] as const) check(side, time, 'at the end', [])
      },
    }
  },
}

export const defaultCredentials: StompRule = {
  id: 'stomp/default-credentials',
  severity: 'warning',
  title: 'A well-known default password is in use',
  why: 'Scanners try exactly these first. Whoever connects with them can do all that this user may: with RabbitMQ’s guest or ActiveMQ’s admin, everything.',
  fix: 'Delete the default user or give it a password of its own (rabbitmqctl delete_user guest, rabbitmqctl change_password; users.properties in ActiveMQ), and a user with few permissions to each application. On a developer’s own machine it does no harm.',
  types: CONNECTING,
  until: 'CONNECTED',
  watch: ({ server }, report) => {
    let asked: { readonly login: string; readonly number: number } | undefined
    return {
      frame: (frame, { side }, number) => {
        const { login, passcode } = frame as CommandFrame
        if (side === 'client') asked = isDefaultPassword(login, passcode) ? { login: login ?? '', number } : undefined
        else if (asked !== undefined) {
          const severity = isLoopback(server.host) ? 'note' : 'warning'
          report(`user "${asked.login}" was let in with a default password`, [asked.number, number], severity)
        }
      },
    }
  },
}

export const anonymous: StompRule = {
  id: 'stomp/anonymous',
  severity: 'warning',
  title: 'Anybody on the network may connect',
  why: 'The broker let in a client that did not say who it is. So it will let in everybody who can reach its port, with the rights of its default user.',
  fix: 'RabbitMQ: take stomp.default_user and stomp.default_pass out of rabbitmq.conf (stomp.implicit_connect too). ActiveMQ: a simpleAuthenticationPlugin or jaasAuthenticationPlugin without anonymousAccessAllowed. Where it is meant, bind the listener to loopback.',
  types: CONNECTING,
  until: 'CONNECTED',
  watch: ({ server, encrypted }, report) => {
    let asked: number | undefined
    return {
      frame: (frame, { side }, number) => {
        // A client certificate says who it is as well.
        if (encrypted || isLoopback(server.host)) return
        if (side === 'client') asked = (frame as CommandFrame).login === undefined ? number : undefined
        else if (asked !== undefined) report('a client was let in without a login', [asked, number])
      },
    }
  },
}

/** What an ERROR tells beside its message header. */
function detail({ body }: CommandFrame): string {
  const text = body === undefined ? '' : oneLine(utf8(body, 0, Math.min(body.length, MOST_OF_BODY)))
  return text === '' ? '' : ` (${text})`
}

const MOST_OF_BODY = 200

export const errorFrame: StompRule = {
  id: 'stomp/error',
  severity: 'error',
  title: 'The broker answered with an ERROR',
  why: 'The frame that caused it had no effect, and the broker closes the connection after it [STOMP 1.2, ERROR]: its subscriptions are gone, what is unacknowledged comes again, open transactions are aborted.',
  fix: 'Go by the message. Unknown destination or not_found is a destination that does not exist, or is spelled in another broker’s way (RabbitMQ: /queue/, /topic/, /exchange/, /amq/queue/); Access refused a permission; Subscription not found or Unexpected ACK an acknowledgement of what does not wait for one. Ask for receipts, so that the ERROR names the frame that it is about (receipt-id).',
  types: ['ERROR', 'CONNECTED'],
  watch: ({ joined }, report) => {
    const told = new SparseSet<string>()
    let connected = joined === 'middle'
    let caused: number | undefined
    return {
      ended: ({ ok, request, reply }) => {
        if (ok === false && reply !== 0) caused = request
      },
      frame: (frame, { side }, number) => {
        if (side !== 'server') return
        if (frame.type === 'CONNECTED') connected = true
        const request = caused
        caused = undefined
        // Before that, it refuses the connection.
        if (frame.type !== 'ERROR' || !connected) return
        const error = frame as CommandFrame
        const message = oneLine(error.headers.get('message') ?? 'no message')
        if (told.has(message) || told.size >= MOST_NAMES) return
        told.add(message)
        const named = error.receiptId !== undefined && request !== undefined
        report(`${message}${detail(error)}`, named ? [request, number] : [number])
      },
    }
  },
}
