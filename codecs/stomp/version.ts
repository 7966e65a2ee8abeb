import { type Dialogue, type Packet, utf8 } from '../core/index.ts'
import { isConnecting } from './dialect.ts'
import { commandLine, endOfHeaders, LF, nameBytes, valueAt } from './layout.ts'
import { type Version, versions } from './tables.ts'
import { commandAt } from './words.ts'

/** What reading depends on. Undefined while nobody has said, or where it is one that we do not know. */
export interface Context {
  readonly version: Version | undefined
}

const unknown: Context = { version: undefined }
const contexts: Readonly<Record<Version, Context>> = {
  '1.0': { version: '1.0' },
  '1.1': { version: '1.1' },
  '1.2': { version: '1.2' },
}

const acceptVersion = nameBytes('accept-version')
const versionName = nameBytes('version')

/**
 * The version that a CONNECT, STOMP or CONNECTED frame stands for, whose header lines are in [start, end): the highest
 * that the client accepts, the one that the server chose, 1.0 where neither is said [STOMP 1.2, Protocol Negotiation].
 */
export function ownVersion(command: string, bytes: Uint8Array, start: number, end: number): Version | undefined {
  const at = valueAt(bytes, start, end, command === 'CONNECTED' ? versionName : acceptVersion)
  if (at === 0) return '1.0'
  let to = at
  while (to < end && bytes[to] !== LF) to++
  const said = utf8(bytes, at, to)
    .split(',')
    .map(text => text.trim())
  return versions.findLast(version => said.includes(version))
}

/**
 * The version is the server's to choose, in its CONNECTED. What the client sends before that is read as the highest
 * that its CONNECT accepts: nearly always right, and better than to hold it back.
 */
export class Negotiation implements Dialogue<Context> {
  #context: Context = unknown

  context(): Context {
    return this.#context
  }

  follow({ buffer, start, end }: Packet<Context>): void {
    if (!mayTell(buffer[start], buffer[start + 1])) return
    const command = commandAt(buffer, start, end)
    if (!isConnecting(command)) return
    const headers = commandLine(buffer, start, end) + 1
    const stop = endOfHeaders(buffer, headers, headers, end)
    const version = ownVersion(command, buffer, headers, stop > 0 ? stop : end)
    this.#context = version === undefined ? unknown : contexts[version]
  }
}

/** `CO` or `ST`: CONNECT, CONNECTED, STOMP, and COMMIT too. */
const mayTell = (first: number | undefined, second: number | undefined): boolean =>
  (first === 0x43 && second === 0x4f) || (first === 0x53 && second === 0x54)
