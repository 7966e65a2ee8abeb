import { type PlayOptions, type Said, SCRAM } from '../../core/index.ts'
import type { Connect, MqttFrame } from '../frames.ts'

/** Client identifiers that a server assigned [3.2.2.3.7]: a client may come back with its own. */
export const CLIENT = 'mqtt client'

/** The CONNECT to send for a recorded one: with other credentials, and the identifier that this run knows it by. */
export function connectAgain(recorded: Connect, options: PlayOptions): Said<MqttFrame> {
  const { user, copy, names } = options
  const password = options.password === undefined ? recorded.password : new TextEncoder().encode(options.password)
  if (password !== undefined && isMasked(password)) {
    return {
      action: 'impossible',
      message: `the recording has no password of ${recorded.username ?? recorded.clientId}: it was overwritten`,
      next: 'Give --user and --password, or record with --keep-secrets.',
    }
  }
  const { clientId, properties: { authenticationMethod = '', authenticationData = NOTHING } = {} } = recorded
  if (authenticationMethod in SCRAM || isMasked(authenticationData)) {
    return {
      action: 'impossible',
      message: `what the recording has of ${clientId} for ${authenticationMethod} does not log in again`,
      next: 'Record clients that log in by a user and a password.',
    }
  }
  const known = String(names.live(CLIENT, clientId) ?? clientId)
  const fresh = copy === 0 || known === '' ? known : `${known}-${copy}`
  const { willTopic } = recorded
  const will = willTopic === undefined ? undefined : options.address(willTopic)
  const same = fresh === clientId && user === undefined && options.password === undefined && will === willTopic
  if (same) return { action: 'same', orderly: true }
  const username = user ?? recorded.username
  return {
    action: 'send',
    orderly: true,
    frames: [{ ...recorded, clientId: fresh, username, password, willTopic: will }],
  }
}

const NOTHING = new Uint8Array(0)

/** Nothing but asterisks: what a recording has where a password was. */
export const isMasked = (bytes: Uint8Array): boolean => bytes.length > 0 && bytes.every(byte => byte === 0x2a)
