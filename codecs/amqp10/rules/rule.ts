import type { Rule } from '../../core/index.ts'
import type { Context } from '../dialogue.ts'
import type { Amqp10Frame } from '../frames.ts'

export type Amqp10Rule = Rule<Amqp10Frame, Context>

/** Addresses, or causes, of a connection that are told apart; more are not told of. */
export const MOST_CAUSES = 1000
