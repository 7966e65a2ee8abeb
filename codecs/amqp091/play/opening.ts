import { type PlayOptions, type Said, SCRAM, utf8 } from '../../core/index.ts'
import { Table } from '../field-table.ts'
import type { AmqpFrame, MethodOf } from '../frames.ts'

/** What a server offered, or a client settled on [4.2.2]. */
export type Tuned = Pick<MethodOf<'connection.tune'>, 'channelMax' | 'frameMax'>

/** Logs in as it was done then, or as somebody else, by the simplest mechanism there is. */
export function logIn(frame: MethodOf<'connection.start-ok'>, options: PlayOptions): Said<AmqpFrame> {
  const { user, password } = options
  const recorded = credentials(frame)
  if (recorded === 'masked' && (user === undefined || password === undefined)) {
    return {
      action: 'impossible',
      message: 'the recording has no password: it was overwritten',
      next: 'Give --user and --password, or record with --keep-secrets.',
    }
  }
  if (String(frame.mechanism) in SCRAM) {
    return {
      action: 'impossible',
      message: `what the recording has for ${frame.mechanism} does not log in again: each challenge is another`,
      next: 'Record clients that log in by PLAIN.',
    }
  }
  if (recorded === undefined || (user === undefined && password === undefined)) return { action: 'same', orderly: true }
  const known = recorded === 'masked' ? { user: '', password: '' } : recorded
  const response = new TextEncoder().encode(`\0${user ?? known.user}\0${password ?? known.password}`)
  return { action: 'send', orderly: true, frames: [{ ...frame, mechanism: 'PLAIN', response }] }
}

/** What was said then; undefined by a mechanism that sends no password, which is left as it is. */
export function credentials({
  mechanism,
  response,
}: MethodOf<'connection.start-ok'>): Credentials | 'masked' | undefined {
  if (mechanism !== 'PLAIN' && mechanism !== 'AMQPLAIN') return undefined
  if (response.every(byte => byte === MASK)) return 'masked'
  if (mechanism === 'PLAIN') {
    const [, user = '', password = ''] = utf8(response, 0, response.length).split('\0')
    return isMasked(password) ? 'masked' : { user, password }
  }
  const table = new Table(undefined, response, 0, response.length)
  const of = (key: string): string => {
    const value = table.get(key)
    return typeof value === 'string' ? value : ''
  }
  return isMasked(of('PASSWORD')) ? 'masked' : { user: of('LOGIN'), password: of('PASSWORD') }
}

interface Credentials {
  readonly user: string
  readonly password: string
}

const MASK = 0x2a
const isMasked = (text: string): boolean => /^\*+$/.test(text)

/** What the client settled on then, within what this server offers now; 0 is no limit. */
export function settle(then: MethodOf<'connection.tune-ok'>, offered: Tuned): MethodOf<'connection.tune-ok'> {
  const [channelMax, frameMax] = [least(then.channelMax, offered.channelMax), least(then.frameMax, offered.frameMax)]
  return { ...then, channelMax, frameMax }
}

const least = (a: number, b: number): number => (a === 0 ? b : b === 0 ? a : Math.min(a, b))
