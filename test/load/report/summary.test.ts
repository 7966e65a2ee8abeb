import { describe, expect, it } from 'vitest'
import { IntervalLines, summaryText } from '../../../src/load/report/index.ts'
import type { Place } from '../../../src/load/result.ts'
import { PLAIN_STYLE } from '../../../src/output/index.ts'
import { runOf } from './run.ts'

const stalled = runOf({ seconds: 10, rate: 100, stall: [4, 6] })
const text = summaryText(stalled, PLAIN_STYLE)

describe('the summary', () => {
  it('proves its counts', () => {
    expect(text).toContain(`✓ adds up
  sent 1,500 = confirmed 1,500
  delivered 1,500 + lost 0 = expected 1,500
`)
    const proof = { ok: false, lines: ['sent 5 ≠ confirmed 4: 1 is missing'], lost: ['publisher 3: 17–19'] }
    expect(summaryText({ ...stalled, proof }, PLAIN_STYLE)).toContain(`✗ does not add up
  sent 5 ≠ confirmed 4: 1 is missing
  lost: publisher 3: 17–19
`)
  })

  it('has the latency from when a message was due, and beside it that from sending', () => {
    const lines = text.split('\n').filter(line => /^(time|publish| {6,}sent|schedule)/.test(line))
    expect(lines.map(line => line.trim().split(/ {2,}/).slice(0, 3))).toEqual([
      ['time', 'from', 'count'],
      ['publish → confirm', 'due', '1,500'],
      ['sent', '1,500', expect.stringMatching(/^1\.[34]\d? ms$/)],
      ['publish → deliver', 'due', '1,500'],
      ['sent', '1,500', expect.stringMatching(/^2\.[01]\d? ms$/)],
      ['schedule lag', 'due', '1,500'],
    ])
  })

  it('says where waiting was most of the latency', () => {
    expect(text).toMatch(/p99 is 3\.\d+ ms from sending, and 1\.\d+ s from when it was due: messages waited to be sent/)
    expect(summaryText(runOf({ seconds: 4 }), PLAIN_STYLE)).not.toContain('messages waited')
  })

  it('tells what crossed, what was blocked, what went wrong, and the limit', () => {
    for (const line of [
      /^ {2}✗ crossed {2}publish-confirm p\(99\) < 50ms {2}\(1\.\d+ s\)$/m,
      /^ {2}✓ held {5}lost == 0 {2}\(0\)$/m,
      /^blocked by the peer\n {2}4 to 6 s {2}low on disk$/m,
      /^ {2}3 × PRECONDITION_FAILED <x> & "y" {2}first at 4 s$/m,
      /^limited by nothing but the plan/m,
      /^✗ failed: 1 of 2 thresholds crossed$/m,
    ]) {
      expect(text).toMatch(line)
    }
  })

  it('tells where connections went, where that is not plain, and what was agreed on there', () => {
    const [group] = stalled.groups
    const placed = (...places: readonly Place[]) =>
      summaryText({ ...stalled, groups: [{ ...group!, places }] }, PLAIN_STYLE)
    const place = { url: 'amqp://a:5672', connections: 4, clients: 4 }
    expect(placed(place)).not.toContain('clients at last')
    expect(placed(place, { url: 'amqp://b:5672', connections: 1_600, clients: 0 })).toContain(`\
group   address        connections  clients at last
orders  amqp://a:5672            4                4
orders  amqp://b:5672        1,600                0
`)
    const tls = { version: 'TLS 1.3', cipher: 'TLS_AES_128_GCM_SHA256', protocol: 'amqp' }
    expect(placed({ ...place, tls })).toContain(`\
group   address        connections  clients at last  TLS      cipher                  ALPN
orders  amqp://a:5672            4                4  TLS 1.3  TLS_AES_128_GCM_SHA256  amqp
`)
  })

  it('tells what to do about trouble, where that is known', () => {
    const troubles = [{ reason: 'too many open files', next: 'Let it have more.', count: 2, first: 0 }]
    expect(summaryText({ ...stalled, troubles }, PLAIN_STYLE)).toContain(
      '  2 × too many open files  first at 0 s\n    Let it have more.\n',
    )
  })

  it('shows nothing that would drive the terminal', () => {
    const troubles = [{ reason: 'bad\u001b[2J', count: 1, first: 0 }]
    expect(summaryText({ ...stalled, troubles }, PLAIN_STYLE)).toContain('1 × bad\\x1b[2J')
  })

  it('marks stages of a search with whether the threshold held', () => {
    const stages = stalled.stages.map((stage, at) => ({ ...stage, held: at === 0 }))
    expect(summaryText({ ...stalled, stages }, PLAIN_STYLE)).toMatch(/100\/s .*✓ held\n200\/s .*✗ crossed\n/)
  })
})

describe('the line of an interval', () => {
  it('has counts where it is too short for a rate', () => {
    const lines = new IntervalLines()
    const [whole] = stalled.intervals
    if (whole === undefined) throw new Error('there is no interval')
    lines.line(whole)
    expect(lines.line({ ...whole, from: 1, to: 1.1 })).toContain('  1.1 s  20 clients  sent 100  confirmed 100  ')
  })

  it('has rates, times and lag', () => {
    const lines = new IntervalLines()
    expect(stalled.intervals.slice(3, 7).map(interval => lines.line(interval))).toEqual([
      expect.stringMatching(
        /^ {4}4 s {2}20 clients {2}sent 100\/s {2}confirmed 100\/s {2}delivered 100\/s {2}confirm p50 [\d.]+ p99 [\d.]+ ms {2}deliver p50 [\d.]+ p99 [\d.]+ ms {2}lag p50 20 p99 20 µs$/,
      ),
      '    5 s  20 clients  sent 0/s  confirmed 0/s  delivered 0/s  confirm –  deliver –  lag –',
      '    6 s  20 clients  sent 0/s  confirmed 0/s  delivered 0/s  confirm –  deliver –  lag –',
      expect.stringMatching(/sent 500\/s .*confirm p50 [\d.]+ p99 1\.\d+ s .* late 300$/),
    ])
  })
})
