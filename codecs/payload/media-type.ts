import type { Parameters } from './format.ts'

/** `text/plain; charset=utf-8` [RFC 9110 §8.3.1], its names in lower case. */
export interface MediaType {
  readonly type: string
  readonly parameters: Parameters
}

/** Content types are short; what is longer is none. */
const LONGEST = 512
const TYPE = /^\s*([^\s;,/"]+\/[^\s;,/"]+)\s*(?=;|$)/
const PARAMETER = /;\s*([^\s;="]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))\s*/y

/** The media type that a content type says, or undefined where it is none. */
export function parseMediaType(text: string): MediaType | undefined {
  if (text.length > LONGEST) return undefined
  const type = TYPE.exec(text)
  if (type === null) return undefined
  const parameters: Record<string, string> = Object.create(null)
  PARAMETER.lastIndex = type[0].length
  for (let found = PARAMETER.exec(text); found !== null; found = PARAMETER.exec(text)) {
    const [, name = '', quoted, token = ''] = found
    parameters[name.toLowerCase()] ??= quoted?.replace(/\\(.)/g, '$1') ?? token
  }
  return { type: (type[1] as string).toLowerCase(), parameters }
}

/** Whether this type is in a list of media types, suffixes (`+json`) and whole trees (`text/`). */
export function isOneOf(type: string, types: readonly string[]): boolean {
  const suffix = type.lastIndexOf('+')
  return (
    types.includes(type) ||
    (suffix > 0 && types.includes(type.slice(suffix))) ||
    types.includes(type.slice(0, type.indexOf('/') + 1))
  )
}
