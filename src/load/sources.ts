import { usage } from '../failure.ts'
import { codecOf } from './options.ts'
import type { BodyPlan } from './plan.ts'
import { type Recorded, type RecordedMessage, readRecorded } from './recorded/index.ts'
import type { RunSpec, StepSpec } from './run-spec.ts'
import type { GroupSpec } from './spec.ts'
import { literally } from './template.ts'

/** Who consumes what is recorded, without saying what, subscribes to so many at most. */
const MOST_SOURCES = 100

/** A group that publishes a recording, and the options that this needs of whoever speaks the same protocol. */
interface Source {
  readonly group: GroupSpec
  readonly protocol: string
  readonly options: readonly string[]
}

/** The run, with what its recordings have in it, and with consumers of what is published, where they do not say of what. */
export async function withSources(spec: RunSpec, signal: AbortSignal): Promise<RunSpec> {
  const known = new Map<string, Recorded>()
  for (const { from, filter } of spec.steps.flatMap(groupsOf).flatMap(({ publish }) => publish ?? [])) {
    const key = keyOf(from, filter)
    if (from !== undefined && !known.has(key)) known.set(key, await readRecorded(from, filter, signal))
  }
  const steps = spec.steps.map((step): StepSpec => {
    if (step.kind !== 'load') return step
    const sources = step.groups.flatMap(group => {
      const { from, filter } = group.publish ?? {}
      const recorded = known.get(keyOf(from, filter))
      return from === undefined || recorded === undefined ? [] : sourceOf(group, from, recorded)
    })
    const groups = step.groups.map(group => sources.find(source => source.group.name === group.name)?.group ?? group)
    return { ...step, groups: groups.map(group => consuming(group, groups, sources)) }
  })
  return { ...spec, steps }
}

const groupsOf = (step: StepSpec): readonly GroupSpec[] => (step.kind === 'load' ? step.groups : [])
const keyOf = (from: string | undefined, filter: string | undefined): string => JSON.stringify([from, filter])

/** A group that publishes what was recorded: to where it went then, unless it says where. */
function sourceOf(group: GroupSpec, file: string, { messages, count, gone, times, seconds }: Recorded): Source {
  const { id: protocol } = codecOf(group)
  const { publish, option = [] } = group
  const said = new Set(option.map(nameIn))
  const needed = messages.map(message =>
    message.protocol === protocol ? optionsOf(message).filter(each => !said.has(nameIn(each))) : [],
  )
  // One connection publishes with one set of options: with that which most messages need.
  const options = mostCommon(needed)
  const chosen = messages.filter((_, at) => keyOfOptions(needed[at] as string[]) === keyOfOptions(options))
  const destinations = [...new Set(chosen.map(({ destination }) => destination))]
  const index = new Map(destinations.map((destination, at) => [destination, at]))
  const isElsewhere = publish?.destination !== undefined
  const bodies = chosen.map(
    ({ destination, body: bytes, contentType }): BodyPlan => ({
      bytes,
      contentType,
      destination: isElsewhere ? undefined : index.get(destination),
    }),
  )
  const left = messages.length - chosen.length
  const words = [
    `${messages.length === count ? '' : `${n(messages.length)} of `}${n(count)} messages of ${file} in turn`,
    ...(left === 0 ? [] : [`${n(left)} left out, as they need other options than ${options.join(' ')}`]),
    ...(gone === 0 ? [] : [`${n(gone)} more went to what the broker made for a while`]),
  ].join(', ')
  return {
    protocol,
    options,
    group: {
      ...group,
      option: [...options, ...option],
      publish: {
        ...publish,
        destination: publish?.destination ?? destinations.map(literally),
        recorded: { bodies, rhythm: { times, seconds }, words },
      },
    },
  }
}

function consuming(group: GroupSpec, groups: readonly GroupSpec[], sources: readonly Source[]): GroupSpec {
  const { consume, option = [] } = group
  if (consume === undefined || consume.source !== undefined) return group
  const published = [...new Set(groups.flatMap(({ publish }) => publish?.destination ?? []))]
  if (published.length === 0) throw usage(`${group.name}: what it consumes is not said`, 'Say its source.')
  if (sources.length > 0 && published.length > MOST_SOURCES) {
    throw usage(
      `${group.name}: what is recorded goes to ${n(published.length)} destinations`,
      'Say which to consume: --source.',
    )
  }
  const { options = [] } = sources.find(({ protocol }) => protocol === codecOf(group).id) ?? {}
  const said = new Set(option.map(nameIn))
  return {
    ...group,
    option: [...options.filter(each => !said.has(nameIn(each))), ...option],
    consume: { ...consume, source: published },
  }
}

const optionsOf = ({ settings }: RecordedMessage): string[] =>
  Object.entries(settings).map(([name, value]) => `${name}=${value}`)

const nameIn = (option: string): string => option.slice(0, option.indexOf('='))
const keyOfOptions = (options: readonly string[]): string => JSON.stringify(options)

function mostCommon(all: readonly (readonly string[])[]): readonly string[] {
  const counts = new Map<string, { readonly options: readonly string[]; count: number }>()
  for (const options of all) {
    const known = counts.get(keyOfOptions(options))
    if (known === undefined) counts.set(keyOfOptions(options), { options, count: 1 })
    else known.count++
  }
  const [most] = [...counts.values()].sort((a, b) => b.count - a.count)
  return most?.options ?? []
}

const n = (count: number): string => count.toLocaleString('en')
