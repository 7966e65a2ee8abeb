import { expect } from 'vitest'
import { type Ended, mqinspect } from '../commands/cli.ts'
import { jsonLines } from '../output/shown.ts'

export interface Compared extends Ended {
  /** By kind of exchange: same, different, missing, extra. */
  readonly kinds: Readonly<Record<string, readonly [number, number, number, number]>>
  readonly deviations: readonly { readonly kind: string; readonly verdict: string; readonly live?: string }[]
}

interface KindRow {
  readonly kind: string
  readonly same: number
  readonly different: number
  readonly missing: number
  readonly extra: number
}

/** Replays as a user does; what does not come is not waited for long. */
export async function replay(file: string, to: string, ...flags: readonly string[]): Promise<Compared> {
  const usual = ['--timeout=5s', '--speed=max'].filter(flag => !flags.includes(flag.split('=')[0] as string))
  const ended = await mqinspect(['replay', file, '--to', to, '--json', ...usual, ...flags])
  const rows = jsonLines(ended.stdout) as unknown as (KindRow & Compared['deviations'][number])[]
  const kinds = rows.filter(row => !('deviation' in row))
  return {
    ...ended,
    kinds: Object.fromEntries(
      kinds.map(({ kind, same, different, missing, extra }) => [kind, [same, different, missing, extra] as const]),
    ),
    deviations: rows.filter(row => 'deviation' in row),
  }
}

/** Nothing differs, and of these kinds there are so many. */
export async function expectSame(file: string, to: string, counts: Readonly<Record<string, number>>): Promise<void> {
  const { code, kinds, deviations, stderr } = await replay(file, to, '--expect', 'same')
  expect({ code, deviations }).toEqual({ code: 0, deviations: [] })
  expect(stderr).not.toContain('did not come')
  for (const [kind, count] of Object.entries(counts))
    expect({ [kind]: kinds[kind] }).toEqual({ [kind]: [count, 0, 0, 0] })
}
