import { counted, elapsed, SparseMap } from '../../core/index.ts'
import { reasonOf } from '../track/reasons.ts'
import { type AmqpRule, MINUTE, SECOND } from './rule.ts'

/** A channel from its opening to its closing. */
interface Life {
  readonly opened: number
  readonly number: number
  /** Messages published and got on it. */
  messages: number
}

const SHORT = 10 * SECOND
/** So many short lives in a minute are no accident. */
const MANY = 20
/** So many lives of one message each, one after the other. */
const IN_A_ROW = 5

/** Tells of each channel that its client closed in order, with what it was used for. */
function lives(closed: (life: Life, time: number, number: number) => void): ReturnType<AmqpRule['watch']> {
  const open = new SparseMap<number, Life>()
  return {
    frame: (frame, { side, time }, number) => {
      switch (frame.type) {
        case 'channel.open':
          open.set(frame.channel, { opened: time, number, messages: 0 })
          break
        case 'basic.publish':
        case 'basic.get-ok':
        case 'basic.deliver': {
          const life = open.get(frame.channel)
          if (life !== undefined) life.messages++
          break
        }
        case 'channel.close': {
          const life = open.get(frame.channel)
          open.delete(frame.channel)
          if (life !== undefined && side === 'client') closed(life, time, number)
        }
      }
    },
  }
}

const types = ['channel.open', 'channel.close', 'basic.publish', 'basic.get-ok', 'basic.deliver'] as const

export const channelPerMessage: AmqpRule = {
  id: 'amqp091/channel-per-message',
  severity: 'warning',
  title: 'A channel is opened for every message',
  why: 'Opening and closing a channel takes two round trips and a process at the broker, for one message that takes none. It limits throughput to a few hundred messages a second, and makes publisher confirms pointless.',
  fix: 'Keep channels open: one for each thread or worker, from a pool (Spring CachingConnectionFactory with a channelCacheSize, a channel that lives as long as the producer).',
  types,
  watch: (_, report) => {
    let row: number[] = []
    let told = false
    return lives(({ messages, number }) => {
      if (told) return
      row = messages === 1 ? [...row, number] : []
      if (row.length < IN_A_ROW) return
      told = true
      report(`${IN_A_ROW} channels in a row were opened for one message each`, row)
    })
  },
}

export const channelChurn: AmqpRule = {
  id: 'amqp091/channel-churn',
  severity: 'warning',
  title: 'Channels are opened and closed all the time',
  why: 'Each takes round trips and work at the broker (a process, metrics, log lines), and consumers and confirms start anew with it.',
  fix: 'Open a channel for each thread or worker once and keep it. In a pool, see that channels go back to it rather than being closed.',
  types,
  watch: (_, report) => {
    let recent: { readonly time: number; readonly number: number }[] = []
    let told = false
    return lives(({ opened, messages, number }, time) => {
      // One message each is a matter of its own.
      if (told || messages === 1 || time - opened > SHORT) return
      recent = recent.filter(each => time - each.time < MINUTE)
      recent.push({ time, number })
      if (recent.length < MANY) return
      told = true
      const [first] = recent
      const within = elapsed(time - (first?.time ?? time))
      const frames = recent.slice(-5).map(each => each.number)
      report(`${MANY} channels were closed within ${within}, each open for less than ${SHORT / SECOND} s`, frames)
    })
  },
}

export const publishOnClosed: AmqpRule = {
  id: 'amqp091/publish-on-closed-channel',
  severity: 'error',
  title: 'Messages were published on a channel that was closed',
  why: 'The broker throws away what comes on a channel that it has closed, without a word. A client that does not wait for confirms believes them sent.',
  fix: 'Use publisher confirms and publish again what was not confirmed; listen for the channel’s closing (close and error events, ShutdownListener) and stop publishing; then mend what closed it (see the reason).',
  types: ['channel.open', 'channel.close', 'basic.publish'],
  watch: (_, report) => {
    interface Closed {
      readonly number: number
      readonly why: string
      lost: number
      first: number
    }
    const closed = new SparseMap<number, Closed>()
    const tell = (channel: number, { number, why, lost, first }: Closed): void => {
      closed.delete(channel)
      if (lost > 0)
        report(`${counted(lost, 'message')} came on ch=${channel} after it was closed: ${why}`, [number, first])
    }
    return {
      frame: (frame, { side }, number) => {
        switch (frame.type) {
          case 'channel.close':
            closed.set(frame.channel, {
              number,
              why: side === 'client' ? 'by the client itself' : reasonOf(frame),
              lost: 0,
              first: 0,
            })
            break
          case 'basic.publish': {
            const close = closed.get(frame.channel)
            if (close !== undefined && close.lost++ === 0) close.first = number
            break
          }
          case 'channel.open': {
            const close = closed.get(frame.channel)
            if (close !== undefined) tell(frame.channel, close)
          }
        }
      },
      end: () => {
        for (const [channel, close] of closed) tell(channel, close)
      },
    }
  },
}
