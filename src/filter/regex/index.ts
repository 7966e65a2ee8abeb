import { Automaton } from './automaton.ts'
import { parsePattern } from './parse.ts'

export { PatternError } from './parse.ts'

/**
 * A regular expression as a test of text. It takes time linear in the text, whatever the pattern and whoever wrote the
 * text: JavaScript's own expressions may take exponential time, and a filter runs over what strangers send.
 */
export function regex(pattern: string, insensitive = false): (text: string) => boolean {
  const automaton = new Automaton(parsePattern(pattern, insensitive))
  return text => automaton.test(text)
}
