import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { DriveOption } from '../../codecs/core/index.ts'
import { codecs } from '../../codecs/index.ts'

const PAGE = readFileSync(new URL('../../docs/load.md', import.meta.url), 'utf8')

/** What a value can be, and what it is where nothing is said. */
function values({ kind, choices, most, eachMessage, default: usual = '' }: DriveOption): string {
  const all = choices?.join(', ') ?? { boolean: 'true, false', uint: `0 to ${most}`, text: 'text' }[kind]
  const known = eachMessage === true ? `${all}, template` : all
  return usual === '' ? known : `${known}; ${usual}`
}

describe('the options that clients of a protocol have', () => {
  // A protocol that is spoken over several transports has most of them over the first.
  const first = codecs.filter(({ id }, at) => codecs.findIndex(codec => codec.id === id) === at)

  test.each(first.filter(({ drive }) => drive !== undefined))('of $name are all in docs/load.md', ({ name, drive }) => {
    const [, section = ''] = PAGE.split(`### ${name}\n`)
    const rows = Object.entries(drive?.options ?? {}).map(
      ([option, shape]) => `| \`${option}\` | ${shape.about} | ${values(shape)} |`,
    )
    const [table = ''] = section.split('\n###')
    expect(table.split('\n').filter(line => line.startsWith('| `'))).toEqual(rows)
  })

  test.each(codecs.filter(codec => !first.includes(codec)))('of $name over a $transport are among them', codec => {
    const known = first.find(({ id }) => id === codec.id)?.drive?.options ?? {}
    for (const [name, option] of Object.entries(codec.drive?.options ?? {})) expect(known[name]).toEqual(option)
  })
})
