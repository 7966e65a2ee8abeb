import { EXIT, Failure } from '../failure.ts'

/** A part of a filter's text. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** What is wrong with a filter, and where: offsets in its text, for who draws it otherwise than with a caret. */
export class FilterError extends Failure {
  readonly start: number
  readonly end: number

  constructor(message: string, text: string, { start, end }: Span, next?: string) {
    const options = { exit: EXIT.usage, ...(next === undefined ? {} : { next }) }
    super(`filter, column ${start + 1}: ${message}\n${pointing(text, start, end)}`, options)
    this.start = start
    this.end = end
  }
}

/** As much of a long filter as is shown around the place. */
const AROUND = 50

/**
 *     mqtt.topc == "a"
 *     ^^^^^^^^^
 */
function pointing(text: string, start: number, end: number): string {
  const from = start > AROUND ? start - AROUND : 0
  const to = Math.min(text.length, Math.max(end, start) + AROUND, start + 2 * AROUND)
  const before = from === 0 ? '' : '…'
  // A control would move the caret, or more than that.
  const shown = text.slice(from, to).replace(/[\p{Cc}\p{Cs}\p{Cf}\u2028\u2029]/gu, ' ')
  const carets = '^'.repeat(Math.max(1, Math.min(end, to) - start))
  return `  ${before}${shown}${to < text.length ? '…' : ''}\n  ${' '.repeat(before.length + start - from)}${carets}`
}
