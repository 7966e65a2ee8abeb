import type { Counts, Measure } from '../result.ts'

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
  'publish-confirm': 'publish → confirm',
  'publish-deliver': 'publish → deliver',
  'deliver-ack': 'deliver → ack',
  'request-reply': 'request → reply',
}
