import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import Load from '../../../commands/load.ts'
import { schemas } from '../../../scripts/schemas.ts'
import { CONSUME, GROUP, PUBLISH, RUN } from '../../../src/load/scenario/shape.ts'
import { readYaml } from '../../../src/yaml.ts'
import { violations } from '../../output/validate.ts'

const { scenario } = schemas
const wrong = async (text: string): Promise<string[]> =>
  violations((await readYaml('load.yaml', text)).value, scenario, scenario)

test('the schema of scenarios is the one in docs', () => {
  const file = readFileSync(new URL('../../../docs/schema/scenario.schema.json', import.meta.url), 'utf8')
  expect(JSON.parse(file), 'npm run schema').toEqual(JSON.parse(JSON.stringify(scenario)))
})

test('what may be said in a scenario goes by the name of the flag that says it', () => {
  const flags = Object.keys(Load.flags)
  for (const settings of [RUN, GROUP, PUBLISH, CONSUME]) {
    const others = Object.entries(settings).flatMap(([name, { about }]) => (about === undefined ? name : []))
    expect(flags).toEqual(expect.arrayContaining(others))
  }
})

test('what editors show of a setting is what the help says', () => {
  const text = JSON.stringify(scenario)
  expect(text).toContain(JSON.stringify(Load.flags.stages.description))
  expect(text).toContain('MQTT: ')
})

test.each([
  'groups: {a: {publish: {rate: 5, size: [100, 1kB]}, option: {qos: 1, persistent: true}}, b: }',
  'duration: 10s\nthreshold: lost == 0\nsteps: [{name: a, groups: {x: {clients: 3}}}, {wait: 5s}]',
  'steps: [{replay: {file: a.pcapng, to: "mqtt://localhost", loop: 3, expect: same}}]',
])('%j is a scenario', async text => {
  expect(await wrong(text)).toEqual([])
})

test.each([
  'group: {}',
  'groups: {a: {publish: {rat: 5}}}',
  'groups: {a: {option: {qso: 1}}}',
  'groups: {a: {option: {qos: high}}}',
  'groups: {a: {clients: 0}}',
  'steps: [{replay: {file: a.pcapng}}]',
  'groups: {a: {publish: {spacing: odd}}}',
])('%j is none', async text => {
  expect(await wrong(text)).not.toEqual([])
})
