import { describe, expect, it } from 'vitest'
import { codecs } from '../../codecs/index.ts'
import { offer, offerLines } from '../../src/completion/index.ts'

/** What the last word may become, whole. */
function becomes(...words: string[]): string[] {
  const { kept, suggestions } = offer(words, codecs)
  return suggestions.map(({ text }) => (words.at(-1) as string).slice(0, kept) + text)
}

describe('what a shell is offered', () => {
  it.each([
    [
      ['decode', 'a.pcap', '-Y', 'mqtt.to'],
      ['mqtt.topic', 'mqtt.topicFilters'],
    ],
    [['decode', '-Y', 'mqtt.qos > 0 && mqtt.keep'], ['mqtt.qos > 0 && mqtt.keepAlive']],
    [
      ['decode', '--filter', 'type == pubr'],
      ['type == pubrec', 'type == pubrel'],
    ],
    [['decode', '--filter=type == pubc'], ['--filter=type == pubcomp']],
    [['decode', '--filter', '=', 'mqtt.ret'], ['mqtt.retain']],
    [['decode', '-Y', 'mqtt.topic con'], ['mqtt.topic contains']],
    [
      ['decode', '--fields', 'time,mqtt.to'],
      ['time,mqtt.topic', 'time,mqtt.topicFilters'],
    ],
    [['decode', '--fields=time,mqtt.keep'], ['--fields=time,mqtt.keepAlive']],
  ] as const)('%j', (words, whole) => {
    expect(becomes(...words).sort()).toEqual([...whole].sort())
  })

  it('knows the rows of the view that was chosen, on either side of the filter, the last one if there are two', () => {
    expect(becomes('decode', '--view', 'exchanges', '-Y', 'elaps')).toEqual(['elapsedUs'])
    expect(becomes('decode', '--view=flows', '-Y', 'dura')).toEqual(['durationUs'])
    expect(becomes('decode', '--view', 'flows', '--view', '=', 'exchanges', '-Y', 'elaps')).toEqual(['elapsedUs'])
    expect(becomes('lint', 'a.pcap', '-Y', 'severity == w')).toEqual(['severity == warning'])
  })

  it('has no functions and no tests in a list of columns', () => {
    expect(becomes('decode', '-Y', 'lower')).toEqual(['lower('])
    expect(becomes('decode', '--fields', 'lower')).not.toContain('lower(')
    expect(becomes('decode', '-Y', 'mqtt.publ')).toEqual(['mqtt.publish'])
    expect(becomes('decode', '--fields', 'mqtt.publ')).toEqual([])
  })

  it('says nothing of other words', () => {
    for (const words of [[], [''], ['decode'], ['decode', 'mqtt.to'], ['decode', '--view', 'fr'], ['-Y']]) {
      expect(offerLines(offer(words, codecs))).toBe('0\n')
    }
  })

  it('is told in lines', () => {
    expect(offerLines(offer(['decode', '-Y', '!mqtt.keep'], codecs))).toBe('1\nmqtt.keepAlive\tuint\n')
  })
})
