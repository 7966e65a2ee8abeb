import { readFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { usage } from '../../failure.ts'
import { readYaml, type YamlPath } from '../../yaml.ts'
import { checkOption, checkShared } from '../options.ts'
import type { ReplaySettings, RunSettings, RunSpec, StepSpec } from '../run-spec.ts'
import type { ConsumeSpec, GroupSpec, PublishSpec } from '../spec.ts'
import { type RawGroup, type RawGroups, resolved } from './layers.ts'
import { CONSUME, DURATION, EXCLUSIVE, GROUP, PUBLISH, REPLAY, RUN, THRESHOLD } from './shape.ts'
import { Values } from './values.ts'

/** As a file has it, of the top and of its steps. */
interface RawScenario extends RunSettings, Pick<RawStep, 'name' | 'duration' | 'groups'> {
  readonly defaults?: RawGroup
  readonly steps?: readonly RawStep[]
}

interface RawStep {
  readonly name?: string
  readonly duration?: string
  readonly threshold?: readonly string[]
  readonly groups?: RawGroups
  readonly replay?: ReplaySettings
  readonly wait?: string
}

/**
 * A scenario's file, checked as far as it stands alone. `upstream` goes before what it says of all groups. Files in it
 * are relative to it.
 */
export async function readScenario(path: string, upstream: readonly string[]): Promise<RunSpec> {
  const file = await readYaml(path, await textOf(path))
  const values = new Values(file, dirname(path))
  const raw = scenario(values, file.value)
  const { groups = {}, steps: listed, defaults: said, name = basename(path).replace(/\.ya?ml$/, ''), ...top } = raw
  const { duration, ...settings } = top
  const defaults = { ...said, ...(upstream.length > 0 && { upstream }) }
  const several = listed !== undefined
  const steps: readonly RawStep[] = listed ?? [{}]
  const specs = steps.map((step, at): StepSpec => {
    const named = step.name ?? (several ? defaultName(step, at) : name)
    if (step.wait !== undefined) return { kind: 'wait', name: named, wait: step.wait }
    if (step.replay !== undefined) return { kind: 'replay', name: named, replay: step.replay }
    const found = resolved(defaults, groups, step.groups)
    if (found.length === 0) throw values.wrong(several ? ['steps', at] : [], 'there are no groups to do anything')
    for (const spec of found) checkOptions(values, spec, placesOf(spec.name, at, step.groups, groups, defaults))
    return { kind: 'load', name: named, duration: step.duration ?? duration, threshold: step.threshold, groups: found }
  })
  const all = specs.flatMap(step => (step.kind === 'load' ? step.groups : []))
  for (const option of said?.option ?? []) {
    values.placed(['defaults', 'option', nameIn(option)], () => checkShared({ option: [option] }, all))
  }
  const { 'protocol-version': version } = said ?? {}
  values.placed(['defaults', 'protocol-version'], () => checkShared({ 'protocol-version': version }, all))
  const doubled = specs.findIndex((one, at) => specs.findIndex(other => other.name === one.name) < at)
  if (doubled >= 0) throw values.wrong(['steps', doubled, 'name'], 'another step has this name')
  return {
    settings,
    steps: specs,
    blame: (step, group, { message, next }) => {
      const at = specs.findIndex(each => each.name === step)
      const [place] = placesOf(group, at, steps[at]?.groups, groups, defaults)
      return values.wrong(place?.path ?? [], message, next)
    },
  }
}

interface Place {
  readonly path: YamlPath
  readonly group: RawGroup
}

/** Where something is said of a group, the nearest first. */
const placesOf = (
  name: string,
  step: number,
  own: RawGroups | undefined,
  groups: RawGroups,
  defaults: RawGroup,
): Place[] =>
  [
    { path: ['steps', step, 'groups', name], group: own?.[name] },
    { path: ['groups', name], group: groups[name] },
    { path: ['defaults'], group: defaults },
  ].flatMap(({ path, group }) => (group === undefined ? [] : { path, group }))

const nameIn = (option: string): string => option.slice(0, option.indexOf('='))

function checkOptions(values: Values, spec: GroupSpec, places: readonly Place[]): void {
  for (const option of spec.option ?? []) {
    const { path = [] } = places.find(({ group }) => group.option?.includes(option)) ?? {}
    values.placed([...path, 'option', nameIn(option)], () => checkOption(spec, option))
  }
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw usage(`${path}: ${(error as Error).message}`, 'A scenario is a file in YAML; see docs/load-scenarios.md.')
  }
}

const defaultName = ({ wait, replay }: RawStep, at: number): string =>
  wait !== undefined ? `wait ${at + 1}` : replay !== undefined ? `replay ${at + 1}` : `step ${at + 1}`

function scenario(values: Values, value: unknown): RawScenario {
  const name = { kind: 'text' } as const
  const apart = <T extends object>(read: T, at: YamlPath): T => {
    for (const names of EXCLUSIVE) {
      if (!names.every(each => each in read)) continue
      throw values.wrong([...at, names[0] as string], `not together with ${names[1]}`, undefined, 'key')
    }
    return read
  }
  const group = (item: unknown, at: YamlPath): RawGroup => {
    const read = values.section<RawGroup>(item, at, GROUP, {
      publish: (inner: unknown, place: YamlPath) => apart(values.section<PublishSpec>(inner, place, PUBLISH), place),
      consume: (inner: unknown, place: YamlPath) => apart(values.section<ConsumeSpec>(inner, place, CONSUME), place),
    })
    return apart(read, at)
  }
  const groups = (item: unknown, at: YamlPath): RawGroups =>
    Object.fromEntries(Object.entries(values.map(item, at)).map(([key, each]) => [key, group(each, [...at, key])]))
  const replay = (item: unknown, at: YamlPath): ReplaySettings => {
    const read = values.section<ReplaySettings>(item, at, REPLAY)
    for (const needed of ['file', 'to'] as const) {
      if (read[needed] === undefined) throw values.wrong(at, `${needed} is missing`)
    }
    return read
  }
  const step = (item: unknown, at: YamlPath): RawStep => {
    const read = values.section<RawStep>(
      item,
      at,
      { name, duration: DURATION, threshold: THRESHOLD, wait: DURATION },
      { groups, replay },
    )
    const kinds = (['wait', 'replay', 'groups'] as const).filter(kind => read[kind] !== undefined)
    const [one, other] = kinds
    if (other === undefined) return read
    throw values.wrong([...at, other], `not together with ${one}: a step does one thing`, undefined, 'key')
  }
  const steps = (item: unknown, at: YamlPath): readonly RawStep[] =>
    values.list(item, at).map((each, index) => step(each, [...at, index]))
  return values.section<RawScenario>(
    value ?? null,
    [],
    { ...RUN, name, duration: DURATION },
    { defaults: group, groups, steps },
  )
}
