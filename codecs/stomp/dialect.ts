import type { Version } from './tables.ts'

/** How a frame's header lines are to be understood: the versions differ in nothing else that is seen on the wire. */
export interface Dialect {
  /** What a broken rule is cited from. */
  readonly spec: string
  /** What the letter after a backslash stands for; undefined where a backslash is a backslash. */
  readonly escapes: ReadonlyMap<string, string> | undefined
  /** Spaces around names and values are padding. */
  readonly trims: boolean
  /** A line may end in CR LF, and a CR is found nowhere else. */
  readonly crlf: boolean
  /** Holds a `passcode` that is shown as a field of its own, and nowhere else. */
  readonly hidesPasscode: boolean
}

/** STOMP 1.1, Value Encoding. */
const escapes11: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['c', ':'],
  ['\\', '\\'],
])
/** STOMP 1.2, Value Encoding. */
const escapes12: ReadonlyMap<string, string> = new Map([...escapes11, ['r', '\r']])

const ordinary: Readonly<Record<Version, Dialect>> = {
  '1.0': { spec: 'STOMP 1.0', escapes: undefined, trims: true, crlf: false, hidesPasscode: false },
  '1.1': { spec: 'STOMP 1.1', escapes: escapes11, trims: false, crlf: false, hidesPasscode: false },
  '1.2': { spec: 'STOMP 1.2', escapes: escapes12, trims: false, crlf: true, hidesPasscode: false },
}

/** CONNECT and CONNECTED are not escaped in any version, so that they can be read before the version is known. */
const connecting: Readonly<Record<Version, Dialect>> = {
  '1.0': { ...ordinary['1.0'], hidesPasscode: true },
  '1.1': { ...ordinary['1.1'], escapes: undefined, hidesPasscode: true },
  '1.2': { ...ordinary['1.2'], escapes: undefined, hidesPasscode: true },
}

/** STOMP is another name for CONNECT, and handled in the same manner [STOMP 1.2, CONNECT or STOMP Frame]. */
export const isConnecting = (command: string): boolean =>
  command === 'CONNECT' || command === 'STOMP' || command === 'CONNECTED'

/** Where the version is not known it is most likely the newest. */
export const dialectOf = (command: string, version: Version | undefined): Dialect =>
  (isConnecting(command) ? connecting : ordinary)[version ?? '1.2']

/** What an escaped text says. An undefined escape sequence stays as it is. */
export const unescaped = (text: string, escapes: ReadonlyMap<string, string>): string =>
  text.replace(/\\(.)/gsu, (sequence, letter: string) => escapes.get(letter) ?? sequence)

/** The first escape sequence that has no meaning. */
export function undefinedEscape(text: string, escapes: ReadonlyMap<string, string>): string | undefined {
  for (const [sequence, letter = ''] of text.matchAll(/\\(.?)/gsu)) if (!escapes.has(letter)) return sequence
  return undefined
}

const special = /[\\\r\n:]/g

/** A name or value as its header line has it. */
export function escaped(text: string, part: 'name' | 'value', { escapes }: Dialect): string {
  if (escapes === undefined) {
    // There is no way to say these. Raw, they would make another frame of it: RabbitMQ too writes them as 1.1 does.
    return text.replace(part === 'name' ? /[\n:]/g : /\n/g, octet => (octet === '\n' ? '\\n' : '\\c'))
  }
  return text.replace(special, octet => {
    for (const [letter, meaning] of escapes) if (meaning === octet) return `\\${letter}`
    return octet
  })
}
