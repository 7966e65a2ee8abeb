import type { LoadResult } from '../../result.ts'
import { formatSeconds } from '../words.ts'

/** What makes two runs less than comparable, for who reads what came of it. */
export function cautions(a: LoadResult, b: LoadResult): string[] {
  const said: string[] = []
  const differ = (what: string, of: (run: LoadResult) => string): void => {
    if (of(a) !== of(b)) said.push(`not the same ${what}: ${of(a)}; ${of(b)}`)
  }
  differ('plan', ({ plan }) => plan.join('; '))
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
    if (run.limit.what === 'generator') said.push(`${name} was limited by the generator: it says little of the broker`)
  }
  if (a.limit.what === 'plan' && b.limit.what === 'plan') {
    said.push('both kept up with what was due: their rates are those of the plan, not the most that is possible')
  }
  return said
}
