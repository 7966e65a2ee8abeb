import { describe, expect, it } from 'vitest'
import { codecs } from '../../codecs/index.ts'
import { frameFields } from '../../src/fields/index.ts'
import { compile, FilterError } from '../../src/filter/index.ts'
import { things } from './rows.ts'

const frames = frameFields(codecs)

function wrong(text: string, fields: Parameters<typeof compile>[1] = things as never): FilterError {
  try {
    compile(text, fields)
  } catch (error) {
    if (error instanceof FilterError) return error
    throw error
  }
  throw new Error(`nothing is wrong with ${text}`)
}

/** What the carets stand under. */
const pointed = (text: string, fields?: Parameters<typeof compile>[1]): string => {
  const { start, end } = wrong(text, fields)
  return text.slice(start, end)
}

describe('what is wrong with a filter', () => {
  it('is shown where it is, as a usage failure', () => {
    expect(wrong('count > 1 && topc == "a"')).toMatchObject({
      exit: 2,
      message: 'filter, column 14: no field is called topc\n  count > 1 && topc == "a"\n               ^^^^',
      next: 'Did you mean topic?',
    })
  })

  it.each([
    ['count = 1', '=', /== to compare/],
    ['count & 1', '&', /&&/],
    ['count | 1', '|', /\|\|/],
    ['count ==', '', undefined],
    ['count == ', '', undefined],
    ['(count', '', undefined],
    ['count)', ')', /&&/],
    ['count count', 'count', /&&/],
    ['', '', undefined],
    ['count == and', 'and', /In quotes/],
    ['topic == "abc', '"abc', /Add a "/],
    ['topic == "a\\q"', '\\q', /r"/],
    ['count in 5', '5', undefined],
    ['count in {}', '}', undefined],
    ['count in {5', '', undefined],
    ['count not 5', '5', /not in/],
    ['group[x] == 1', 'x', undefined],
    ['abs(count) == 1', 'abs', /lower, upper, len, count/],
    ['lower(count) == 1', 'lower(count)', undefined],
    ['count == abc', 'abc', undefined],
    ['count > 5ms', '5ms', /plain number/],
    ['elapsedUs > 5kB', '5kB', /250ms/],
    ['durable == maybe', 'maybe', undefined],
    ['durable > true', 'true', undefined],
    ['at > yesterday', 'yesterday', /2026/],
    ['token == xyz', 'xyz', /0a1b/],
    ['group == 1', 'group', /one of the fields/],
    ['group in {1}', '1', undefined],
    ['any > 5ms', '5ms', /plain number/],
    ['count in {9..1}', '9..1', undefined],
    ['topic matches "(a"', '"(a"', undefined],
    ['topic ~ "a/#/b"', '"a/#/b"', undefined],
    ['topic ~ group["x"]', 'group["x"]', /quotes/],
    ['topic.', 'topic.', undefined],
  ])('%s', (text, place, next) => {
    expect(pointed(text)).toBe(place)
    if (next !== undefined) expect(wrong(text).next).toMatch(next)
  })

  it.each([
    ['mqtt.topc == "a"', 'mqtt.topc', 'Did you mean mqtt.topic?'],
    ['amqp.channl == 1', 'amqp.channl', 'Did you mean amqp.channel?'],
    ['mqtt.topic == mqtt.willTopc', 'mqtt.willTopc', 'Did you mean mqtt.willTopic?'],
    ['mqtt.publish == 1', 'mqtt.publish', 'Alone, it tells whether a row is one.'],
    ['from == cleint', 'cleint', 'Did you mean client?'],
    ['protocol in {mqt}', 'mqt', 'Did you mean mqtt?'],
    ['ip.addr == 10.0.0', '10.0.0', 'Write 10.0.0.1, 10.0.0.0/8 or fe80::/10.'],
    ['ip.addr == 10.0.0.0/33', '10.0.0.0/33', 'Write 10.0.0.1, 10.0.0.0/8 or fe80::/10.'],
    ['ip.addr > 10.0.0.1', '10.0.0.1', undefined],
    ['constructor', 'constructor', expect.stringMatching(/^There are frame, /)],
    ['mqtt.constructor', 'mqtt.constructor', expect.anything()],
  ])('%s, of frames', (text, place, next) => {
    expect(pointed(text, frames as never)).toBe(place)
    expect(wrong(text, frames as never).next).toEqual(next)
  })

  it('is shown in part where the filter is long', () => {
    const text = `${'count > 1 && '.repeat(100)}topc${' && count > 1'.repeat(100)}`
    const lines = wrong(text).message.split('\n')
    expect(lines[1]).toMatch(/^ {2}….*topc.*…$/)
    expect(lines[1]?.indexOf('topc')).toBe(lines[2]?.indexOf('^^^^'))
    expect(lines[1]?.length).toBeLessThan(200)
  })

  it('cannot be made to say something else', () => {
    expect(wrong('topc\u001b[31m == 1').message).not.toContain('\u001b[31m ==')
  })
})

describe('hostile filters', () => {
  it('are nested a bounded number of times', () => {
    for (const text of ['('.repeat(30_000), '!'.repeat(60_000), 'not '.repeat(15_000), 'lower('.repeat(10_000)]) {
      expect(wrong(`${text}topic`).message).toMatch(/nested at most/)
    }
    expect(compile(`${'('.repeat(150)}toy${')'.repeat(150)}`, things).text).toContain('toy')
  })

  it('are of a bounded length', () => {
    expect(wrong('a'.repeat(70_000)).message).toMatch(/at most 65536/)
  })

  it('may be long chains', () => {
    const filter = compile(Array(5_000).fill('toy').join(' && '), things)
    expect(filter.matches({ protocol: 'toy' })).toBe(true)
  })

  it('never end in anything but a filter or its error', async () => {
    const { default: fc } = await import('fast-check')
    const piece = fc.constantFrom(
      ...['count', 'topic', 'group.a', ' ', '==', '!=i', '(', ')', '{', '}', '..', '1', '"a"', 'and', '||', '!', 'in'],
      ...['~', 'matches', '[', ']', ',', '.', 'r"', "'", '\\', 'lower(', '5ms', '10kB', '\u0000', '\ud800'],
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), pieces => {
        try {
          compile(pieces.join(''), things).matches({ protocol: 'toy', topic: 'a', count: 1, group: { a: [1] } })
        } catch (error) {
          expect(error).toBeInstanceOf(FilterError)
        }
      }),
      { numRuns: 3000 },
    )
  })
})
