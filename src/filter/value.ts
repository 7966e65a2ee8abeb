import { numeric } from './units.ts'

/** What a literal, or another field's value, can be compared as. What is left out, it is not. */
export interface Constant {
  readonly number?: number | bigint | undefined
  readonly text?: string | undefined
  readonly bytes?: Uint8Array | undefined
  readonly boolean?: boolean | undefined
  /** Made comparable by `moment`. */
  readonly time?: string | undefined
}

/** Whether any of the values at a path passes: a list is each of its items. */
export function some(value: unknown, test: (value: unknown) => boolean): boolean {
  if (Array.isArray(value)) {
    for (const item of value) if (some(item, test)) return true
    return false
  }
  return value !== undefined && value !== null && test(value)
}

/** Negative, zero or positive as `value` is less than, equal to or more than `constant`; undefined: neither. */
export function compare(value: unknown, constant: Constant): number | undefined {
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return order(value, constant.number)
    case 'boolean':
      return order(Number(value), constant.boolean === undefined ? undefined : Number(constant.boolean))
    case 'string':
      return compareText(value, constant)
    case 'object': {
      const bytes = bytesOf(value)
      if (bytes === undefined) return undefined
      const wanted = constant.bytes ?? (constant.text === undefined ? undefined : utf8(constant.text))
      return wanted === undefined ? undefined : Buffer.compare(bytes, wanted)
    }
    default:
      return undefined
  }
}

export function equals(value: unknown, constant: Constant): boolean {
  if (compare(value, constant) === 0) return true
  const { bytes } = constant
  return bytes !== undefined && typeof value === 'string' && utf8(value).equals(bytes)
}

function compareText(value: string, { number, text, bytes, time }: Constant): number | undefined {
  if (time !== undefined) {
    const at = moment(value)
    if (at !== undefined) return order(at, time)
  }
  if (number !== undefined) {
    const is = numeric(value)
    if (is !== undefined) return order(is, number)
  }
  if (text !== undefined) return order(value, text)
  return bytes === undefined ? undefined : Buffer.compare(utf8(value), bytes)
}

function order<T extends number | bigint | string>(a: T, b: T | undefined): number | undefined {
  if (b === undefined) return undefined
  return a < b ? -1 : a > b ? 1 : a >= b ? 0 : undefined
}

/** What another field's value is compared as. */
export function constantOf(value: unknown): Constant {
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return { number: value }
    case 'boolean':
      return { boolean: value }
    case 'string':
      return { text: value, number: numeric(value) }
    default:
      return { bytes: bytesOf(value) }
  }
}

/** Whether a part of `value` is what is wanted. */
export function holds(value: unknown, { text, bytes }: Constant): boolean {
  const own = bytesOf(value)
  if (own !== undefined) {
    const wanted = bytes ?? (text === undefined ? undefined : utf8(text))
    return wanted !== undefined && asBuffer(own).indexOf(asBuffer(wanted)) >= 0
  }
  const within = textOf(value)
  if (within === undefined) return false
  if (text !== undefined && within.includes(text)) return true
  return bytes !== undefined && utf8(within).includes(asBuffer(bytes))
}

/** A scalar as text; bytes are a character each. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'object') {
    const bytes = bytesOf(value)
    return bytes && asBuffer(bytes).toString('latin1')
  }
  return value === undefined ? undefined : String(value)
}

/** The bytes that a value is: as JSON has what is no text, or as they are. */
export function bytesOf(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value
  if (typeof value !== 'object' || value === null || !('base64' in value)) return undefined
  return typeof value.base64 === 'string' ? Buffer.from(value.base64, 'base64') : undefined
}

const asBuffer = ({ buffer, byteOffset, length }: Uint8Array): Buffer => Buffer.from(buffer, byteOffset, length)

export const utf8 = (text: string): Buffer => Buffer.from(text)

const MOMENT = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,9})\d*)?)?(Z|[+-]\d\d:?\d\d)?)?$/

/** A moment in UTC with nanoseconds, so that texts are in the order of time; undefined for what is none. */
export function moment(text: string): string | undefined {
  const [whole, date, minute = '00:00', second = '00', fraction = '', zone = 'Z'] = MOMENT.exec(text) ?? []
  if (whole === undefined) return undefined
  const at = new Date(`${date}T${minute}:${second}${zone}`)
  return Number.isNaN(at.getTime()) ? undefined : `${at.toISOString().slice(0, 20)}${fraction.padEnd(9, '0')}Z`
}
