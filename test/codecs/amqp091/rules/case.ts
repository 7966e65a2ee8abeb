import type { Joined } from '../../../../codecs/core/index.ts'
import type { Step } from '../talk.ts'

/** Conversations that show what a rule is about, with what it says of them; and some like them that do not. */
export interface Case {
  readonly shows: Readonly<Record<string, readonly [steps: readonly Step[], ...found: string[]]>>
  readonly not: Readonly<Record<string, readonly Step[]>>
  readonly joined?: Joined
}

/** By the rule's name, without `amqp091/`. */
export type Cases = Readonly<Record<string, Case>>

export const times = (count: number, steps: (at: number) => readonly Step[]): Step[] =>
  Array.from({ length: count }, (_, at) => steps(at)).flat()

const bytes = new TextEncoder()
export const text = (value: string): Uint8Array => bytes.encode(value)

export const SECONDS = 1000
export const MINUTES = 60 * SECONDS
/** Time passes. */
export const wait = (ms: number): Step => ({ ms })
