import { EXIT, Failure } from '../failure.ts'
import { pointing } from '../pointing.ts'

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
