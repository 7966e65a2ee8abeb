import type { CommandFrame, StompFrame } from './frames.ts'
import { definitionOf, type StandardField } from './tables.ts'

/** Said elsewhere in the line, of little use in it, or secret. */
const left = new Set<StandardField>(['passcode', 'contentType', 'contentLength'])

/** One line for lists: what the standard headers say, and how long the body is. */
export function summary(frame: StompFrame): string {
  if (frame.type === 'heartbeat') return ''
  const { headers, body } = frame as CommandFrame
  const fields = definitionOf(frame.type)?.fields
  const values = frame as Readonly<Partial<Record<StandardField, string>>>
  const parts =
    fields === undefined
      ? headers.entries.map(({ name, value }) => `${name}=${quote(value)}`)
      : fields.flatMap(field => {
          const value = left.has(field) ? undefined : values[field]
          return value === undefined ? [] : [`${field}=${quote(value)}`]
        })
  if (body !== undefined) parts.push(body.length === 1 ? '1 byte' : `${body.length} bytes`)
  return parts.join(' ')
}

const LONGEST = 120

/** As it is where it is plain, else in quotes with everything escaped that could move a terminal's cursor. */
function quote(text: string): string {
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
  if (/^[\w.\-:/#*+@$%~,;=]+$/.test(cut)) return cut
  return JSON.stringify(cut).replace(
    /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu,
    character => `\\u{${(character.codePointAt(0) as number).toString(16)}}`,
  )
}
