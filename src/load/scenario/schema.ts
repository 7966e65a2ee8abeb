import type { DriveOption } from '../../../codecs/core/index.ts'
import { codecs } from '../../../codecs/index.ts'
import { objectSchema as object, type Schema } from '../../output/index.ts'
import { CONSUME, DURATION, GROUP, PUBLISH, REPLAY, RUN, type Setting, THRESHOLD } from './shape.ts'

/** What the help says of a command's flag. */
export type Describe = (command: 'load' | 'replay', flag: string) => string | undefined

const text: Schema = { type: 'string' }
const amount: Schema = { anyOf: [text, { type: 'number' }] }
const plain: Schema = { anyOf: [text, { type: 'number' }, { type: 'boolean' }] }
const oneOrMore = (item: Schema): Schema => ({ anyOf: [item, { type: 'array', items: item }] })
const orNothing = (schema: Schema): Schema => ({ anyOf: [schema, { const: null }] })
const ref = (name: string): Schema => ({ $ref: `#/$defs/${name}` })
const said = (schema: Schema, description: string | undefined): Schema =>
  description === undefined ? schema : { ...schema, description }

const KINDS: Readonly<Record<Setting['kind'], Schema>> = {
  text,
  texts: oneOrMore(text),
  amount,
  amounts: oneOrMore(amount),
  integer: { type: 'integer' },
  truth: { type: 'boolean' },
  pairs: { type: 'object', additionalProperties: plain },
}

/** The JSON Schema of scenarios: what editors complete and check with. */
export function scenarioSchema(describe: Describe): Schema {
  const settings = <T extends string>(command: 'load' | 'replay', all: Record<T, Setting>): Record<T, Schema> =>
    Object.fromEntries(
      Object.entries<Setting>(all).map(([name, each]) => [name, one(each, each.about ?? describe(command, name))]),
    ) as Record<T, Schema>
  const group = {
    ...settings('load', GROUP),
    option: said(object({}, optionSchemas()), describe('load', 'option')),
    publish: said(orNothing(object({}, settings('load', PUBLISH))), 'what its clients publish'),
    consume: said(orNothing(object({}, settings('load', CONSUME))), 'what its clients consume'),
  }
  const groups = { type: 'object', additionalProperties: orNothing(ref('group')) }
  const { file, to, ...more } = settings('replay', REPLAY)
  const name = said(text, 'what it goes by in reports')
  const duration = one(DURATION, describe('load', 'duration'))
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'A scenario of mqinspect load',
    ...object(
      {},
      {
        name,
        ...settings('load', RUN),
        duration,
        defaults: said(ref('group'), 'what holds for all groups that say nothing else'),
        groups: said(groups, 'clients, by the name of their group; steps change what they will of it'),
        steps: said({ type: 'array', items: ref('step') }, 'what is done, one after the other'),
      },
    ),
    $defs: {
      group: object({}, group),
      step: object(
        {},
        {
          name,
          duration,
          threshold: one(THRESHOLD, describe('load', 'threshold')),
          groups: said(groups, 'those that take part, and what they do otherwise; without it, all'),
          wait: one(DURATION, 'do nothing for so long'),
          replay: said(object({ file, to }, more), 'play a recording again'),
        },
      ),
    },
  }
}

function one({ kind, least, choices }: Setting, description: string | undefined): Schema {
  const range = least === undefined ? {} : { minimum: least }
  return said(choices === undefined ? { ...KINDS[kind], ...range } : { enum: choices }, description)
}

/** The options of all protocols: those of one name and different kinds are any of these. */
function optionSchemas(): Record<string, Schema> {
  const found = new Map<string, { readonly schema: Schema; readonly about: string }[]>()
  const first = new Map(codecs.toReversed().map(codec => [codec.id, codec.name]))
  for (const { id, drive } of codecs) {
    for (const [key, option] of Object.entries(drive?.options ?? {})) {
      const { about, default: usual } = option
      const otherwise = usual === undefined || usual === '' ? '' : ` (${usual})`
      const all = found.get(key) ?? []
      found.set(key, [...all, { schema: optionSchema(option), about: `${first.get(id)}: ${about}${otherwise}` }])
    }
  }
  return Object.fromEntries(
    [...found].map(([key, all]) => {
      const different = [...new Map(all.map(({ schema }) => [JSON.stringify(schema), schema])).values()]
      const [only, ...others] = different
      const schema = others.length === 0 ? (only as Schema) : { anyOf: different }
      return [key, said(schema, [...new Set(all.map(({ about }) => about))].join('; '))]
    }),
  )
}

/** A text that says something else in each message. */
const templated: Schema = { type: 'string', pattern: '%' }

function optionSchema({ eachMessage, ...option }: DriveOption): Schema {
  if (eachMessage === true) return { anyOf: [optionSchema(option), templated] }
  const { kind, most, choices } = option
  if (kind === 'boolean') return { type: 'boolean' }
  if (kind === 'uint') return { type: 'integer', minimum: 0, ...(most !== undefined && { maximum: most }) }
  return choices === undefined ? plain : { enum: choices }
}
