/** `1 message`, `1,204 messages`; what has no regular plural is named in both forms. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`

/** `85 ms`, `1.5 s`, `42 s`, `3 min`: two digits, as much as a sentence needs. From nanoseconds. */
export function elapsed(ns: number): string {
  if (ns < 1e6) return `${Math.round(ns / 1e3)} µs`
  if (ns < 1e9) return `${Math.round(ns / 1e6)} ms`
  if (ns < 9.95e9) return `${Number((ns / 1e9).toFixed(1))} s`
  return ns < 300e9 ? `${Math.round(ns / 1e9)} s` : `${Math.round(ns / 60e9)} min`
}
