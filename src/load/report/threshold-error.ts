import { EXIT, Failure } from '../../failure.ts'
import { near } from '../../near.ts'
import { pointing } from '../../pointing.ts'

/** What is wrong with a threshold, and where. `names` are what could have stood there. */
export class ThresholdError extends Failure {
  constructor(
    flag: string,
    text: string,
    message: string,
    start: number,
    length: number,
    names: readonly string[] = [],
  ) {
    const wrong = text.slice(start, start + length)
    const [meant] = /^\w/.test(wrong) ? near(wrong, names) : []
    const next = meant === undefined ? known(names) : `Did you mean ${meant}?`
    super(`${flag}, column ${start + 1}: ${message}\n${pointing(text, start, start + length)}`, {
      exit: EXIT.usage,
      next,
    })
  }
}

const known = (names: readonly string[]): string =>
  names.length === 0 ? 'For example: publish-confirm p(99) < 50ms.' : `It could be: ${names.join(' ')}.`
