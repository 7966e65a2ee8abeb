/** The timestamps of one pcapng interface: 64-bit counts of its own unit. */
export class InterfaceClock {
  readonly #ticksPerSecond: bigint
  /** if_tsoffset, in nanoseconds. */
  readonly #offset: bigint
  /** Nanoseconds in a tick, as a fraction: a power of ten or of two need not divide 10^9. */
  readonly #numerator: number
  readonly #denominator: number
  #origin: bigint | undefined
  #high = 0
  #low = 0
  #rest = 0

  /** `resolution` is if_tsresol: the exponent of 10^-n, or of 2^-n where the highest bit is set. */
  constructor(resolution = 6, offsetSeconds = 0n) {
    const exponent = BigInt(resolution & 0x7f)
    this.#ticksPerSecond = (resolution & 0x80) === 0 ? 10n ** exponent : 2n ** exponent
    this.#offset = offsetSeconds * SECOND
    const exact = SECOND % this.#ticksPerSecond === 0n
    this.#numerator = exact ? Number(SECOND / this.#ticksPerSecond) : 1e9
    this.#denominator = exact ? 1 : Number(this.#ticksPerSecond)
  }

  /** Nanoseconds since the Unix epoch. */
  absolute(high: number, low: number): bigint {
    const ticks = (BigInt(high) << 32n) | BigInt(low)
    return (ticks * SECOND) / this.#ticksPerSecond + this.#offset
  }

  /** Nanoseconds since `origin`, exact as long as the difference is, though neither of the two need fit a number. */
  since(origin: bigint, high: number, low: number): number {
    if (this.#origin !== origin) this.#countFrom(origin)
    const ticks = (high - this.#high) * 0x1_0000_0000 + (low - this.#low)
    if (this.#denominator === 1) return ticks * this.#numerator + this.#rest
    return Math.round((ticks * this.#numerator) / this.#denominator) + this.#rest
  }

  #countFrom(origin: bigint): void {
    const local = origin - this.#offset
    const ticks = (local * this.#ticksPerSecond) / SECOND
    this.#origin = origin
    this.#high = Number(ticks >> 32n)
    this.#low = Number(ticks & 0xffff_ffffn)
    this.#rest = Number((ticks * SECOND) / this.#ticksPerSecond - local)
  }
}

const SECOND = 1_000_000_000n
