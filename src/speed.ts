import { usage } from './failure.ts'

/** `--speed 10`: so many times as fast as it was recorded; `max`, at once, is Infinity. */
export function parseSpeed(text: string): number {
  const times = text === 'max' ? Number.POSITIVE_INFINITY : Number(text)
  if (times > 0 && (Number.isFinite(times) || text === 'max')) return times
  throw usage(`--speed ${text} is neither a number above 0 nor max`, 'Ten times as fast is --speed 10.')
}
