import { BlockList, isIP } from 'node:net'
import type { Field } from '../fields/index.ts'
import type { Literal, Operator } from './syntax.ts'
import { inUnit, quantity } from './units.ts'
import { type Constant, moment } from './value.ts'

/** What about the left side decides how the right side is meant. */
export type Meaning = Pick<Field<unknown>, 'kind' | 'unit'>

export class MeaningError extends Error {
  readonly next: string | undefined

  constructor(message: string, next?: string) {
    super(message)
    this.next = next
  }
}

export const isOrder = (operator: Operator): boolean => operator.startsWith('<') || operator.startsWith('>')

/** What a literal is to a value of this kind. */
export function constantFor(literal: Literal, { kind, unit }: Meaning, operator: Operator): Constant {
  const { text, quoted } = literal
  switch (kind) {
    case 'boolean':
      return { boolean: truth(text) }
    case 'uint':
    case 'int':
    case 'long':
    case 'float':
      return { number: numberFor(text, unit) }
    case 'time':
      return { time: timeFor(text) }
    case 'hex':
      return { bytes: digits(text) ?? wrong('bytes in hexadecimal', 'Write 0a1b2c or 0a:1b:2c.') }
    case 'bytes': {
      const bytes = quoted ? undefined : pairs(text)
      return bytes === undefined ? { text } : { bytes }
    }
    case 'text':
      return quoted ? { text } : { text, number: looseNumber(text, unit, operator) }
    default:
      return quoted
        ? { text, time: moment(text) }
        : {
            text,
            number: looseNumber(text, unit, operator),
            boolean: TRUTHS.get(text.toLowerCase()),
            bytes: pairs(text),
            time: moment(text),
          }
  }
}

function wrong(what: string, next?: string): never {
  throw new MeaningError(`${what} is expected here`, next)
}

const TRUTHS: ReadonlyMap<string, boolean> = new Map([
  ...(['true', 'yes', '1'] as const).map(word => [word, true] as const),
  ...(['false', 'no', '0'] as const).map(word => [word, false] as const),
])

const truth = (text: string): boolean => TRUTHS.get(text.toLowerCase()) ?? wrong('true or false')

function numberFor(text: string, unit: Meaning['unit']): number | bigint {
  const found = quantity(text)
  if (found === undefined) return wrong('a number')
  if (found.time) {
    if (unit !== undefined) return inUnit(found.value, unit)
    throw new MeaningError('this field is no time', 'Compare it with a plain number.')
  }
  if (unit === undefined || found.unit === '') return found.value
  throw new MeaningError('this field is a time', 'Write for example 250ms, 1.5s or 2h.')
}

/** Of what may be text, a number with a unit counts as one only where an order is asked for. */
function looseNumber(text: string, unit: Meaning['unit'], operator: Operator): number | bigint | undefined {
  const found = quantity(text)
  if (found === undefined || found.unit === '') return found?.value
  if (!isOrder(operator)) return undefined
  if (!found.time) return found.value
  if (unit !== undefined) return inUnit(found.value, unit)
  throw new MeaningError('what this field counts is not known', 'Compare it with a plain number.')
}

function timeFor(text: string): string {
  const at = moment(text)
  if (at !== undefined) return at
  throw new MeaningError('a time is expected here', 'Write for example "2026-11-23T06:46:00.5Z".')
}

const PAIRS = /^[\da-f]{2}(?:[:.-][\da-f]{2})+$/i
const PREFIXED = /^0x(?:[\da-f]{2})+$/i

/** Bytes that look it: `0a:0b`, `0x0a0b`. */
function pairs(text: string): Uint8Array | undefined {
  if (PREFIXED.test(text)) return Buffer.from(text.slice(2), 'hex')
  return PAIRS.test(text) ? Buffer.from(text.replace(/[:.-]/g, ''), 'hex') : undefined
}

/** Bytes where nothing else can be meant. */
function digits(text: string): Uint8Array | undefined {
  const plain = text.replace(/^0x|[:.-]/gi, '')
  return /^(?:[\da-f]{2})*$/i.test(plain) ? Buffer.from(plain, 'hex') : undefined
}

/** Hosts that are this one, or in this network. */
export function network(text: string): (host: unknown) => boolean {
  const [, address = '', length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const family = isIP(address)
  const bits = length === undefined ? undefined : Number(length)
  if (family === 0 || (bits !== undefined && bits > (family === 4 ? 32 : 128))) {
    throw new MeaningError('an address is expected here', 'Write 10.0.0.1, 10.0.0.0/8 or fe80::/10.')
  }
  const list = new BlockList()
  const type = family === 4 ? 'ipv4' : 'ipv6'
  list.addSubnet(address, bits ?? (family === 4 ? 32 : 128), type)
  return host => typeof host === 'string' && isIP(host) === family && list.check(host, type)
}

/** What a part of a value of this kind is looked for as. */
export function partFor(literal: Literal, { kind }: Meaning): Constant {
  const { text, quoted } = literal
  if (kind === 'hex') return constantFor(literal, { kind }, 'contains')
  const bytes = quoted ? undefined : pairs(text)
  if (kind === 'bytes') return bytes === undefined ? { text } : { bytes }
  return { text, bytes: kind === 'any' || kind === 'list' ? bytes : undefined }
}

/** A value that is hexadecimal in the JSON, as the bytes that it is. */
export const fromHex = (value: unknown): unknown => (typeof value === 'string' ? Buffer.from(value, 'hex') : value)
