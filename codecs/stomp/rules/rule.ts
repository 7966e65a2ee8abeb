import type { Rule } from '../../core/index.ts'
import type { StompFrame } from '../frames.ts'
import type { Context } from '../version.ts'

export type StompRule = Rule<StompFrame, Context>

/** Destinations, subscriptions or causes of a connection that are told apart; more are not told of. */
export const MOST_NAMES = 1000

export const SECOND = 1e9

/** Whether a destination is a queue, by the names that brokers agree on: each message is one consumer's alone. */
export const isQueue = (destination: string | undefined): destination is string =>
  destination !== undefined && /^\/(?:queue|amq\/queue|reply-queue|temp-queue)\//.test(destination)

/** What brokers say over several lines, in one. */
export const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()
