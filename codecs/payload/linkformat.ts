import { validUtf8 } from '../core/index.ts'
import { type PayloadFormat, Unreadable } from './format.ts'

/** One link of a list in CoRE Link Format [RFC 6690]. */
export interface Link {
  readonly target: string
  /** True where an attribute stands without a value; a list where it stands several times. */
  readonly attributes: Readonly<Record<string, true | string | readonly (true | string)[]>>
}

export const linkFormat: PayloadFormat = {
  id: 'link-format',
  name: 'CoRE Link Format',
  contentTypes: ['application/link-format'],
  decode: bytes => {
    const links = parseLinkFormat(bytes)
    if (links === undefined) throw new Unreadable('not a list of links')
    return { value: links }
  },
}

const TARGET = /\s*<([^>]*)>\s*/y
/** `;name`, `;name=token`, `;name="quoted"`. */
const ATTRIBUTE = /;\s*([^\s=;,"]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?\s*/y

/** The links that a payload lists, or undefined if it is no such list. */
export function parseLinkFormat(bytes: Uint8Array): readonly Link[] | undefined {
  const text = validUtf8(bytes)
  if (text === undefined) return undefined
  const links: Link[] = []
  let at = 0
  while (at < text.length) {
    if (links.length > 0 && text[at++] !== ',') return undefined
    const target = match(TARGET, text, at)
    if (target === null) return undefined
    at = TARGET.lastIndex
    const attributes: Record<string, true | string | (true | string)[]> = Object.create(null)
    for (let found = match(ATTRIBUTE, text, at); found !== null; found = match(ATTRIBUTE, text, at)) {
      at = ATTRIBUTE.lastIndex
      const [, name = '', quoted, token] = found
      const value = quoted?.replace(/\\(.)/g, '$1') ?? token ?? true
      const before = attributes[name]
      if (before === undefined) attributes[name] = value
      else if (Array.isArray(before)) before.push(value)
      else attributes[name] = [before, value]
    }
    links.push({ target: target[1] as string, attributes })
  }
  return links
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}
