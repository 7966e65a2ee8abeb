import { nameOf } from '../destination.ts'
import type { MethodOf } from '../frames.ts'
import { replyCodes } from '../tables.ts'

/** `404 NOT_FOUND - no queue 'q' in vhost '/'`, as brokers put it; by the code's name where they say nothing. */
export function reasonOf({ replyCode, replyText }: Pick<MethodOf<'channel.close'>, 'replyCode' | 'replyText'>): string {
  const text = nameOf(replyText)
  return `${replyCode} ${text === '' ? (replyCodes.name(replyCode) ?? '').replaceAll('-', '_').toUpperCase() : text}`.trim()
}

/** What a channel's or connection's end does to all that waits on it. */
export function closedBy(
  what: 'channel' | 'connection',
  frame: MethodOf<'channel.close' | 'connection.close'>,
): string {
  return frame.replyCode === SUCCESS || frame.replyCode === 0 ? `${what} closed` : `${what} closed: ${reasonOf(frame)}`
}

export const SUCCESS = 200
