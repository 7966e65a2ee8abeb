import type { PlayOptions, Said } from '../../core/index.ts'
import { type CommandFrame, type StompFrame, stompFrame } from '../frames.ts'

/** The CONNECT to send for a recorded one: as somebody else, to another virtual host, each copy a client of its own. */
export function connectAgain(recorded: CommandFrame, options: PlayOptions): Said<StompFrame> {
  const { user, password, virtualHost, copy } = options
  const { login, passcode, headers } = recorded
  if (password === undefined && passcode !== undefined && isMasked(passcode)) {
    return {
      action: 'impossible',
      message: `the recording has no passcode of ${login ?? 'its user'}: it was overwritten`,
      next: 'Give --user and --password, or record with --keep-secrets.',
    }
  }
  const client = headers.get(CLIENT)
  const values = {
    login: user,
    passcode: password,
    host: virtualHost,
    [CLIENT]: client === undefined || copy === 0 ? undefined : `${client}-${copy}`,
  }
  let changed = headers
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== changed.get(name)) changed = changed.with(name, value)
  }
  if (changed === headers) return { action: 'same', orderly: true }
  const frame = stompFrame(recorded.type, changed, recorded.body, recorded.crlf)
  return { action: 'send', orderly: true, frames: [frame] }
}

/** By what ActiveMQ and Artemis know the owner of durable subscriptions. */
const CLIENT = 'client-id'

/**
 * Every how many milliseconds who sends `own` is to send something, where the other said `others`: half of what was agreed,
 * as clocks and networks differ. Undefined for never [STOMP 1.2, Heart-beating].
 */
export function keepAliveOf(own: string | undefined, others: string | undefined): number | undefined {
  const [can = 0] = intervals(own)
  const [, wanted = 0] = intervals(others)
  return can === 0 || wanted === 0 ? undefined : Math.max(can, wanted) / 2
}

const intervals = (text = ''): number[] => /^(\d{1,9}),(\d{1,9})$/.exec(text.trim())?.slice(1).map(Number) ?? []

/** Nothing but asterisks: what a recording has where a passcode was. */
export const isMasked = (passcode: string): boolean => /^\*+$/.test(passcode)
