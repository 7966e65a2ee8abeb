import { describe, expect, it } from 'vitest'
import { codecs } from '../../codecs/index.ts'
import { frameFields } from '../../src/fields/index.ts'
import { complete } from '../../src/filter/index.ts'

const fields = frameFields(codecs)

/** What may stand at `|`, and what it would stand instead of. */
function at(marked: string): { readonly replaced: string; readonly texts: string[] } {
  const cursor = marked.indexOf('|')
  const text = marked.replace('|', '')
  const { start, end, suggestions } = complete(text, cursor, fields)
  return { replaced: text.slice(start, end), texts: suggestions.map(each => each.text) }
}

describe('completion', () => {
  it.each([
    ['mq|', 'mq', ['mqtt', 'mqtt.']],
    ['mqtt.to|', 'mqtt.to', ['mqtt.topic', 'mqtt.topicFilters']],
    ['mqtt.to|pic == "a"', 'mqtt.topic', ['mqtt.topic', 'mqtt.topicFilters']],
    ['(mqtt && mqtt.keep|', 'mqtt.keep', ['mqtt.keepAlive']],
    [
      'not amqp091.exchange.de|',
      'amqp091.exchange.de',
      [
        'amqp091.exchange.declare',
        'amqp091.exchange.declare-ok',
        'amqp091.exchange.delete',
        'amqp091.exchange.delete-ok',
      ],
    ],
    ['amqp.method.arguments.rou|', 'amqp.method.arguments.rou', ['amqp.method.arguments.routing_key']],
    ['lower(mqtt.cl|', 'mqtt.cl', ['mqtt.clientId', 'mqtt.cleanStart']],
    ['from == |', '', ['client', 'server']],
    ['from == s|', 's', ['server']],
    ['protocol in {mqtt, st|', 'st', ['stomp']],
    ['type == pubr|', 'pubr', ['pubrec', 'pubrel']],
    ['mqtt.retain == |', '', ['true', 'false']],
    ['mqtt.topic == |', '', []],
    ['mqtt.topic == "a|', '', []],
    ['mqtt.topic con|', 'con', ['contains']],
    ['mqtt.topic i|', 'i', ['icontains', 'imatches', 'in']],
    ['mqtt.qos > 0 a|', 'a', ['and']],
    ['mqtt.qos > 0 |', '', ['&&', '||', 'and', 'or']],
    ['type in {publish} |', '', ['&&', '||', 'and', 'or']],
    ['mqtt.topc|', 'mqtt.topc', ['mqtt.topic']],
  ])('%s', (marked, replaced, texts) => {
    const found = at(marked)
    expect(found.replaced).toBe(replaced)
    expect([...found.texts].sort()).toEqual([...texts].sort())
  })

  it('begins with what every row has, and the protocols', () => {
    const { texts } = at('|')
    expect(texts).toEqual(expect.arrayContaining(['frame', 'time', 'flow', 'from', 'type', 'mqtt', 'mqtt.', 'amqp091']))
    expect(texts).not.toContain('mqtt.topic')
    expect(at('mqtt && |').texts).toEqual(texts)
  })

  it('offers operators after a field', () => {
    expect(at('mqtt.qos |').texts).toEqual(expect.arrayContaining(['==', '>', 'in', 'contains', '~', '&&']))
  })

  it('says of what kind things are', () => {
    const { suggestions } = complete('mqtt.topicF', 11, fields)
    expect(suggestions).toEqual([{ text: 'mqtt.topicFilters', detail: 'list' }])
  })
})
