import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Failure } from '../../../src/failure.ts'
import { evaluate, parseThreshold } from '../../../src/load/report/index.ts'
import { countsOf, measured, NOTHING } from './run.ts'

const evidence = {
  seconds: 10,
  counts: countsOf({ due: 50_000, sent: 50_000, confirmed: 49_900, refused: 100, delivered: 49_000, lost: 1_000 }),
  measures: {
    'publish-confirm': measured([1_000, 2_000, 3_000, 100_000], [500, 600, 700, 800]),
    'publish-deliver': measured([5_000], [4_000]),
  },
  lag: { ...NOTHING, count: 50_000, p99: 4_200 },
}
const verdict = (text: string, of = evidence) => evaluate(parseThreshold(text), of)

describe('a threshold', () => {
  it.each([
    ['p99 < 50ms', undefined],
    ['p99 < 50ms abort', 0],
    ['lost == 0 abort after 1m', 60],
    ['refused rate < 1%  abort  after 500ms ', 0.5],
  ])('%j ends the run from second %s on', (text, endsAfter) => {
    expect(parseThreshold(text)).toMatchObject({ text, endsAfter })
  })

  it.each(['p99 < 50ms abort soon', 'p99 < abort', 'p99 < 50ms abort after', 'abort'])('is none in %j', text => {
    expect(() => parseThreshold(text)).toThrow(Failure)
  })

  it.each([
    ['publish-confirm p(50) < 2.1ms', true, '2 ms'],
    ['publish-confirm p(99) < 50ms', false, '100 ms'],
    ['publish-confirm p(75) <= 3.01ms', true, '3 ms'],
    ['publish-confirm service p(99.9) < 0.9ms', true, '800 µs'],
    ['publish-confirm latency max > 1s', false, '100 ms'],
    ['publish-deliver max<=5ms', true, '5 ms'],
    ['publish-deliver mean < 5.1 ms', true, '5 ms'],
    ['p99<50ms', false, '100 ms'],
    ['service p( 99 ) < 50ms', true, '800 µs'],
    ['lag p(99) < 5ms', true, '4.2 ms'],
    ['lost == 0', false, '1,000'],
    ['lost != 0', true, '1,000'],
    ['sent >= 50k', true, '50,000'],
    ['lost rate < 2%', false, '2 %'],
    ['lost rate <= 2%', true, '2 %'],
    ['refused rate < 1%', true, '0.2 %'],
    ['sent rate >= 5000/s', true, '5,000/s'],
    ['sent rate >= 5.1k/s', false, '5,000/s'],
    ['bytes-sent rate < 1MB/s', true, '0/s'],
  ])('%s: %s, as there was %s', (text, ok, shown) => {
    expect(verdict(text)).toMatchObject({ threshold: text, ok, shown })
  })

  it('gives what there was in the unit of what it asks for', () => {
    expect(verdict('p99 < 50ms').actual).toBeCloseTo(100_000, -2)
    expect(verdict('lost rate < 1%').actual).toBe(0.02)
    expect(verdict('sent rate > 1/s').actual).toBe(5_000)
  })

  it('in short is on deliveries where nothing is confirmed', () => {
    const { 'publish-deliver': deliver } = evidence.measures
    expect(
      evaluate(parseThreshold('max < 6ms'), { ...evidence, measures: { 'publish-deliver': deliver } }),
    ).toMatchObject({ ok: true, shown: '5 ms' })
  })

  it('does not hold where nothing was measured', () => {
    const nothing = { threshold: 'request-reply max < 1s', ok: false, actual: null, shown: 'nothing was measured' }
    expect(verdict('request-reply max < 1s')).toEqual(nothing)
    expect(verdict('refused rate < 1%', { ...evidence, counts: countsOf({}) }).ok).toBe(false)
    expect(verdict('lag max < 1s', { ...evidence, lag: NOTHING }).ok).toBe(false)
  })
})

