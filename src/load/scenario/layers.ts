import { fitting } from '../options.ts'
import type { ConsumeSpec, GroupSpec, PublishSpec } from '../spec.ts'
import { EXCLUSIVE } from './shape.ts'

/** What one place says of a group. */
export type RawGroup = Partial<Omit<GroupSpec, 'name' | 'publish' | 'consume'>> & {
  readonly publish?: Partial<PublishSpec>
  readonly consume?: Partial<ConsumeSpec>
}
export type RawGroups = Readonly<Record<string, RawGroup>>

/**
 * The groups of a step: those that it names, or else all; of each what the step says, else what is said of the group at
 * the top, else what is said of all groups.
 */
export function resolved(defaults: RawGroup, groups: RawGroups, own: RawGroups | undefined): GroupSpec[] {
  return Object.keys(own ?? groups).map(name => {
    const { publish, consume, ...rest } = over(groups[name] ?? {}, own?.[name] ?? {})
    const { publish: publishing = {}, consume: consuming = {}, ...common } = defaults
    const spec = { ...common, ...rest, name }
    return {
      ...merged(fitting(common, spec), rest),
      name,
      publish: publish && merged(publishing, publish),
      consume: consume && merged(consuming, consume),
    }
  })
}

function over(far: RawGroup, near: RawGroup): RawGroup {
  const both = <T extends object>(a: T | undefined, b: T | undefined): T | undefined =>
    a === undefined || b === undefined ? (b ?? a) : merged(a, b)
  const [publish, consume] = [both(far.publish, near.publish), both(far.consume, near.consume)]
  return { ...merged(far, near), ...(publish && { publish }), ...(consume && { consume }) }
}

/** What is said nearer goes before; options and headers, name by name. */
export function merged<T extends object>(far: T, near: Partial<T>): T {
  const result = { ...far } as Record<string, unknown>
  const said = Object.entries(near).filter(([, value]) => value !== undefined)
  for (const names of EXCLUSIVE) {
    if (said.some(([name]) => names.includes(name))) for (const name of names) delete result[name]
  }
  for (const [name, value] of said) result[name] = NAMED.has(name) ? byName(result[name], value) : value
  return result as T
}

const NAMED = new Set(['option', 'header', 'oauth2-parameter'])

function byName(far: unknown, near: unknown): string[] {
  const pairs = [...((far ?? []) as string[]), ...(near as string[])]
  return [...new Map(pairs.map(pair => [pair.slice(0, pair.indexOf('=')), pair])).values()]
}
