import fc from 'fast-check'
import { type CommandFrame, commands, Headers, stompFrame, type Version } from '../../../codecs/stomp/index.ts'

export const BODIES = ['SEND', 'MESSAGE', 'ERROR']
const UNESCAPED = ['CONNECT', 'STOMP', 'CONNECTED']

/** What a header line of this command can hold at all in this version. No version can have a NUL there. */
function sayable(command: string, version: Version) {
  if (UNESCAPED.includes(command) || version === '1.0') {
    return (text: string, part: 'name' | 'value') =>
      !/\n|\r$|^[ \t]|[ \t]$/.test(text) && (part === 'value' || !text.includes(':'))
  }
  return (text: string) => version === '1.2' || !text.endsWith('\r')
}

const letters = fc.oneof(
  fc.constantFrom('\\', ':', '\n', '\r', 'n', 'c', 'r', ' ', '\t', 'ß', '€', '😀', '\u0001', '\ufeff'),
  fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 4 }),
)
const words = fc.array(letters, { maxLength: 6 }).map(parts => parts.join('').replaceAll('\0', ''))

export const headerNames = fc.oneof(words, fc.constantFrom('destination', 'id', 'ack', 'receipt', 'foo', 'passcode'))
export const headerValues = words

export const bodies = fc.oneof(
  fc.constant(new Uint8Array(0)),
  fc.uint8Array({ maxLength: 40 }),
  words.map(text => new TextEncoder().encode(text)),
)

export const frames = (version: Version): fc.Arbitrary<CommandFrame> =>
  fc.constantFrom(...commands, 'TRACE').chain(command => {
    const ok = sayable(command, version)
    const name = headerNames.filter(text => text !== '' && text !== 'content-length' && ok(text, 'name'))
    const value = headerValues.filter(text => ok(text, 'value'))
    return fc
      .record({ headers: fc.array(fc.tuple(name, value), { maxLength: 5 }), body: bodies, crlf: fc.boolean() })
      .map(({ headers, body, crlf }) =>
        stompFrame(
          command,
          Headers.of(...headers),
          body.length > 0 || BODIES.includes(command) ? body : undefined,
          crlf ? true : undefined,
        ),
      )
  })
