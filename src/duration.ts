import { usage } from './failure.ts'

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** Milliseconds that timers can wait at most. */
export const LONGEST_TIMER = 2 ** 31 - 1

/** `500ms`, `10s`, `1.5m`, `2h`; a number alone is seconds. In milliseconds. */
export function parseDuration(text: string, flag: string): number {
  const [, digits, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text.trim()) ?? []
  const duration = Math.ceil(Number(digits) * (UNITS[unit] as number))
  if (duration > 0 && duration <= LONGEST_TIMER) return duration
  throw usage(`${flag} ${text}: not a duration`, 'Write 500ms, 10s, 5m or 2h.')
}
