import type { Rule } from '../../core/index.ts'
import type { Context } from '../delimit.ts'
import type { AmqpFrame } from '../frames.ts'

export type AmqpRule = Rule<AmqpFrame, Context>

/** More names than this are not remembered, whatever they are of. */
export const MOST_NAMES = 10_000

export const SECOND = 1e9
export const MINUTE = 60 * SECOND
