import { parseDuration } from '../../duration.ts'
import { type Counts, MEASURES, type Measure } from '../result.ts'
import { bound, type Unit } from './bound.ts'
import { ThresholdError } from './threshold-error.ts'
import { countName } from './words.ts'

/**
 * What must hold of a run:
 *
 *     publish-confirm p(99) < 50ms             from the moment a message was due
 *     publish-confirm service p(99.9) < 20ms   from the moment it was sent
 *     publish-deliver max <= 1s
 *     p99 < 50ms                               of the answers: confirms; or deliveries, where nothing is confirmed
 *     lag p(99) < 5ms                          how late messages were sent
 *     lost == 0                                a count
 *     refused rate < 1%                        a share, see `SHARE_OF`
 *     sent rate >= 5000/s
 *     p99 < 50ms abort after 10s               ends the run where it does not hold, from the tenth second on
 */
export interface Threshold {
  /** As it was written. */
  readonly text: string
  readonly subject: Subject
  readonly comparison: Comparison
  /** Microseconds, messages (or whatever is counted), the same a second, or a share from 0 to 1. */
  readonly bound: number
  /** Where it ends the run as soon as it does not hold: from this second on. */
  readonly endsAfter: number | undefined
}

export type Subject =
  | { readonly kind: 'time'; readonly of: Timed; readonly basis: Basis; readonly statistic: Statistic }
  | { readonly kind: 'count' | 'rate' | 'share'; readonly of: keyof Counts }

/** `answer`: the confirms; the deliveries, where nothing is confirmed. */
export type Timed = Measure | 'lag' | 'answer'
export type Basis = 'latency' | 'service'
/** A percentile above 0 and up to 100, or another value of a distribution. */
export type Statistic = number | 'max' | 'mean'

export const COMPARISONS = {
  '<': (a: number, b: number) => a < b,
  '<=': (a: number, b: number) => a <= b,
  '>': (a: number, b: number) => a > b,
  '>=': (a: number, b: number) => a >= b,
  '==': (a: number, b: number) => a === b,
  '!=': (a: number, b: number) => a !== b,
} as const
export type Comparison = keyof typeof COMPARISONS

/** What each count is a share of: so many of these it could have been. */
export const SHARE_OF: Readonly<Partial<Record<keyof Counts, readonly (keyof Counts)[]>>> = {
  sent: ['due'],
  late: ['due'],
  dropped: ['due'],
  confirmed: ['sent'],
  refused: ['sent'],
  unroutable: ['sent'],
  returned: ['sent'],
  unconfirmed: ['sent'],
  answeredLate: ['sent'],
  replies: ['sent'],
  delivered: ['delivered', 'lost'],
  lost: ['delivered', 'lost'],
  duplicates: ['delivered'],
  reordered: ['delivered'],
  redelivered: ['delivered'],
  foreign: ['delivered', 'foreign'],
  acked: ['delivered'],
  connected: ['connected', 'connectFailures'],
  connectFailures: ['connected', 'connectFailures'],
  disconnected: ['connected'],
  reconnected: ['disconnected'],
}

const COUNTS: Readonly<Record<keyof Counts, Unit>> = {
  ...{ due: 'count', sent: 'count', late: 'count', dropped: 'count', confirmed: 'count', refused: 'count' },
  ...{
    unroutable: 'count',
    returned: 'count',
    unconfirmed: 'count',
    answeredLate: 'count',
    delivered: 'count',
    duplicates: 'count',
    reordered: 'count',
  },
  ...{ redelivered: 'count', lost: 'count', foreign: 'count', empty: 'count', acked: 'count', replies: 'count' },
  ...{ bytesSent: 'bytes', bytesReceived: 'bytes', connected: 'count', connectFailures: 'count' },
  ...{ disconnected: 'count', reconnected: 'count', failovers: 'count' },
}
const COUNT_KEYS = Object.keys(COUNTS) as (keyof Counts)[]
const BY_NAME = new Map(COUNT_KEYS.map(key => [countName(key), key]))

const TIMED: readonly Timed[] = [...MEASURES, 'lag']
const STATISTICS = ['p(50)', 'p(90)', 'p(99)', 'p(99.9)', 'max', 'mean']
/** Percentiles of what is known without its histogram. */
const KNOWN = [50, 90, 99, 99.9, 100]

interface Word {
  readonly text: string
  readonly start: number
}

