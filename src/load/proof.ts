import { codecs } from '../../codecs/index.ts'
import type { Plan } from './plan.ts'
import type { PortableSubscription } from './protocol.ts'
import type { PortableStream } from './publisher.ts'
import { Receipts } from './receipts.ts'
import type { Counts, Proof } from './result.ts'

/** One stream, as all agents know it. */
interface KnownStream extends Omit<PortableStream, 'excused' | 'answered'> {
  readonly excused: Receipts | undefined
  readonly answered: Receipts | undefined
}

/** One subscription, put together from the agents whose clients share it. */
interface KnownSubscription {
  readonly group: string
  readonly source: string
  readonly receipts: ReadonlyMap<number, Receipts>
  readonly unmarked: number
  readonly shared: boolean
  readonly sated: boolean
}

/** Numbers of lost messages that are told. */
const MOST_TOLD = 10

export interface Accounted extends Proof {
  readonly lost: readonly string[]
  /** Messages that came to all subscriptions, more than once, and not at all. */
  readonly delivered: number
  readonly duplicates: number
  readonly missing: number
}

/** Messages that are to come to each group, each once for every subscription; and answers to requests. */
export interface Awaited {
  readonly deliveries: ReadonlyMap<string, number>
  readonly replies: number
}

/** How many messages and answers should come: what the run's end is waited for by. */
export function expected(
  plan: Plan,
  streams: readonly PortableStream[],
  subscriptions: readonly Pick<PortableSubscription, 'group' | 'client' | 'source'>[],
): Awaited {
  const distinct = new Map(subscriptions.map(each => [keyOf(each), each]))
  const deliveries = new Map<string, number>()
  for (const subscription of distinct.values()) {
    for (const stream of streams) {
      if (!reaches(plan, stream, subscription)) continue
      const before = deliveries.get(subscription.group) ?? 0
      deliveries.set(subscription.group, before + stream.sent + stream.unmarked - (stream.excused?.count ?? 0))
    }
  }
  return { deliveries, replies: asked(plan, streams) }
}

/** Accounts for all that was sent. */
export function account(
  plan: Plan,
  counts: Counts,
  sent: readonly PortableStream[],
  parts: readonly PortableSubscription[],
): Accounted {
  const streams = sent.map(stream => ({
    ...stream,
    excused: stream.excused === undefined ? undefined : Receipts.of(stream.excused),
    answered: stream.answered === undefined ? undefined : Receipts.of(stream.answered),
  }))
  const lines = [sentLine(counts)]
  const told: string[] = []
  let [delivered, duplicates, missing, wanted, left] = [0, 0, 0, 0, 0]
  let [unmarked, came] = [0, 0]
  const claimed = new Set<number>()
  for (const subscription of join(parts)) {
    delivered += subscription.unmarked
    came += subscription.unmarked
    for (const stream of streams) {
      const receipts = subscription.receipts.get(stream.id)
      if (receipts === undefined && !reaches(plan, stream, subscription)) continue
      claimed.add(stream.id)
      unmarked += stream.unmarked
      const { count, lost, untaken } = compare(stream, receipts ?? new Receipts(), subscription)
      wanted += count + lost.count + untaken
      left += untaken
      delivered += count
      duplicates += receipts?.duplicates ?? 0
      missing += lost.count
      for (const number of lost.first) {
        if (told.length < MOST_TOLD) told.push(`${stream.group} ${stream.destination} message ${number + 1}`)
      }
    }
  }
  if (parts.length > 0) {
    if (wanted > 0 || unmarked === 0) {
      const rest = left === 0 ? '' : ` + left ${n(left)}, as consumers had their count`
      lines.push(`to be delivered ${n(wanted)} = delivered ${n(delivered - came)} + lost ${n(missing)}${rest}`)
    }
    if (unmarked > 0) {
      lines.push(`without a stamp, so that loss cannot be told: to be delivered ${n(unmarked)}, came ${n(came)}`)
    }
    const nobodys = streams.filter(each => each.sent + each.unmarked > 0 && !claimed.has(each.id))
    const unclaimed = nobodys.reduce((sum, stream) => sum + stream.sent + stream.unmarked, 0)
    if (unclaimed > 0)
      lines.push(`${n(unclaimed)} were sent where no consumer of this run listens: ${nobodys[0]?.destination}`)
  }
  const asking = streams.filter(stream => asks(plan, stream) && stream.sent > 0)
  const { line, unanswered } = replies(asking)
  if (line !== undefined) lines.push(line)
  const ok = missing === 0 && counts.unconfirmed === 0 && unanswered === 0
  return { ok, lines, lost: told, delivered, duplicates, missing }
}

const asks = ({ groups }: Plan, { group }: Pick<PortableStream, 'group'>): boolean =>
  groups.some(({ name, publish }) => name === group && publish?.requests === true)

/** Requests that can be answered. */
const asked = (plan: Plan, streams: readonly PortableStream[]): number =>
  streams.filter(stream => asks(plan, stream)).reduce((sum, { sent, excused }) => sum + sent - (excused?.count ?? 0), 0)

