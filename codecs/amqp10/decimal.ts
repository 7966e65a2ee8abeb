import type { ScalarType } from './types.ts'

export type DecimalType = ScalarType & `decimal${string}`

/** IEEE 754-2008, binary integer decimal encoding: bits of the number, digits it holds, bias of its exponent. */
const FORMATS: Readonly<
  Record<DecimalType, { readonly bits: number; readonly digits: number; readonly bias: number }>
> = {
  decimal32: { bits: 32, digits: 7, bias: 101 },
  decimal64: { bits: 64, digits: 16, bias: 398 },
  decimal128: { bits: 128, digits: 34, bias: 6176 },
}

/**
 * A decimal floating-point number [1.6.13]–[1.6.15]. It is its bytes: one number has several encodings (1.0 is not
 * 1.00), and binary fractions cannot hold it.
 */
export class Decimal {
  readonly type: DecimalType
  readonly bytes: Uint8Array

  constructor(type: DecimalType, bytes: Uint8Array) {
    this.type = type
    this.bytes = bytes
  }

  /** `-12.50`, `1E+20`, `NaN`, `Infinity`: digits and exponent just as given. */
  static parse(type: DecimalType, text: string): Decimal {
    const { bits, digits, bias } = FORMATS[type]
    const special = /^([+-]?)(NaN|sNaN|Infinity)$/.exec(text)
    if (special !== null) {
      const top = { NaN: 0x7c, sNaN: 0x7e, Infinity: 0x78 }[special[2] as 'NaN']
      return new Decimal(type, toBytes(bits, BigInt(special[1] === '-' ? top | 0x80 : top) << BigInt(bits - 8)))
    }
    const found = /^([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text)
    if (found === null) throw new RangeError(`${text} is not a decimal number`)
    const [, sign, whole = '', fraction = '', power = '0'] = found
    const coefficient = BigInt(whole + fraction)
    const exponent = Number(power) - fraction.length + bias
    const { exponentBits, limit } = layout(bits)
    if (String(coefficient).length > digits || exponent < 0 || exponent >= limit) {
      throw new RangeError(`${text} does not fit in a ${type}`)
    }
    const low = BigInt(bits - 1 - exponentBits)
    // A coefficient that begins with the bits 100 drops them, and the combination field says so with 11.
    const number =
      coefficient < 1n << low
        ? (BigInt(exponent) << low) | coefficient
        : (3n << BigInt(bits - 3)) | (BigInt(exponent) << (low - 2n)) | (coefficient & ((1n << (low - 2n)) - 1n))
    return new Decimal(type, toBytes(bits, sign === '-' ? number | (1n << BigInt(bits - 1)) : number))
  }

  toString(): string {
    const { bits, digits, bias } = FORMATS[this.type]
    const number = this.bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
    const sign = number >> BigInt(bits - 1) === 1n ? '-' : ''
    const top = Number(number >> BigInt(bits - 6)) & 0x1f
    if (top === 0x1f) return `${sign}${(this.bytes[0] as number) & 2 ? 'sNaN' : 'NaN'}`
    if (top === 0x1e) return `${sign}Infinity`
    const { exponentBits } = layout(bits)
    const low = BigInt(bits - 1 - exponentBits)
    const large = top >> 3 === 3
    const shift = large ? low - 2n : low
    const exponent = Number((number >> shift) & ((1n << BigInt(exponentBits)) - 1n)) - bias
    let coefficient = number & ((1n << shift) - 1n)
    if (large) coefficient |= 1n << low
    // More digits than the format has stand for zero.
    if (coefficient >= 10n ** BigInt(digits)) coefficient = 0n
    return sign + scientific(String(coefficient), exponent)
  }

  toJSON(): string {
    return this.toString()
  }
}

/** The exponent's two leading bits are never 11: that is what marks the other form. */
function layout(bits: number): { readonly exponentBits: number; readonly limit: number } {
  const exponentBits = bits === 32 ? 8 : bits === 64 ? 10 : 14
  return { exponentBits, limit: 3 << (exponentBits - 2) }
}

/** General Decimal Arithmetic's to-scientific-string: an exponent only where plain digits would not tell. */
function scientific(digits: string, exponent: number): string {
  const adjusted = exponent + digits.length - 1
  if (exponent <= 0 && adjusted >= -6) {
    if (exponent === 0) return digits
    const padded = digits.padStart(1 - exponent, '0')
    return `${padded.slice(0, exponent)}.${padded.slice(exponent)}`
  }
  const mantissa = digits.length === 1 ? digits : `${digits[0]}.${digits.slice(1)}`
  return `${mantissa}E${adjusted < 0 ? '' : '+'}${adjusted}`
}

function toBytes(bits: number, number: bigint): Uint8Array {
  return Uint8Array.from({ length: bits / 8 }, (_, index) => Number((number >> BigInt(bits - 8 - index * 8)) & 0xffn))
}
