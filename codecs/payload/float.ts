/**
 * The number of fewest digits that is this one when stored in 32 bits: 0.1, where the double beside it is
 * 0.10000000149011612.
 */
export function shortest(float32: number): number {
  if (Number.isInteger(float32) || !Number.isFinite(float32)) return float32
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(float32.toPrecision(digits))
    if (Math.fround(short) === float32) return short
  }
  return float32
}
