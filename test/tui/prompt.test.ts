import { describe, expect, it } from 'vitest'
import { completed, type Edit, edited, prompt, recalled, remembered, typed } from '../../src/tui/model/prompt.ts'

const edit = (text: string, ...edits: readonly Edit[]) => edits.reduce(edited, prompt('filter', text))

describe('the line at the foot', () => {
  it.each<[string, Edit[], string, number]>([
    ['mqtt.topic', ['left', 'backspace'], 'mqtt.topc', 8],
    ['mqtt.topic', ['home', 'delete'], 'qtt.topic', 0],
    ['mqtt.qos > 0', ['kill-word'], 'mqtt.qos > ', 11],
    ['mqtt.qos > 0', ['word-left', 'word-left', 'word-left', 'kill-end'], 'mqtt.', 5],
    ['mqtt.qos > 0', ['kill-start'], '', 0],
    ['mqtt.qos', ['home', 'word-right', 'kill-start'], '.qos', 0],
    ['a 👩‍👩‍👧', ['backspace'], 'a ', 2],
  ])('%j after %j is %j', (text, edits, expected, cursor) => {
    expect(edit(text, ...edits)).toMatchObject({ text: expected, cursor })
  })

  it('goes back in what was written before, and comes back to what is being written', () => {
    const history = remembered(remembered(remembered([], 'first'), 'second'), 'first')
    expect(history).toEqual(['second', 'first'])
    const drafted = typed(prompt('filter'), 'dra')
    const once = recalled(drafted, history, 1)
    const twice = recalled(once, history, 1)
    expect([once.text, twice.text, recalled(twice, history, 1).text]).toEqual(['first', 'second', 'second'])
    expect(recalled(recalled(twice, history, -1), history, -1).text).toBe('dra')
  })

  it('takes what is offered in turn, in place of what was begun', () => {
    const items = ['topic', 'topicAlias'].map(text => ({ text, detail: '' }))
    const offer = () => ({ start: 5, end: 8, items })
    const begun = { ...prompt('filter', 'mqtt.top == "a"'), cursor: 8 }
    const first = completed(begun, offer, 1)
    expect(first).toMatchObject({ text: 'mqtt.topic == "a"', cursor: 10 })
    const second = completed(first, offer, 1)
    expect(second).toMatchObject({ text: 'mqtt.topicAlias == "a"', cursor: 15 })
    expect(completed(second, offer, 1).text).toBe(first.text)
    expect(completed(first, offer, -1).text).toBe(second.text)
  })
})
