/**
 * The moment that a timestamp most likely means. 0-9-1 says seconds since 1970; libraries that pass milliseconds,
 * microseconds or nanoseconds, and negative numbers as unsigned ones, are common. Undefined where no guess makes sense.
 */
export function timeOf(raw: number | bigint): Date | undefined {
  let units = Number(typeof raw === 'bigint' ? BigInt.asIntN(64, raw) : raw)
  // Seconds stay below 10^11 until the year 5138; above it, each unit is a thousand times finer than the one before.
  let seconds = 1
  while (Math.abs(units / seconds) >= 1e11 && seconds < 1e9) seconds *= 1000
  units = (units / seconds) * 1000
  const time = new Date(Math.trunc(units))
  return Number.isNaN(time.getTime()) ? undefined : time
}
