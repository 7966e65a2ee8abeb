import { codecs } from '../../codecs/index.ts'
import { formatAddress, parseUpstream } from '../net/index.ts'
import { type GroupPlan, type Plan, sendsUnmarked } from './plan.ts'
import type { Quota } from './quota.ts'

/** The plan in words, a line each. */
export const planWords = ({ groups }: Plan): string[] => groups.map(words)

function words(group: GroupPlan): string {
  const { name, protocol, version, urls, clients, publish, consume, connectRate, localAddresses, lifetime } = group
  const codec = codecs.find(({ id }) => id === protocol)
  const parts = [
    `${name}: ${counted(clients, 'client')} of ${codec?.name ?? protocol}${version === undefined ? '' : ` ${version}`}`,
    `at ${urls.map(url => formatAddress(parseUpstream(url, codecs))).join(', ')}`,
  ]
  if (publish !== undefined) {
    const { destinations, spread, stages, spacing, requests, rhythm: then, recorded } = publish
    const rhythm =
      stages === undefined
        ? `as fast as it goes, ${group.inFlight.toLocaleString('en')} under way each`
        : stages.length === 0
          ? 'at the rates of a search'
          : stages.map(stageWords).join(', then ')
    parts.push(`${requests ? 'ask' : 'publish to'} ${list(destinations)}${spread ? ', each its part' : ''}, ${rhythm}`)
    parts.push(...quotaWords(publish.quota, 'message'))
    if (recorded !== undefined) parts.push(recorded)
    if (then !== undefined) parts.push('when they came then')
    if (spacing === 'poisson') parts.push('at random moments')
    if (sendsUnmarked(publish)) {
      const which = publish.stampsFront ? 'shorter bodies are' : 'bodies are'
      parts.push(`${which} without a stamp, so that loss cannot be told`)
    }
  }
  if (consume !== undefined) {
    parts.push(`consume ${list(consume.sources)}${consume.spread ? ', each its part' : ''}`)
    parts.push(...quotaWords(consume.quota, 'delivery', 'deliveries'))
    const work = consume.work.map(
      ({ value, seconds }) => `${Number(value.toFixed(3))} ms${Number.isFinite(seconds) ? ` for ${seconds} s` : ''}`,
    )
    if (consume.work.some(({ value }) => value > 0)) parts.push(`${work.join(', then ')} of work for each`)
    if (!consume.settles) parts.push('without acknowledging')
    if (consume.after > 0) parts.push(`from second ${consume.after} on`)
  }
  if (group.firstClient !== 1) parts.push(`numbered from ${group.firstClient} on`)
  if (group.failover && urls.length > 1) parts.push('at the next where one is not to be reached')
  if (Number.isFinite(connectRate)) parts.push(`${connectRate} connections begun a second`)
  if (localAddresses.length > 0) parts.push(`from ${list(localAddresses)}`)
  if (Number.isFinite(lifetime)) parts.push(`each for ${lifetime} s`)
  if (group.cleanup) parts.push('what they make is taken away')
  const set = Object.entries(group.settings).flatMap(([key, value]) =>
    value === undefined || value === codec?.drive?.options[key]?.default ? [] : `${key}=${value}`,
  )
  const each = Object.entries(publish?.options ?? {}).map(([key, { template }]) => `${key}=${template}`)
  return [...parts, ...set, ...each].join(', ')
}

const counted = (count: number, what: string, whats = `${what}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? what : whats}`

/** `1,000 messages in all`, `50 deliveries each`. */
const quotaWords = ({ all, each }: Quota, what: string, whats?: string): string[] => [
  ...(Number.isFinite(all) ? [`${counted(all, what, whats)} in all`] : []),
  ...(Number.isFinite(each) ? [`${counted(each, what, whats)} each`] : []),
]

const list = (names: readonly string[]): string =>
  names.length <= 3 ? names.join(', ') : `${names.slice(0, 2).join(', ')} and ${names.length - 2} more`

function stageWords({
  from,
  to,
  seconds,
}: {
  readonly from: number
  readonly to: number
  readonly seconds: number
}): string {
  const rate = (value: number): string => value.toLocaleString('en')
  const span = Number.isFinite(seconds) ? ` for ${Number(seconds.toFixed(3))} s` : ''
  return from === to ? `${rate(from)}/s${span}` : `${rate(from)} to ${rate(to)}/s in ${seconds} s`
}
