import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { codecs } from '../../codecs/index.ts'
import { findingsIndex, findingsPage, ruled, rulesOf, trafficRules } from '../../src/findings/index.ts'

const folder = new URL('../../docs/findings/', import.meta.url)
const page = (name: string): string => readFileSync(new URL(name, folder), 'utf8')

describe('the pages on findings, which node scripts/findings.ts writes', () => {
  const protocols = ruled(codecs)

  it.each(protocols)('say of $name what its rules say', protocol => {
    expect(page(`${protocol.id}.md`)).toBe(findingsPage(protocol))
  })

  it('are listed, with what can be wrong whatever the protocol', () => {
    expect(page('README.md')).toBe(findingsIndex(codecs, trafficRules))
    expect(readdirSync(folder).toSorted()).toEqual(['README.md', ...protocols.map(({ id }) => `${id}.md`)].toSorted())
  })

  it('have a row of five cells for each rule, whatever it says', () => {
    const rule = { id: 'x/y', severity: 'note', title: 'a|b', why: '<c>', fix: '\\n' } as const
    const page = findingsPage({ id: 'x', name: 'X', rules: [{ ...rule, watch: () => ({}) }] })
    expect(page.split('\n').at(-2)).toBe('| `x/y` | note | a\\|b | &lt;c> | \\\\n |')
  })
})

describe('rules', () => {
  const rules = rulesOf(codecs)

  it('have names of their own, those of a protocol below its', () => {
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length)
    for (const codec of codecs) {
      for (const { id } of codec.rules ?? []) expect(id).toMatch(new RegExp(`^${codec.id}/[a-z0-9.-]+$`))
    }
    for (const { id } of trafficRules) expect(id).toMatch(/^[a-z0-9-]+$/)
  })

  it('say what is wrong, why it matters and what to do', () => {
    for (const { title, why, fix } of rules) for (const said of [title, why, fix]) expect(said).not.toBe('')
  })
})
