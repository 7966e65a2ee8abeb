/** As much of a long text as is shown around the place. */
const AROUND = 50

/**
 * What was written, with what is wrong in it marked, from offset `start` to `end`:
 *
 *     mqtt.topc == "a"
 *     ^^^^^^^^^
 */
export function pointing(text: string, start: number, end: number): string {
  const from = start > AROUND ? start - AROUND : 0
  const to = Math.min(text.length, Math.max(end, start) + AROUND, start + 2 * AROUND)
  const before = from === 0 ? '' : '…'
  // A control would move the caret, or more than that.
  const shown = text.slice(from, to).replace(/[\p{Cc}\p{Cs}\p{Cf}\u2028\u2029]/gu, ' ')
  const carets = '^'.repeat(Math.max(1, Math.min(end, to) - start))
  return `  ${before}${shown}${to < text.length ? '…' : ''}\n  ${' '.repeat(before.length + start - from)}${carets}`
}
