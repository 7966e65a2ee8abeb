/** How often the two clocks are compared: the thread may lose its processor between one and the other. */
const TRIES = 50

/**
 * Milliseconds of the clock that all threads of a process share, as a number with fractions: what the moments of a run
 * are told in. Each thread's own clock is the same one, from another origin.
 */
export function clock(): () => number {
  let offset = 0
  let least = Number.POSITIVE_INFINITY
  for (let tried = 0; tried < TRIES; tried++) {
    const before = performance.now()
    const shared = Number(process.hrtime.bigint()) / 1e6
    const after = performance.now()
    if (after - before >= least) continue
    least = after - before
    offset = shared - (before + after) / 2
  }
  return () => performance.now() + offset
}
