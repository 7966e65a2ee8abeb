import { createRequire } from 'node:module'
import type measure from 'string-width'

let loaded: typeof measure | undefined

/** Loaded when text is met that is not ASCII: the tables of Unicode take longer to prepare than a short capture to show. */
function stringWidth(text: string): number {
  loaded ??= (createRequire(import.meta.url)('string-width') as { default: typeof measure }).default
  return loaded(text)
}

/** ASCII, and the arrows of our own headings: a column each. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the whole ASCII range is meant
const NARROW = /^[\x00-\x7f←→]*$/
/** Text this short is looked at sooner than a regular expression is set up. */
const SHORT = 64

function isNarrow(text: string): boolean {
  if (text.length > SHORT) return NARROW.test(text)
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return NARROW.test(text)
  return true
}

let segmenter: Intl.Segmenter | undefined

/** Columns that `text`, free of controls, takes on a terminal. */
export const columns = (text: string): number => (isNarrow(text) ? text.length : stringWidth(text))

/** `text` in at most `width` columns; where something had to go, it ends in `…`. */
export function cut(text: string, width: number): string {
  if (columns(text) <= width) return text
  if (width < 1) return ''
  if (isNarrow(text)) return `${text.slice(0, width - 1)}…`
  segmenter ??= new Intl.Segmenter()
  let kept = ''
  let taken = 1
  // No more characters than columns are looked at, however long the text is.
  for (const { segment } of segmenter.segment(text)) {
    taken += stringWidth(segment)
    if (taken > width) break
    kept += segment
  }
  return `${kept}…`
}
