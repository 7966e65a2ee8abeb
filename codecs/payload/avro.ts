import { hex, validUtf8 } from '../core/index.ts'
import { BytesReader } from './bytes.ts'
import { shortest } from './float.ts'
import { MAX_DEPTH, Unreadable } from './format.ts'

/**
 * Avro's binary encoding (Avro 1.12, "Binary encoding") by a schema.
 *
 * Nothing is made ready for what a count announces, and what takes no bytes is counted: a list of as many nulls as a
 * long can count is six bytes.
 */

/** A schema with its names resolved. */
export type AvroType =
  | { readonly type: 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'bytes' | 'string'; logical?: Logical }
  | { readonly type: 'fixed'; readonly size: number; logical?: Logical }
  | { readonly type: 'enum'; readonly symbols: readonly string[] }
  | { readonly type: 'array'; readonly items: AvroType }
  | { readonly type: 'map'; readonly values: AvroType }
  | { readonly type: 'union'; readonly branches: readonly AvroType[] }
  | { readonly type: 'record'; readonly fields: readonly { readonly name: string; readonly type: AvroType }[] }

/** What a value means; `scale` is of decimals. */
export interface Logical {
  readonly name: string
  readonly scale: number
}

/** Values that take no bytes of their own, of one body. */
const MAX_EMPTY = 100_000

/** The value; longs are text. Throws Unreadable where the bytes are not one value of this type, from first to last. */
export function decodeAvro(bytes: Uint8Array, type: AvroType, start = 0): unknown {
  const reader = new AvroReader(bytes, start)
  const value = reader.value(type, 0)
  if (reader.at < bytes.length)
    throw new Unreadable(`${bytes.length - reader.at} bytes more than the schema takes`, reader.at)
  return value
}

class AvroReader extends BytesReader {
  /** Values that may still come. */
  #left: number

  constructor(bytes: Uint8Array, at: number) {
    super(bytes, at)
    this.#left = bytes.length + MAX_EMPTY
  }

  value(type: AvroType, depth: number): unknown {
    if (depth > MAX_DEPTH) throw new Unreadable(`nested deeper than ${MAX_DEPTH}`, this.at)
    if (--this.#left < 0) throw new Unreadable('more values than bytes', this.at)
    switch (type.type) {
      case 'null':
        return null
      case 'boolean': {
        const byte = this.bytes[this.take(1)] as number
        if (byte > 1) throw new Unreadable(`a boolean of ${byte}`, this.at - 1)
        return byte === 1
      }
      case 'int': {
        const start = this.at
        const int = Number(this.#long())
        if (int !== (int | 0)) throw new Unreadable(`an int of ${int}`, start)
        return type.logical === undefined ? int : (meaning(type.logical, int) ?? int)
      }
      case 'long': {
        const long = this.#long()
        return (type.logical === undefined ? undefined : meaning(type.logical, long)) ?? String(long)
      }
      case 'float':
        return shortest(this.view(4).getFloat32(0, true))
      case 'double':
        return this.view(8).getFloat64(0, true)
      case 'bytes':
        return binary(this.#sized(), type.logical)
      case 'fixed':
        return binary(this.binary(type.size), type.logical)
      case 'string': {
        const bytes = this.#sized()
        const text = validUtf8(bytes)
        if (text === undefined) throw new Unreadable('a string that is not UTF-8', this.at - bytes.length)
        return text
      }
      case 'enum':
        return this.#choice(type.symbols, 'enum')
      case 'union':
        return this.value(this.#choice(type.branches, 'union'), depth + 1)
      case 'array': {
        const items: unknown[] = []
        this.#blocks(() => items.push(this.value(type.items, depth + 1)))
        return items
      }
      case 'map': {
        const map: Record<string, unknown> = Object.create(null)
        this.#blocks(() => {
          const key = this.value(STRING, depth) as string
          map[key] = this.value(type.values, depth + 1)
        })
        return map
      }
      case 'record': {
        const record: Record<string, unknown> = Object.create(null)
        for (const { name, type: field } of type.fields) record[name] = this.value(field, depth + 1)
        return record
      }
    }
  }

  /** Zig-zag, of at most ten bytes. */
  #long(): number | bigint {
    const start = this.at
    let value = 0
    for (let scale = 1; this.at < start + 7; scale *= 128) {
      const byte = this.bytes[this.take(1)] as number
      value += (byte & 127) * scale
      if (byte < 128) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
    }
    let long = BigInt(value)
    for (let shift = 49n; this.at < start + 10; shift += 7n) {
      const byte = this.bytes[this.take(1)] as number
      long |= BigInt(byte & 127) << shift
      if (byte < 128) return BigInt.asIntN(64, (long >> 1n) ^ -(long & 1n))
    }
    throw new Unreadable('a number of more than ten bytes', start)
  }

  #sized(): Uint8Array {
    const from = this.at
    const length = Number(this.#long())
    if (length < 0) throw new Unreadable(`a length of ${length}`, from)
    return this.binary(length)
  }

  #choice<T>(of: readonly T[], what: string): T {
    const start = this.at
    const index = this.#long()
    const choice = of[Number(index)]
    if (choice === undefined) throw new Unreadable(`${what} index ${index} of ${of.length}`, start)
    return choice
  }

