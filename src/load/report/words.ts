import type { Counts, Gone, Limit, LoadResult, Measure, Measured, SearchResult } from '../result.ts'

/** How numbers of a load test read. */

/** `850 µs`, `1.24 ms`, `61.2 ms`, `1.25 s`: microseconds, to three digits. */
export function formatMicros(us: number): string {
  if (us < 999.5) return `${Math.round(us)} µs`
  return us < 999_500 ? `${digits(us / 1e3)} ms` : `${digits(us / 1e6)} s`
}

/** `12,345` */
export const formatCount = (count: number): string => Math.round(count).toLocaleString('en')

/** `4,998/s`, `0.25/s` */
export const formatRate = (perSecond: number): string =>
  `${perSecond < 9.995 && !Number.isInteger(perSecond) ? digits(perSecond) : formatCount(perSecond)}/s`

/** `12.3 %`, of a share from 0 to 1. */
export const formatShare = (share: number): string => `${digits(share * 100)} %`

/** Three of them, without zeros that say nothing; all that stand before the point. */
function digits(value: number): string {
  if (value >= 999.5) return formatCount(value)
  return String(Number(value.toPrecision(3)))
}

/** Of something a second, by a clock that may stand still. */
export const perSecond = (count: number, seconds: number): number => (seconds > 0 ? count / seconds : 0)

/** What is counted, as it is written in flags: `connect-failures`. */
export const countName = (count: keyof Counts): string => count.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)

/** From what to what a measure goes. */
export const MEASURE_TITLES: Readonly<Record<Measure, string>> = {
  connect: 'connect',
  'tls-handshake': 'TLS handshake',
  login: 'login',
  'publish-confirm': 'publish → confirm',
  'publish-deliver': 'publish → deliver',
  'deliver-ack': 'deliver → ack',
  'request-reply': 'request → reply',
}

/** From when on a measure is timed; those that are no matter of a schedule, only in one way. */
export const TIMED_TWICE: ReadonlySet<Measure> = new Set(['publish-confirm', 'publish-deliver', 'request-reply'])

/** `12 s`, `0.5 s`: since the start. */
export const formatSeconds = (seconds: number): string => `${Number(seconds.toFixed(1))} s`

/** `12 to 15 s`; a span without an end lasted until the run's. */
export const formatSpan = ({ from, to }: { readonly from: number; readonly to?: number }): string =>
  to === undefined ? `${formatSeconds(from)} to the end` : `${Number(from.toFixed(1))} to ${formatSeconds(to)}`

const LIMITS: Readonly<Record<Limit['what'], string>> = {
  plan: 'nothing but the plan',
  broker: 'the broker',
  generator: 'the generator: this says little of the broker',
  window: 'the window of messages under way',
}

/** What held the rate, and from what that is told. */
export const limitText = ({ what, why }: Limit): string => `limited by ${LIMITS[what]} (${why})`

/** Good or bad, in a word: never by colour alone. */
export const proofWord = (ok: boolean): string => (ok ? '✓ adds up' : '✗ does not add up')
export const thresholdWord = (ok: boolean): string => (ok ? '✓ held' : '✗ crossed')

/** The whole run in a sentence. */
export function verdictText(result: LoadResult): string {
  const { ok, interrupted, proof, thresholds, gone } = result
  const crossed = thresholds.filter(threshold => !threshold.ok).length
  const parts = [
    ...gone.map(({ group, since }) => `${group} had no connection from ${formatSeconds(Math.max(0, since))} on`),
    ...(proof.ok ? [] : ['what was sent is not accounted for']),
    ...(crossed === 0 ? [] : [`${crossed} of ${thresholds.length} thresholds crossed`]),
    ...thresholds.flatMap(({ endedAt }) => (endedAt === undefined ? [] : `ended by one at ${formatSeconds(endedAt)}`)),
    ...(interrupted ? ['interrupted'] : []),
  ]
  const { search } = result
  const limit = search === undefined ? undefined : searchText(search)
  if (limit !== undefined) return `${ok ? '✓' : '✗'} ${[limit, ...parts].join(', ')}`
  if (parts.length > 0) return `${ok ? '✓ passed' : '✗ failed'}: ${parts.join(', ')}`
  if (!ok) return '✗ failed'
  const held = thresholds.length === 0 ? '' : thresholds.length === 1 ? ', the threshold held' : ', all thresholds held'
  return `✓ passed: all is accounted for${held}`
}

/** Who was without a connection in the end, since when, and what was not sent for that. */
export function goneText({ group, clients, since, reason, unsent }: Gone): string {
  const who = clients === 1 ? `${group}: its client` : `${group}: none of its ${formatCount(clients)} clients`
  const had = clients === 1 ? 'had no connection' : 'had a connection'
  const rest = unsent === 0 ? '' : `; ${formatCount(unsent)} of what was due were not sent`
  return `${who} ${had} from ${formatSeconds(Math.max(0, since))} to the end (${reason})${rest}`
}

const BESIDES: Readonly<Record<Limit['what'], string>> = {
  plan: '',
  broker: '',
  generator: ': there the generator was the limit, which says little of the broker',
  window: ': there all of --in-flight was under way',
}

/** What came of a search for the highest rate. */
function searchText({ held, failed, limit, rates }: SearchResult): string {
  if (rates.length === 0) return 'no rate was tried to the end'
  const why = BESIDES[limit.what]
  if (held === null) return `no rate held the threshold${why}`
  const above = failed === null ? '; no rate failed for sure' : `, and not at ${formatRate(failed)}`
  return `the threshold held up to ${formatRate(held)}${above}${why}`
}

/**
 * What waiting before the sending made of the latency, where that is most of it: only latency from the moment a message
 * was due tells of it.
 */
export function waitingText(measure: Measure, { latency, service }: Measured): string | undefined {
  const waited = latency.p99 - service.p99
  if (waited < WORTH_TELLING || latency.p99 < 2 * service.p99) return undefined
  const [due, sent] = [formatMicros(latency.p99), formatMicros(service.p99)]
  return `${MEASURE_TITLES[measure]}: p99 is ${sent} from sending, and ${due} from when it was due: messages waited to be sent`
}

/** Microseconds. */
const WORTH_TELLING = 5_000
