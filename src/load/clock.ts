/**
 * Milliseconds of the clock that all threads of a process share, as a number with fractions: what the moments of a run
 * are told in.
 */
export function clock(): () => number {
  const offset = Number(process.hrtime.bigint()) / 1e6 - performance.now()
  return () => performance.now() + offset
}
