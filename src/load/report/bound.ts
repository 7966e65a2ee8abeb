/** In what a threshold's bound is written. */
export type Unit = 'time' | 'count' | 'bytes' | 'count/s' | 'bytes/s' | 'share'

const MICROSECONDS: Readonly<Record<string, number>> = { us: 1, µs: 1, μs: 1, ms: 1e3, s: 1e6, m: 60e6 }
const THOUSANDS: Readonly<Record<string, number>> = { '': 1, k: 1e3, M: 1e6, G: 1e9 }
const BYTES: Readonly<Record<string, number>> = { '': 1, B: 1, kB: 1e3, MB: 1e6, GB: 1e9 }

interface Writing {
  readonly units: Readonly<Record<string, number>>
  /** Stands behind the number and its unit. */
  readonly suffix: string
  readonly example: string
}

const WRITTEN: Readonly<Record<Unit, Writing>> = {
  time: { units: MICROSECONDS, suffix: '', example: 'a time: 500us, 50ms, 1.5s' },
  count: { units: THOUSANDS, suffix: '', example: 'a number: 0, 5000, 5k; of a share, write rate before it' },
  bytes: { units: BYTES, suffix: '', example: 'a number of bytes: 5000, 20MB' },
  'count/s': { units: THOUSANDS, suffix: '/s', example: 'a rate: 5000/s, 5k/s; a share: 1%' },
  'bytes/s': { units: BYTES, suffix: '/s', example: 'a rate: 5000/s, 20MB/s' },
  share: { units: { '': 0.01 }, suffix: '%', example: 'a share: 1%, 0.1%' },
}

/** Microseconds, counts (a second), a share from 0 to 1; or what is wrong with it. */
export function bound(text: string, unit: Unit): number | string {
  const { units, suffix, example } = WRITTEN[unit]
  const [, digits, written = ''] = /^(\d+(?:\.\d+)?)\s*(.*)$/.exec(text) ?? []
  if (digits === undefined || !written.endsWith(suffix)) return wrong(text, example)
  const name = written.slice(0, written.length - suffix.length).trim()
  const factor = Object.hasOwn(units, name) ? units[name] : undefined
  return factor === undefined ? wrong(text, example) : Number(digits) * factor
}

const wrong = (text: string, example: string): string =>
  `${text === '' ? 'with what is it compared? Write' : `${text} is not`} ${example}`
