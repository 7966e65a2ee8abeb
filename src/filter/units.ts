import type { TimeUnit } from '../../codecs/core/index.ts'

/** A number as it was written, with its unit: bytes and times in the units that everybody writes. */
export interface Quantity {
  readonly value: number | bigint
  /** Of a time: what `value` counts is nanoseconds. */
  readonly time: boolean
  readonly unit: string
}

const SIZES: Readonly<Record<string, number>> = {
  ...{ b: 1, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12 },
  ...{ kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, tib: 2 ** 40 },
}
const TIMES: Readonly<Record<string, number>> = {
  ...{ ns: 1, us: 1e3, µs: 1e3, μs: 1e3, ms: 1e6, s: 1e9 },
  ...{ m: 60e9, min: 60e9, h: 3600e9, d: 86_400e9 },
}
const NANOSECONDS: Readonly<Record<TimeUnit, number>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 }

const QUANTITY = /^([+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?)([a-zµμ]*)$/i
const HEXADECIMAL = /^0x[\da-f]+$/i

/** Undefined for what is no number. */
export function quantity(text: string): Quantity | undefined {
  if (HEXADECIMAL.test(text)) return { value: exact(BigInt(text)), time: false, unit: '' }
  const [, digits = '', unit = ''] = QUANTITY.exec(text) ?? []
  const value = numeric(digits)
  if (value === undefined) return undefined
  if (unit === '') return { value, time: false, unit }
  const size = own(SIZES, unit.toLowerCase())
  if (size !== undefined) return { value: times(value, size), time: false, unit }
  const time = own(TIMES, unit)
  return time === undefined ? undefined : { value: times(value, time), time: true, unit }
}

const own = (units: Readonly<Record<string, number>>, name: string): number | undefined =>
  Object.hasOwn(units, name) ? units[name] : undefined

/** A time in the unit that a field counts in. */
export const inUnit = (nanoseconds: number | bigint, unit: TimeUnit): number => Number(nanoseconds) / NANOSECONDS[unit]

const times = (value: number | bigint, factor: number): number | bigint =>
  typeof value === 'bigint' ? value * BigInt(factor) : value * factor

const INTEGER = /^[+-]?\d+$/
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,4})?$/i
/** Longer than any number that is meant as one. */
const LONGEST = 64

/** The number that a text is, exact also beyond 2^53; undefined where it is none. */
export function numeric(text: string): number | bigint | undefined {
  if (text.length === 0 || text.length > LONGEST) return undefined
  if (INTEGER.test(text)) return text.length < 16 ? Number(text) : exact(BigInt(text))
  return DECIMAL.test(text) ? Number(text) : undefined
}

const exact = (value: bigint): number | bigint =>
  value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value
