import type { PlayOptions, Said } from '../../core/index.ts'
import { type CommandFrame, type StompFrame, stompFrame } from '../frames.ts'

/** The CONNECT to send for a recorded one: as somebody else, to another virtual host, each copy a client of its own. */
export function connectAgain(recorded: CommandFrame, options: PlayOptions): Said<StompFrame> {
  const { user, password, virtualHost, copy } = options
  const { login, passcode, headers } = recorded
  if (password === undefined && passcode !== undefined && /^\*+$/.test(passcode)) {
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
 * Every how many milliseconds we send something: half of what was agreed, as clocks and networks differ. Undefined for
 * never [STOMP 1.2, Heart-beating].
 */
export function keepAliveOf(connect: CommandFrame | undefined, connected: CommandFrame): number | undefined {
  const [can = 0] = intervals(connect)
  const [, wanted = 0] = intervals(connected)
  return can === 0 || wanted === 0 ? undefined : Math.max(can, wanted) / 2
}

const intervals = (frame: CommandFrame | undefined): number[] =>
  /^(\d{1,9}),(\d{1,9})$/
    .exec(frame?.heartBeat?.trim() ?? '')
    ?.slice(1)
    .map(Number) ?? []
