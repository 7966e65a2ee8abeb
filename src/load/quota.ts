import { usage } from '../failure.ts'
import { parseCount } from './amounts.ts'
import type { Share } from './plan.ts'

/** How many messages at most: of all clients of a group together, and of each of them. Infinity: no limit. */
export interface Quota {
  readonly all: number
  readonly each: number
}

/** `1k`: of all clients together; `1k/client`: of each. Nothing said is no limit. */
export function parseQuota(text: string | undefined, flag: string): Quota {
  const all = Number.POSITIVE_INFINITY
  if (text === undefined) return { all, each: all }
  const [, digits = '', client] = /^(.*?)(\/client)?$/.exec(text.trim()) ?? []
  const count = parseCount(digits, flag)
  if (!Number.isInteger(count)) throw usage(`${flag} ${text}: messages are whole`, 'Write 500, 2.5k or 1k/client.')
  return client === undefined ? { all: count, each: all } : { all, each: count }
}

export const isLimited = ({ all, each }: Quota): boolean => Number.isFinite(all) || Number.isFinite(each)

/** In place of what is left of a quota without a limit: a small integer, as whoever counts down for each message wants it. */
export const ENDLESS = -1

/** What is counted down: `ENDLESS` where there is no limit. */
export const countdown = (count: number): number => (Number.isFinite(count) ? count : ENDLESS)

/** Of so many clients together. */
export const totalOf = ({ all, each }: Quota, clients: number): number => Math.min(all, each * clients)

/** A worker's part of what all clients share: the first get one more where it does not come out even. */
export function partOf({ all }: Quota, { index, of }: Share, clients: number): number {
  if (!Number.isFinite(all)) return all
  const sharers = Math.min(of, clients)
  return index >= sharers ? 0 : Math.floor(all / sharers) + (index < all % sharers ? 1 : 0)
}
