import { counted } from '../../codecs/core/index.ts'
import { formatDuration } from '../output/index.ts'
import type { Difference } from './difference.ts'
import type { Run } from './run.ts'

/** Differences in words, for all that is read by people. */

const SHORT = 80

/** A value as JSON, cut where it is long. */
function valueText(value: unknown): string {
  if (value === undefined) return 'absent'
  const text = JSON.stringify(value)
  return text.length <= SHORT ? text : `${text.slice(0, SHORT)}…`
}

/** `keepAlive: 60 → 10`. */
export function changeText({ section, change, path = '', a, b, count }: Difference): string {
  const times = section === 'latency' ? (us: unknown) => formatDuration((us as number) * 1000).trim() : valueText
  switch (change) {
    case 'missing':
      return a === undefined || section === 'findings' ? 'only in A' : `only in A: ${valueText(a)}`
    case 'extra':
      return b === undefined || section === 'findings' ? 'only in B' : `only in B: ${valueText(b)}`
    case 'changed':
      if (section === 'order') return `${count} came in another order`
      if (section === 'messages' && a === undefined && b === undefined && path === '') return 'differs'
      return `${path === '' ? '' : `${path === 'p50Us' ? 'p50' : path === 'p99Us' ? 'p99' : path}: `}${times(a)} → ${times(b)}`
  }
}

/** Where it shows: `messages 12, 14 … of A`. */
export function evidenceText({ section, count, inA, inB }: Difference): string {
  const noun = section === 'connections' ? 'flow' : 'message'
  const list = (numbers: readonly number[] | undefined, run: string): string | undefined => {
    if (numbers === undefined || numbers.length === 0) return undefined
    const more = section !== 'order' && count > numbers.length ? ' …' : ''
    return `${noun}${numbers.length > 1 ? 's' : ''} ${numbers.join(', ')}${more} of ${run}`
  }
  return [list(inA, 'A'), list(inB, 'B')].filter(text => text !== undefined).join('; ')
}

/** `3 connections, 40 messages, 55 exchanges`. */
export function sizeText({ connections, messageCount, exchanges }: Run): string {
  const ended = [...exchanges.values()].flatMap(({ outcomes }) => [...outcomes.values()]).reduce((a, b) => a + b, 0)
  const counts = [counted(connections.size, 'connection'), counted(messageCount, 'message'), counted(ended, 'exchange')]
  return counts.join(', ')
}

/** What it comes to, in a sentence. */
export function verdictText(found: readonly Difference[]): string {
  const counting = found.filter(({ counts }) => counts).length
  const others = found.length - counting
  const beside = others === 0 ? '' : `; ${others} beside that do not count (latency, findings)`
  return counting === 0 ? `same${beside}` : `${counting} ${counting === 1 ? 'difference' : 'differences'}${beside}`
}
