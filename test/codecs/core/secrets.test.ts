import { describe, expect, it } from 'vitest'
import { holdsSecrets, mayHoldSecrets } from '../../../codecs/core/index.ts'
import { type Connect, mqtt } from '../../../codecs/mqtt/index.ts'
import { CONNECT } from '../mqtt/support.ts'

describe('frames that hold credentials', () => {
  it('are told by their type from those that never do', () => {
    expect(mayHoldSecrets(mqtt, 'connect')).toBe(true)
    expect(mayHoldSecrets(mqtt, 'pingreq')).toBe(false)
  })

  it.each<[string, Partial<Connect>, boolean]>([
    ['none', {}, false],
    ['a password', { username: 'ann', password: Uint8Array.of(1) }, true],
    ['one in the properties', { properties: { authenticationData: Uint8Array.of(1) } }, true],
    ['no properties', { properties: undefined }, false],
  ])('are told by what is there: %s', (_, more, expected) => {
    expect(holdsSecrets(mqtt, { ...CONNECT, ...more })).toBe(expected)
  })
})
