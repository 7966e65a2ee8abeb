import { type Parameters, payloads, plain } from '../../../codecs/payload/index.ts'

/** `08 96 01` as bytes. */
export const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

export function format(id: string) {
  const found = payloads.find(format => format.id === id)
  if (found === undefined) throw new Error(`no format ${id}`)
  return found
}

/** What bytes are in a format, as JSON has it. */
export const decoded = (id: string, body: Uint8Array, parameters: Parameters = {}): unknown =>
  plain(format(id).decode(body, parameters).value).value
