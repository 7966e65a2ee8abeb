import type { Exchange, Packet, Pending } from '../../core/index.ts'
import { errorText } from '../describe.ts'
import type { Close } from '../frames.ts'

/** Detach, end and close: either side may say it first, with an error or without, and the other says it back. */

/** What went wrong, in words; undefined where nothing did. */
export const failure = (error: Close['error']): string | undefined =>
  error === undefined ? undefined : (errorText(error) ?? 'error')

export const because = (what: string, text: string | undefined): string =>
  text === undefined ? what : `${what} ${text}`

/** Begins with the first; an error in it is the outcome, whatever the answer. */
export function ask<K>(pending: Pending<K>, key: K, exchange: Exchange, text: string | undefined): void {
  if (text !== undefined) {
    exchange.ok = false
    exchange.outcome = text
  }
  pending.begin(key, exchange)
}

export function answer<K>(pending: Pending<K>, key: K, packet: Packet, number: number, text: string | undefined): void {
  const { ok, outcome, kind } = pending.get(key) ?? {}
  pending.settle(key, packet, number, ok !== false && text === undefined, outcome ?? text ?? kind)
}