/** Each request by itself: that one was answered twice makes up for none that was not. */
function replies(streams: readonly KnownStream[]): { readonly line: string | undefined; readonly unanswered: number } {
  let [requests, answered, excused, unanswered, repeated] = [0, 0, 0, 0, 0]
  for (const stream of streams) {
    const came = stream.answered ?? new Receipts()
    const without = withExcused(came, stream.excused).missing(stream.sent, 0).count
    requests += stream.sent
    answered += came.count
    unanswered += without
    excused += stream.sent - came.count - without
    repeated += came.duplicates
  }
  if (requests === 0) return { line: undefined, unanswered }
  const parts = [
    `asked ${n(requests)} = answered ${n(answered)} + without a reply ${n(unanswered)}`,
    ...(excused === 0 ? [] : [` + ${n(excused)} refused, unroutable or unconfirmed`]),
    ...(repeated === 0 ? [] : [`; ${n(repeated)} came again, from others or once more`]),
  ]
  return { line: parts.join(''), unanswered }
}

function sentLine({ sent, confirmed, refused, unroutable, unconfirmed, answeredLate, returned }: Counts): string {
  const unasked = sent - confirmed - refused - unroutable - unconfirmed
  const parts = [
    [confirmed, 'confirmed'],
    [refused, 'refused'],
    [unroutable, 'unroutable'],
    [unasked, 'without an answer asked for'],
    [unconfirmed, 'unconfirmed'],
  ] as const
  const shown = parts.filter(([count]) => count !== 0)
  const sum = shown.length === 0 ? '0' : shown.map(([count, what]) => `${n(count)} ${what}`).join(' + ')
  const late = answeredLate === 0 ? '' : `, ${n(answeredLate)} of these answered too late`
  return `sent ${n(sent)} = ${sum}${late}${returned > 0 ? `; ${n(returned)} came back, as no queue wanted them` : ''}`
}

const n = (count: number): string => count.toLocaleString('en-US')

interface Compared {
  readonly count: number
  readonly lost: { readonly count: number; readonly first: number[] }
  /** What nobody was there for any more: not lost, as far as can be told. */
  readonly untaken: number
}

/** What came, or need not have. */
function withExcused(receipts: Receipts, excused: Receipts | undefined): Receipts {
  if (excused === undefined) return receipts
  const settled = Receipts.of(receipts.portable)
  settled.add(excused)
  return settled
}

/** How a stream compares with what came of it: what was excused need not have come, but may. */
function compare({ sent, excused }: KnownStream, receipts: Receipts, to: KnownSubscription): Compared {
  const { count, end } = receipts
  const settled = withExcused(receipts, excused)
  if (!to.sated) return { count, lost: settled.missing(sent, MOST_TOLD), untaken: 0 }
  // Who shares a queue may have given back what it had; who is alone got all up to the last, or it is lost.
  const lost = settled.missing(to.shared ? 0 : Math.min(sent, end), MOST_TOLD)
  return { count, lost, untaken: settled.missing(sent, 0).count - lost.count }
}

const keyOf = ({ group, client, source }: Pick<PortableSubscription, 'group' | 'client' | 'source'>): string =>
  JSON.stringify([group, client, source])

interface Joined extends KnownSubscription {
  readonly receipts: Map<number, Receipts>
  unmarked: number
  sated: boolean
}

function join(parts: readonly PortableSubscription[]): KnownSubscription[] {
  const joined = new Map<string, Joined>()
  for (const part of parts) {
    const key = keyOf(part)
    let known = joined.get(key)
    if (known === undefined) {
      const { group, source, client, sated } = part
      const shared = client === undefined
      joined.set(key, (known = { group, source, shared, sated, receipts: new Map(), unmarked: 0 }))
    }
    known.unmarked += part.unmarked
    known.sated &&= part.sated
    for (const [stream, portable] of part.receipts) {
      const receipts = known.receipts.get(stream)
      if (receipts === undefined) known.receipts.set(stream, Receipts.of(portable))
      else receipts.add(Receipts.of(portable))
    }
  }
  return [...joined.values()]
}

/** Whether what is published in a stream should come to a subscription. */
function reaches(
  { groups }: Plan,
  { group, destination }: Pick<PortableStream, 'group' | 'destination'>,
  subscription: Pick<PortableSubscription, 'group' | 'source'>,
): boolean {
  const from = groups.find(({ name }) => name === group)
  const to = groups.find(({ name }) => name === subscription.group)
  const drive = codecs.find(({ id }) => id === to?.protocol)?.drive
  if (from === undefined || to === undefined || drive === undefined) return false
  const { source } = subscription
  if (from.protocol === to.protocol) return drive.reaches(destination, source, to.settings)
  // Brokers that speak several protocols take a level of a topic for a word of a routing key.
  return ['.', '/'].some(mark => drive.reaches(destination.replaceAll(/[./]/g, mark), source, to.settings))
}