/** Throws a usage failure that points at what is wrong. `flag` is where it was written. */
export function parseThreshold(text: string, flag = '--threshold'): Threshold {
  const [, whole = text, ends, after] = /^(.*?)(?:\s+(abort)(?:\s+after\s+(\S+))?)?\s*$/s.exec(text) ?? []
  const fail = (message: string, at: Word, names: readonly string[] = []): never => {
    throw new ThresholdError(flag, text, message, at.start, at.text.length, names)
  }
  const operator = /[<>=!]+/.exec(whole)
  if (operator === null) return fail('nothing is compared', { text: '', start: whole.trimEnd().length }, ['<', '>='])
  const [sign] = operator
  const place = { text: sign, start: operator.index }
  if (!Object.hasOwn(COMPARISONS, sign)) return fail(`${sign} compares nothing`, place, Object.keys(COMPARISONS))
  const left = wordsOf(whole.slice(0, operator.index))
  if (left.length === 0) return fail('what is compared?', place, TIMED)
  const end = operator.index + sign.length
  const right = whole.slice(end)
  const written = { text: right.trim(), start: end + right.length - right.trimStart().length }

  const { kind, of, unit } = subjectKind(left, written.text, fail)
  const parsed = bound(written.text, unit)
  if (typeof parsed === 'string') return fail(parsed, written)
  const subject: Subject = kind === 'time' ? timed(left, of, fail) : { kind, of }
  const endsAfter = after === undefined ? (ends === undefined ? undefined : 0) : parseDuration(after, flag) / 1000
  return { text, subject, comparison: sign as Comparison, bound: parsed, endsAfter }
}

type Fail = (message: string, at: Word, names?: readonly string[]) => never

type Kind =
  | { readonly kind: 'time'; readonly of: Timed; readonly unit: 'time' }
  | { readonly kind: 'count' | 'rate' | 'share'; readonly of: keyof Counts; readonly unit: Unit }

function subjectKind([first, second, ...rest]: readonly Word[], right: string, fail: Fail): Kind {
  const word = first as Word
  const short = isBasis(word.text) || statistic(word.text) !== undefined
  const time = TIMED.find(name => name === word.text) ?? (short ? 'answer' : undefined)
  if (time !== undefined) return { kind: 'time', of: time, unit: 'time' }
  const of = BY_NAME.get(word.text)
  if (of === undefined)
    return fail(`nothing is called ${word.text}`, word, [...TIMED, ...BY_NAME.keys(), ...STATISTICS])
  if (second === undefined) return { kind: 'count', of, unit: COUNTS[of] }
  if (second.text !== 'rate') return fail(`a count has no ${second.text}`, second, ['rate'])
  if (rest[0] !== undefined) return fail('this is too much', rest[0])
  if (!right.endsWith('%')) return { kind: 'rate', of, unit: COUNTS[of] === 'bytes' ? 'bytes/s' : 'count/s' }
  if (SHARE_OF[of] === undefined) return fail(`${word.text} is no share of anything: write a number a second`, word)
  return { kind: 'share', of, unit: 'share' }
}

function timed(words: readonly Word[], of: Timed, fail: Fail): Subject {
  const rest = of === 'answer' ? words : words.slice(1)
  const last = words.at(-1) as Word
  const named = rest[0]?.text ?? ''
  const basis = isBasis(named) ? named : 'latency'
  const [word, more] = isBasis(named) ? rest.slice(1) : rest
  if (word === undefined)
    return fail('which value of it?', { text: '', start: last.start + last.text.length }, STATISTICS)
  const found = statistic(word.text)
  if (found === undefined) return fail(`there is no ${word.text} of a time`, word, [...STATISTICS, 'service'])
  if (more !== undefined) return fail('this is too much', more)
  if (of !== 'lag') return { kind: 'time', of, basis, statistic: found }
  if (basis === 'service') return fail('lag is no time of service', last)
  if (typeof found === 'number' && !KNOWN.includes(found))
    return fail('lag is not known to this percentile', word, STATISTICS)
  return { kind: 'time', of, basis, statistic: found }
}

const isBasis = (text: string): text is Basis => text === 'service' || text === 'latency'

/** `p(99.9)`, `p99.9`, `max`, `mean`. */
function statistic(text: string): Statistic | undefined {
  if (text === 'max' || text === 'mean') return text
  const [, inParentheses, plain] = /^p(?:\(\s*(\d+(?:\.\d+)?)\s*\)|(\d+(?:\.\d+)?))$/.exec(text) ?? []
  const percentile = Number(inParentheses ?? plain)
  return percentile > 0 && percentile <= 100 ? percentile : undefined
}

/** By spaces; those in parentheses divide nothing. */
const wordsOf = (text: string): Word[] =>
  [...text.matchAll(/p\s*\([^)]*\)|\S+/g)].map(({ 0: found, index }) => ({
    text: found.replace(/^p\s+\(/, 'p('),
    start: index,
  }))
