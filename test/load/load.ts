import type { LoadResult } from '../../src/load/result.ts'
import { type Ended, mqinspect } from '../commands/cli.ts'

export interface Loaded extends Ended {
  readonly result: LoadResult
}

/** Runs `mqinspect load`, quietly, and answers with what it came to. */
export async function load(...args: readonly string[]): Promise<Loaded> {
  const ended = await mqinspect(['load', '--json', '-q', ...args])
  const last = ended.stdout.trimEnd().split('\n').at(-1) ?? ''
  if (!last.startsWith('{"result"')) throw new Error(`no result:\n${ended.stdout}\n${ended.stderr}`)
  return { ...ended, result: JSON.parse(last).result }
}

/** What every run that goes well has in common: all was sent that was due, answered, and came. */
export function outcome({ code, result }: Loaded) {
  const { sent, confirmed, delivered, lost, unconfirmed, duplicates, reordered, acked } = result.counts
  return { code, sent, confirmed, delivered, lost, unconfirmed, duplicates, reordered, acked }
}

/** The outcome of `count` messages, each confirmed, delivered once and acknowledged. */
export const perfect = (count: number) => ({
  code: 0,
  sent: count,
  confirmed: count,
  delivered: count,
  lost: 0,
  unconfirmed: 0,
  duplicates: 0,
  reordered: 0,
  acked: count,
})
