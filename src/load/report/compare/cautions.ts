import type { LoadResult } from '../../result.ts'
import { formatSeconds, goneText } from '../words.ts'

/** What makes two runs less than comparable, for who reads what came of it. */
export function cautions(a: LoadResult, b: LoadResult): string[] {
  const said: string[] = []
  const differ = (what: string, of: (run: LoadResult) => string): void => {
    if (of(a) !== of(b)) said.push(`not the same ${what}: ${of(a)}; ${of(b)}`)
  }
  said.push(...plansDiffer(a.plan, b.plan))
  differ('stages', ({ stages, search }) => (search === undefined ? stagesText(stages) : 'the tries of a search'))
  if (a.search !== undefined && b.search !== undefined) {
    differ('search', ({ search }) => `${search?.threshold}, each try ${formatSeconds(search?.step ?? 0)}`)
    said.push('both searched for a rate: times and rates are those of all that they tried')
  }
  differ('generator', ({ generator: { cpus, node, workers } }) => `${cpus} CPUs, Node ${node}, workers ${workers}`)
  differ('version of mqinspect', ({ mqinspect }) => mqinspect)
  if (Math.abs(a.seconds - b.seconds) > 0.1 * Math.max(a.seconds, b.seconds)) {
    said.push(`not as long: ${formatSeconds(a.seconds)}; ${formatSeconds(b.seconds)}`)
  }
  for (const [name, run] of [
    ['A', a],
    ['B', b],
  ] as const) {
    if (run.interrupted) said.push(`${name} was interrupted`)
    if (!run.proof.ok) said.push(`${name} does not add up: ${run.proof.lines.join('; ')}`)
    // Results of before these were told have none.
    for (const each of run.gone ?? []) said.push(`${name}: ${goneText(each)}`)
    if (run.limit.what === 'generator') said.push(`${name} was limited by the generator: it says little of the broker`)
  }
  if (a.limit.what === 'plan' && b.limit.what === 'plan') {
    said.push('both kept up with what was due: their rates are those of the plan, not the most that is possible')
  }
  return said
}

/** `publishers: 5 clients of MQTT, at …`, behind the name of the step where there are several. */
const GROUP = /^(?<name>.*?): (?<words>[\d,]+ clients? of .*)$/

/** Group by group, in those words only in which they differ. */
function plansDiffer(a: readonly string[], b: readonly string[]): string[] {
  const [before, after] = [a, b].map(
    plan => new Map(plan.map(line => [GROUP.exec(line)?.groups?.name ?? line, GROUP.exec(line)?.groups?.words ?? ''])),
  ) as [Map<string, string>, Map<string, string>]
  return [...new Set([...before.keys(), ...after.keys()])].flatMap(name => {
    const [was, is] = [before.get(name), after.get(name)]
    if (was === is) return []
    if (was === undefined || is === undefined) {
      return `only in ${is === undefined ? 'A' : 'B'}: ${[name, was ?? is].filter(Boolean).join(': ')}`
    }
    const [ours, theirs] = [was.split(', '), is.split(', ')]
    const only = (mine: readonly string[], other: readonly string[]): string =>
      mine.filter(part => !other.includes(part)).join(', ') || 'nothing of the kind'
    return `not the same ${name}: ${only(ours, theirs)}; ${only(theirs, ours)}`
  })
}

const stagesText = (stages: LoadResult['stages']): string =>
  stages.length === 0 ? 'one' : stages.map(({ name, from, to }) => `${name} (${formatSeconds(to - from)})`).join(', ')