it('whatever is written, is a threshold or a failure that tells where it is wrong', () => {
  const word = fc.constantFrom(
    ...['publish-confirm', 'lag', 'lost', 'sent', 'bytes-sent', 'rate', 'service', 'p(99)', 'p99', 'max', 'p('],
    ...['<', '>=', '=', '50ms', '1%', '5k/s', '0', '%', ' ', '\u001b', 'constructor', '__proto__'],
  )
  const text = fc.oneof(
    fc.string(),
    fc.array(word, { maxLength: 6 }).map(words => words.join(' ')),
  )
  fc.assert(
    fc.property(text, written => {
      try {
        const { bound } = parseThreshold(written)
        expect(Number.isFinite(bound)).toBe(true)
      } catch (error) {
        expect(error).toBeInstanceOf(Failure)
        expect((error as Failure).message).toMatch(/^--threshold, column \d+: /)
      }
    }),
    { numRuns: 2_000 },
  )
})

describe('what is wrong with a threshold', () => {
  const wrong = (text: string) => {
    try {
      parseThreshold(text)
    } catch (error) {
      if (error instanceof Failure) return { message: error.message, next: error.next, exit: error.exit }
      throw error
    }
    throw new Error(`${text} was taken`)
  }

  it('is shown at its place', () => {
    expect(wrong('publish-confrim p(99) < 50ms')).toEqual({
      message: `--threshold, column 1: nothing is called publish-confrim
  publish-confrim p(99) < 50ms
  ^^^^^^^^^^^^^^^`,
      next: 'Did you mean publish-confirm?',
      exit: 2,
    })
  })

  it.each([
    ['', 1, 'nothing is compared'],
    ['lost', 5, 'nothing is compared'],
    ['< 5', 1, 'what is compared?'],
    ['lost = 0', 6, '= compares nothing'],
    ['lost === 0', 6, '=== compares nothing'],
    ['publish-confirm < 5ms', 16, 'which value of it?'],
    ['publish-confirm p(0) < 5ms', 17, 'there is no p(0) of a time'],
    ['publish-confirm p(101) < 5ms', 17, 'there is no p(101) of a time'],
    ['publish-confirm p(99 < 5ms', 17, 'there is no p(99 of a time'],
    ['publish-confirm p(99) max < 5ms', 23, 'this is too much'],
    ['lag service p(99) < 5ms', 13, 'lag is no time of service'],
    ['lag p(95) < 5ms', 5, 'lag is not known to this percentile'],
    ['lost count == 0', 6, 'a count has no count'],
    ['lost rate now < 1%', 11, 'this is too much'],
    ['bytes-sent rate < 1%', 1, 'bytes-sent is no share of anything'],
    ['p99 < 50', 7, '50 is not a time: 500us, 50ms, 1.5s'],
    ['p99 < 50mss', 7, '50mss is not a time'],
    ['p99 < -1ms', 7, '-1ms is not a time'],
    ['p99 <', 6, 'with what is it compared? Write a time'],
    ['lost < 1%', 8, '1% is not a number: 0, 5000, 5k; of a share, write rate before it'],
    ['sent rate > 5000', 13, '5000 is not a rate: 5000/s, 5k/s; a share: 1%'],
    ['sent rate > 5toString/s', 13, '5toString/s is not a rate'],
  ])('%j: column %i, %s', (text, column, message) => {
    expect(wrong(text).message).toContain(`--threshold, column ${column}: ${message}`)
  })

  it.each([
    ['lsot == 0', 'Did you mean lost?'],
    ['lost = 0', 'It could be: < <= > >= == !=.'],
    ['sent rtae > 1/s', 'Did you mean rate?'],
    ['publish-confirm servcie p(99) < 1s', 'Did you mean service?'],
    ['publish-confirm < 5ms', 'It could be: p(50) p(90) p(99) p(99.9) max mean.'],
    ['p99 < 5', 'For example: publish-confirm p(99) < 50ms.'],
  ])('%s: %s', (text, next) => {
    expect(wrong(text).next).toBe(next)
  })
})
