import { type Exchange, elapsed, other, type Side, SparseSet } from '../../core/index.ts'
import { errorText } from '../describe.ts'
import type { Close } from '../frames.ts'
import { type Amqp10Rule, MOST_CAUSES, oneLine } from './rule.ts'

/** Tells of an error that one side ends something with, and of the link that was being attached then. */
const endedWithError =
  (type: 'close' | 'end', what: string): Amqp10Rule['watch'] =>
  (_, report) => {
    const told = new SparseSet<string>()
    /** What the frame that now comes has ended. */
    let attaching: Exchange | undefined
    return {
      ended: exchange => {
        if (exchange.kind === 'attach' && exchange.reply === 0) attaching ??= exchange
      },
      frame: (frame, { side }, number) => {
        const asked = attaching
        attaching = undefined
        const { error } = frame as Close
        if (frame.type !== type || error === undefined) return
        const { condition } = error as { readonly condition?: string }
        const text = oneLine(errorText(error) ?? 'an error that cannot be read')
        const [where, frames] =
          asked === undefined
            ? ['', [number]]
            : [`, as a link to ${asked.address ?? 'no address'} was attached`, [asked.request, number]]
        const cause = `${condition} ${asked?.address}`
        // A client that comes back at once and fails again is told of by amqp10/detach-error-loop.
        if (told.has(cause) || told.size >= MOST_CAUSES) return
        told.add(cause)
        report(`the ${side} ended the ${what}${where}: ${text}`, frames)
      },
    }
  }

export const connectionError: Amqp10Rule = {
  id: 'amqp10/connection-error',
  severity: 'error',
  title: 'A connection ended with an error',
  why: 'All its sessions and links are gone at once; what was not settled is delivered again, or must be sent again.',
  fix: 'Go by the condition: amqp:connection:forced is the broker’s doing (shutdown, a rebalance, rabbitmqctl close_connection, max-connections), amqp:connection:framing-error a bug of the client library, amqp:resource-limit-exceeded an idle timeout or a limit, amqp:unauthorized-access a missing permission on the host or vhost.',
  watch: endedWithError('close', 'connection'),
}

export const sessionError: Amqp10Rule = {
  id: 'amqp10/session-error',
  severity: 'error',
  title: 'A session ended with an error',
  why: 'All links of the session are gone, also those that had nothing to do with the error; most client libraries open it again and fail again.',
  fix: 'Go by the condition and its text: amqp:not-found is an address that does not exist, amqp:unauthorized-access a missing permission, amqp:session:window-violation and amqp:session:unattached-handle are bugs of the client library. RabbitMQ ends the session where others detach the link: use a session per address to keep the rest alive.',
  watch: endedWithError('end', 'session'),
}

export const idleTimeoutOff: Amqp10Rule = {
  id: 'amqp10/idle-timeout-off',
  severity: 'warning',
  title: 'Nobody will notice when this connection breaks',
  why: 'Without an idle timeout on either side a peer that lost power or network stays connected as far as the other knows: its unsettled deliveries are not given to others, and firewalls and load balancers drop the silent connection.',
  fix: 'Set an idle timeout of 10 to 60 s on both sides: rhea idle_time_out, Qpid JMS amqp.idleTimeout, Proton idle_timeout; RabbitMQ heartbeat, Artemis amqpIdleTimeout on the acceptor.',
  types: ['open'],
  watch: (_, report) => {
    const silent: number[] = []
    return {
      frame: (frame, _packet, number) => {
        if (frame.type !== 'open' || (frame.idleTimeOut ?? 0) > 0) return
        silent.push(number)
        if (silent.length === 2) report('neither side asks for an idle timeout', silent)
      },
    }
  },
}

export const idleTimeoutMissed: Amqp10Rule = {
  id: 'amqp10/idle-timeout-missed',
  severity: 'warning',
  title: 'A peer was silent for longer than the other allows',
  why: 'After its idle timeout without a frame a peer closes the connection [2.4.5], and what is unsettled is delivered again. That nothing came means that the other side was blocked or paused, or that the network was.',
  fix: 'Let the client’s event loop run (no blocking handlers, look for garbage collection pauses), and have it send empty frames at half the timeout. Ask for a longer timeout where the network stalls (RabbitMQ: heartbeat, Artemis: amqpIdleTimeout).',
  watch: (flow, report) => {
    /** What each side allows the other, in ns. */
    const allowed: Partial<Record<Side, { readonly time: number; readonly number: number }>> = {}
    const told = new SparseSet<Side>()
    const check = (side: Side, time: number, until: string, frames: readonly number[]): void => {
      const limit = allowed[other(side)]
      const silent = time - flow.last[side]
      if (limit === undefined || told.has(side) || silent <= limit.time) return
      told.add(side)
      const message = `the ${side} was silent for ${elapsed(silent)} ${until}, where the ${other(side)} allows ${elapsed(limit.time)}`
      report(message, [limit.number, ...frames])
    }
    return {
      frame: (frame, { side, time }, number) => {
        check(side, time, 'before this frame', [number])
        if (frame.type === 'open' && (frame.idleTimeOut ?? 0) > 0) {
          allowed[side] = { time: (frame.idleTimeOut as number) * 1e6, number }
        }
        // After the farewell neither has anything to say.
        if (frame.type === 'close') for (const one of ['client', 'server'] as const) told.add(one)
      },
      end: time => {
        for (const side of ['client', 'server'] as const) check(side, time, 'at the end', [])
      },
    }
  },
}

/** Every octet below this costs more frames than it saves memory. */
const SMALL = 4096

export const maxFrameSizeSmall: Amqp10Rule = {
  id: 'amqp10/max-frame-size-small',
  severity: 'note',
  title: 'Frames are kept very small',
  why: 'Every message that does not fit is cut into several transfers, each with a header and a system call of its own: throughput falls, and one large message takes many units of the session window.',
  fix: 'Leave max-frame-size at the client’s default (64 KiB or more: rhea max_frame_size, Qpid JMS amqp.maxFrameSize, Proton max_frame_size; RabbitMQ frame_max, Artemis maxFrameSize), unless the device has no memory for it.',
  types: ['open'],
  until: 'open',
  watch: (_, report) => ({
    frame: (frame, { side }, number) => {
      if (frame.type !== 'open' || (frame.maxFrameSize ?? SMALL) >= SMALL) return
      report(`the ${side} takes frames of no more than ${frame.maxFrameSize} bytes`, [number])
    },
  }),
}
