import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { Failure } from '../../../src/failure.ts'
import type { RunSpec, StepSpec } from '../../../src/load/run-spec.ts'
import { readScenario } from '../../../src/load/scenario/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'mqinspect-scenario-'))
afterAll(() => rmSync(folder, { recursive: true }))

export function file(text: string, name = 'load.yaml'): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

export const read = (text: string, ...upstream: string[]): Promise<RunSpec> => readScenario(file(text), upstream)

/** The steps that load. */
export const loads = ({ steps }: RunSpec): Extract<StepSpec, { kind: 'load' }>[] =>
  steps.filter(step => step.kind === 'load')

/** What is said of a mistake, its file named shortly; and what next. */
export async function mistake(text: string): Promise<readonly [string, string | undefined]> {
  const error = (await read(text).then(
    () => new Error('nothing is wrong'),
    (reason: unknown) => reason,
  )) as Failure
  return [error.message.replace(`${folder}/`, ''), error.next]
}
