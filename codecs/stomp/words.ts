import { utf8 } from '../core/index.ts'
import { commandEnd } from './layout.ts'
import { BROKERS_HEADERS, commands, standard } from './tables.ts'

/** Recognises a few known words in bytes without making a string. */
class Words {
  readonly #byLength: { readonly word: string; readonly bytes: Uint8Array }[][] = []

  constructor(words: readonly string[]) {
    for (const word of words) {
      const sameLength = (this.#byLength[word.length] ??= [])
      sameLength.push({ word, bytes: Uint8Array.from(word, letter => letter.charCodeAt(0)) })
    }
  }

  /** The word that bytes [start, end) spell, if it is one of them. */
  at(bytes: Uint8Array, start: number, end: number): string | undefined {
    const candidates = this.#byLength[end - start]
    if (candidates === undefined) return undefined
    for (const { word, bytes: letters } of candidates) {
      let at = 0
      while (at < letters.length && letters[at] === bytes[start + at]) at++
      if (at === letters.length) return word
    }
    return undefined
  }
}

const knownCommands = new Words(commands)
const knownNames = new Words([...Object.values(standard).map(({ header }) => header as string), ...BROKERS_HEADERS])

/** Whether bytes [start, end) are a command of some version. */
export const isKnownCommand = (bytes: Uint8Array, start: number, end: number): boolean =>
  knownCommands.at(bytes, start, end) !== undefined

/** The command that a frame begins with. */
export function commandAt(bytes: Uint8Array, start: number, end: number): string {
  const to = commandEnd(bytes, start, end)
  return knownCommands.at(bytes, start, to) ?? utf8(bytes, start, to)
}

export const headerName = (bytes: Uint8Array, start: number, end: number): string =>
  knownNames.at(bytes, start, end) ?? utf8(bytes, start, end)
