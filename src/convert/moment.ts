import { parseDuration } from '../duration.ts'
import { usage } from '../failure.ts'

/** A moment of a recording: itself, or so long after the beginning. In nanoseconds. */
export type Moment = { readonly absolute: bigint } | { readonly relative: bigint }

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)$/

/** `2026-11-23T06:46:00.5Z`, or `30s`, `+5m` after the beginning. */
export function parseMoment(text: string, flag: string): Moment {
  const absolute = nanosecondsOf(text)
  if (absolute !== undefined) return { absolute }
  if (/^\+?0(?:ms|s|m|h)?$/.test(text)) return { relative: 0n }
  if (/^\+?[\d.]+[a-z]*$/.test(text)) {
    return { relative: BigInt(parseDuration(text.replace('+', ''), flag)) * MILLISECOND }
  }
  throw usage(`${flag} ${text}: not a time`, 'Write 2026-11-23T06:46:00Z, or how long after the beginning: 30s, 5m.')
}

const MILLISECOND = 1_000_000n

export const momentAt = (moment: Moment, origin: bigint): bigint =>
  'absolute' in moment ? moment.absolute : origin + moment.relative

/** `2026-11-23T06:46:00.123456789Z` in nanoseconds since the Unix epoch; undefined where it is no time. */
export function nanosecondsOf(text: string): bigint | undefined {
  const [, fraction = ''] = ISO.exec(text) ?? []
  const milliseconds = Date.parse(text.replace(/\.\d+/, ''))
  if (!ISO.test(text) || Number.isNaN(milliseconds)) return undefined
  return BigInt(milliseconds) * MILLISECOND + BigInt(fraction.padEnd(9, '0'))
}

export function isoOf(nanoseconds: bigint): string {
  const seconds = nanoseconds / 1_000_000_000n
  const date = new Date(Number(seconds) * 1000).toISOString()
  return `${date.slice(0, -5)}.${String(nanoseconds % 1_000_000_000n).padStart(9, '0')}Z`
}
