/** Of the normal distribution: what 97.5 % of it lie below. */
const Z = 1.959964

/**
 * Which share of drawings to leave out at each end for an interval of 95 % confidence. Of few blocks, drawings vary less
 * than runs would: leaving out 2.5 % would promise too much. This is Hesterberg's expanded percentile interval
 * (The American Statistician 69, 2015): α' = Φ(−√(n/(n−1)) · t).
 */
export const tailOf = (blocks: number): number => normal(-Math.sqrt(blocks / (blocks - 1)) * studentT(blocks - 1))

/** 97.5 % quantile of Student's t (Abramowitz and Stegun, 26.7.5); good to a hundredth from 5 degrees of freedom on. */
function studentT(freedom: number): number {
  const [z3, z5, z7] = [Z ** 3, Z ** 5, Z ** 7]
  return (
    Z +
    (z3 + Z) / (4 * freedom) +
    (5 * z5 + 16 * z3 + 3 * Z) / (96 * freedom ** 2) +
    (3 * z7 + 19 * z5 + 17 * z3 - 15 * Z) / (384 * freedom ** 3)
  )
}

/** The normal distribution function below 0 (Abramowitz and Stegun, 26.2.17); good to 7.5e-8. */
function normal(x: number): number {
  const t = 1 / (1 + 0.2316419 * -x)
  const sum = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * sum
}
