import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { amqp10 } from '../../codecs/amqp10/index.ts'
import { stomp } from '../../codecs/stomp/index.ts'
import { findingsPage } from '../../src/findings/index.ts'

describe('the pages on findings', () => {
  it.each([amqp10, stomp])('say of $name what its rules say (node scripts/findings.ts writes them)', codec => {
    const page = readFileSync(new URL(`../../docs/findings/${codec.id}.md`, import.meta.url), 'utf8')
    expect(page).toBe(findingsPage(codec))
  })

  it('have a row of five cells for each rule, whatever it says', () => {
    const rule = { id: 'x/y', severity: 'note', title: 'a|b', why: '<c>', fix: '\\n' } as const
    const page = findingsPage({ id: 'x', name: 'X', rules: [{ ...rule, watch: () => ({}) }] })
    expect(page.split('\n').at(-2)).toBe('| `x/y` | note | a\\|b | &lt;c> | \\\\n |')
  })
})
