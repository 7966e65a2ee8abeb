import { counted, elapsed, type LevelChange, SparseMap, SparseSet, Worsening } from '../../core/index.ts'
import { type Amqp10Rule, SECOND } from './rule.ts'

/** `ch=0 link=1` of `ch=0 link=1 orders`: an address may become known later. */
const linkOf = (subject: string): string => /^.*?link=\d+/.exec(subject)?.[0] ?? subject

interface LinkState {
  readonly session: string
  readonly name: string
  readonly address: string
  /** The client's. */
  readonly role: string
  credit: number | undefined
  available: number
  /** Since when it has no credit, and the frame that took the last. */
  dry: { readonly time: number; readonly frame: number } | undefined
  told: boolean
}

/** A broker grants credit, and a consumer renews it, in far less. */
const PATIENCE = 5 * SECOND

export const linkStarving: Amqp10Rule = {
  id: 'amqp10/link-starving',
  severity: 'warning',
  title: 'A link has no credit, and messages wait',
  why: 'Without link credit its sender may not send: a publisher blocks, or a consumer gets nothing although its queue is full.',
  fix: 'Of a publisher: see why the broker gives none (rabbitmqctl alarms: memory or disk; Artemis address-full-policy BLOCK and max-size-bytes; a queue leader that moves). Of a consumer: grant credit again as messages are settled (rhea credit_window and add_credit, Proton prefetch, Qpid JMS jms.prefetchPolicy), and do not lose it in an error path.',
  types: [],
  watch: (_, report) => {
    const links = new SparseMap<string, LinkState>()
    const check = (link: LinkState, time: number, frames: readonly number[]): void => {
      const { dry, role, address, available } = link
      if (dry === undefined || link.told || time - dry.time < PATIENCE) return
      // A consumer that asks for nothing more may want nothing more, unless it is told that there is.
      if (role === 'receiver' && available === 0) return
      link.told = true
      const who = role === 'sender' ? 'the publisher to' : 'the consumer of'
      const waiting = available === 0 ? '' : `, ${counted(available, 'message')} available`
      report(`${who} ${address} had no credit for ${elapsed(time - dry.time)}${waiting}`, [dry.frame, ...frames])
    }
    return {
      topology: ({ action, kind, name, parent, details = {}, time, frame }) => {
        if (action === 'remove') {
          for (const [key, link] of links) {
            const gone = kind === 'session' ? link.session === name : link.session === parent && link.name === name
            if (!gone) continue
            check(link, time, [frame])
            links.delete(key)
          }
        }
        if (kind !== 'link' || action !== 'add') return
        const key = `${parent} link=${details.handle}`
        const role = String(details.role)
        const address = String((role === 'sender' ? details.target : details.source) ?? name)
        const fresh = { credit: undefined, available: 0, dry: { time, frame }, told: false }
        links.set(key, { session: parent ?? '', name, address, role, ...fresh })
      },
      level: ({ subject, name, value, frame, time }) => {
        const link = links.get(linkOf(subject))
        if (link === undefined) return
        if (name === 'available') link.available = value
        if (name !== 'credit') return
        const before = link.credit
        link.credit = value
        if (value > 0) {
          check(link, time, [frame])
          link.dry = undefined
        } else if (before !== undefined && before > 0) link.dry = { time, frame }
      },
      end: time => {
        for (const link of links.values()) check(link, time, [])
      },
    }
  },
}

/** More than this wait at once where nobody settles. */
const MANY = 100
const LONG = 30 * SECOND

export const unsettledGrowth: Amqp10Rule = {
  id: 'amqp10/unsettled-growth',
  severity: 'warning',
  title: 'Deliveries pile up that nobody settles',
  why: 'Both sides keep every unsettled delivery in memory, and a broker gives it to nobody else; when the connection ends all of them come again.',
  fix: 'Settle each delivery when it is done with: accept, reject, release or modify on all paths, errors too (rhea autoaccept, Proton auto_accept, JMS CLIENT_ACKNOWLEDGE and session.recover). Grant less credit, so that no more can wait than is worked on.',
  types: [],
  watch: (_, report) => {
    const links = new SparseMap<string, { value: number; settled: number; readonly worsening: Worsening }>()
    return {
      level: ({ subject, name, value, frame, time }: LevelChange) => {
        if (name !== 'unsettled') return
        let link = links.get(subject)
        if (link === undefined) links.set(subject, (link = { value: 0, settled: time, worsening: new Worsening(MANY) }))
        if (value <= link.value) link.settled = time
        link.value = value
        const silent = time - link.settled
        if (silent < LONG || !link.worsening.isTold(value)) return
        report(`${counted(value, 'delivery', 'deliveries')} of ${subject} wait, none settled for ${elapsed(silent)}`, [
          frame,
        ])
      },
    }
  },
}

export const windowExhausted: Amqp10Rule = {
  id: 'amqp10/window-exhausted',
  severity: 'warning',
  title: 'A session’s incoming window is shut',
  why: 'No link of the session may transfer anything, whatever credit it has, until its peer opens the window again with a flow: one slow link stops all others.',
  fix: 'Make the window larger than the credits of all links together (rhea session incoming_window, Proton set_incoming_capacity, RabbitMQ max_incoming_window), read faster, or use a session for each heavy link.',
  types: [],
  watch: (_, report) => {
    const shut = new SparseMap<string, { readonly time: number; readonly frame: number }>()
    const told = new SparseSet<string>()
    const check = (subject: string, time: number, frames: readonly number[]): void => {
      const since = shut.get(subject)
      if (since === undefined || told.has(subject) || time - since.time < SECOND) return
      told.add(subject)
      const side = subject.split(' ').at(-1)
      const session = subject.split(' ').slice(0, -1).join(' ')
      report(`the ${side}’s window of ${session} was 0 for ${elapsed(time - since.time)}`, [since.frame, ...frames])
    }
    return {
      level: ({ subject, name, value, frame, time }) => {
        if (name !== 'incoming window') return
        if (value === 0) {
          if (!shut.has(subject)) shut.set(subject, { time, frame })
          return
        }
        // Less than nothing: its peer goes on regardless.
        if (value > 0) check(subject, time, [frame])
        shut.delete(subject)
      },
      end: time => {
        for (const subject of shut.keys()) check(subject, time, [])
      },
    }
  },
}
