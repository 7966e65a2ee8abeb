import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { codecs } from '../../codecs/index.ts'
import { ndjsonSchema } from '../../src/output/index.ts'
import { decoded } from '../filter/captures.ts'
import { jsonLines, shown } from './shown.ts'
import { toy } from './toy.ts'
import { violations } from './validate.ts'

describe('the schema of NDJSON lines', () => {
  it('is the one in docs', () => {
    const file = readFileSync(new URL('../../docs/schema/ndjson.schema.json', import.meta.url), 'utf8')
    expect(JSON.parse(file), 'npm run schema').toEqual(JSON.parse(JSON.stringify(ndjsonSchema(codecs))))
  })

  it('holds for every line of every view', async () => {
    const schema = ndjsonSchema([toy])
    for (const view of ['frames', 'flows', 'stats'] as const) {
      for (const secrets of [false, true]) {
        const lines = jsonLines(await shown({ view, format: 'ndjson', secrets }))
        expect(lines.length).toBeGreaterThan(1)
        for (const line of lines) expect(violations(line, schema, schema)).toEqual([])
      }
    }
  })

  it.each(['messages', 'exchanges', 'findings', 'levels', 'stats'] as const)(
    'holds for %s of real traffic',
    async view => {
      const schema = ndjsonSchema(codecs)
      const lines = await decoded('mqtt/mqtt5_qos.pcap', { view })
      expect(lines.length).toBeGreaterThan(0)
      for (const line of lines) expect(violations(line, schema, schema)).toEqual([])
    },
  )

  it('refuses what is not such a line', async () => {
    const schema = ndjsonSchema([toy])
    const [line] = jsonLines(await shown({ format: 'ndjson' }))
    for (const change of [{ frame: 0 }, { from: 'me' }, { toy: {} }, { type: 'say' }, { more: 1 }, { time: 'now' }]) {
      expect(violations({ ...line, ...change }, schema, schema), JSON.stringify(change)).not.toEqual([])
    }
  })
})
