import { expect, it } from 'vitest'
import type { AnyRule, Watched } from '../../codecs/core/index.ts'
import { codecs } from '../../codecs/index.ts'

const rules: readonly AnyRule[] = [...new Set(codecs.flatMap(({ rules = [] }) => rules))]

const connection: Watched = {
  joined: 'start',
  encrypted: false,
  server: { host: '10.0.0.1', port: 1 },
  ending: undefined,
  last: { client: 0, server: 0 },
  started: 0,
}

it.each(rules.map(rule => [rule.id, rule] as const))('%s looks at the same of all connections', (_, rule) => {
  const watched: Watched[] = [
    connection,
    { ...connection, joined: 'middle' },
    { ...connection, encrypted: true },
    { ...connection, server: { host: '127.0.0.1', port: 1 } },
  ]
  const [first, ...others] = watched.map(each => Object.keys(rule.watch(each, () => {})))
  for (const other of others) expect(other).toEqual(first)
  // What it says that it is to see, it looks at.
  expect(first).toEqual(expect.arrayContaining(rule.until === undefined ? [] : ['frame']))
  if (rule.exchanges !== undefined) expect(first?.some(name => name === 'began' || name === 'ended')).toBe(true)
  if (rule.things !== undefined) expect(first).toContain('topology')
  if (rule.until !== undefined) expect(rule.types).toContain(rule.until)
})
