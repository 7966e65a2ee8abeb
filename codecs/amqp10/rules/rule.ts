import type { Rule } from '../../core/index.ts'
import type { Context } from '../dialogue.ts'
import type { Amqp10Frame } from '../frames.ts'

export type Amqp10Rule = Rule<Amqp10Frame, Context>

/** Addresses, or causes, of a connection that are told apart; more are not told of. */
export const MOST_CAUSES = 1000

export const SECOND = 1e9

/** What brokers say over several lines, in one. */
export const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()
