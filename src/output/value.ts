import { type Field, hex, MASK, toJson, validUtf8, walk } from '../../codecs/core/index.ts'
import { printable } from './escape.ts'

/** `"orders"`, `61`, `0a0b0c`: a field's value on one line, no longer than `limit` characters. */
export function formatValue(field: Field, secrets: boolean, limit: number): string {
  if (!secrets && holdsSecret(field)) return field.secret === true ? MASK : ''
  const value = field.value
  if (value === undefined) return ''
  const text = field.text === undefined ? '' : ` (${printable(field.text)})`
  return describe(value, limit) + text
}

/** The value of a group shows what is in it, credentials too. */
function holdsSecret(field: Field): boolean {
  for (const { field: node } of walk(field)) if (node.secret === true) return true
  return false
}

function describe(value: unknown, limit: number): string {
  if (typeof value === 'string') return shorten(value, limit, text => `"${printable(text)}"`)
  if (value instanceof Uint8Array) {
    // Whether megabytes are text is told by as much of them as is shown.
    const head = value.subarray(0, limit)
    const text = validUtf8(value.length > limit ? head.subarray(0, wholeCharacters(head)) : head)
    if (text !== undefined) return `"${printable(text)}"${more(value.length > limit, value.length)}`
    return hex(head.subarray(0, limit / 2)) + more(value.length * 2 > limit, value.length)
  }
  if (typeof value === 'object') return shorten(JSON.stringify(toJson(value)), limit, printable)
  return printable(String(value))
}

function shorten(text: string, limit: number, show: (text: string) => string): string {
  if (text.length <= limit) return show(text)
  return `${show(text.slice(0, limit))}… ${text.length} characters`
}

const more = (cut: boolean, length: number): string => (cut ? `… ${length} bytes` : '')

/** Where the last character that is whole ends. */
function wholeCharacters(bytes: Uint8Array): number {
  let end = bytes.length
  for (let back = 1; back <= 4 && back <= end; back++) {
    const byte = bytes[end - back] as number
    if (byte < 0x80) return end
    if (byte >= 0xc0) {
      end -= back
      break
    }
  }
  return end
}