  /** Items come in blocks; the count of one is negative where its size in bytes follows. */
  #blocks(item: () => void): void {
    for (;;) {
      const count = Number(this.#long())
      if (count === 0) return
      if (count < 0) this.#long()
      for (let left = Math.abs(count); left > 0; left--) item()
    }
  }
}

const STRING: AvroType = { type: 'string' }

const binary = (bytes: Uint8Array, logical: Logical | undefined): unknown =>
  logical?.name === 'decimal' && bytes.length <= LONGEST_DECIMAL ? decimal(bytes, logical.scale) : bytes

/** Digits take more than linear time to make. */
const LONGEST_DECIMAL = 256

function decimal(bytes: Uint8Array, scale: number): string {
  const unscaled = bytes.length === 0 ? 0n : BigInt.asIntN(bytes.length * 8, BigInt(`0x${hex(bytes)}`))
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0')
  const point = digits.length - scale
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, point)}${scale > 0 ? `.${digits.slice(point)}` : ''}`
}

const DAY = 86_400_000

/** Units of a logical type in a millisecond, and whether it is of UTC. */
const TIMES: Readonly<Record<string, readonly [perMillisecond: bigint, zone: string]>> = {
  'timestamp-millis': [1n, 'Z'],
  'timestamp-micros': [1000n, 'Z'],
  'timestamp-nanos': [1_000_000n, 'Z'],
  'local-timestamp-millis': [1n, ''],
  'local-timestamp-micros': [1000n, ''],
  'local-timestamp-nanos': [1_000_000n, ''],
}

/** A date or a time as ISO 8601 has it; undefined where it is none that has a year of four digits. */
function meaning({ name }: Logical, value: number | bigint): string | undefined {
  if (name === 'date') return iso(Number(value) * DAY)?.slice(0, 10)
  const [perMillisecond, zone] = TIMES[name] ?? []
  if (perMillisecond === undefined) return undefined
  const units = BigInt(value)
  const rest = ((units % perMillisecond) + perMillisecond) % perMillisecond
  const whole = iso(Number((units - rest) / perMillisecond))
  if (whole === undefined) return undefined
  const finer = perMillisecond === 1n ? '' : String(rest).padStart(String(perMillisecond).length - 1, '0')
  return whole.slice(0, -1) + finer + zone
}

function iso(milliseconds: number): string | undefined {
  if (Math.abs(milliseconds) > 8.64e15) return undefined
  const text = new Date(milliseconds).toISOString()
  return text.length === 24 ? text : undefined
}
