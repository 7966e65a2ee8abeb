import { readFile } from 'node:fs/promises'
import { EXIT, Failure } from '../../../failure.ts'
import { Histogram } from '../../../histogram.ts'
import type { LoadResult } from '../../result.ts'

/** A result from a file: a report in JSON, or what `--json` wrote, of which it is the last line. */
export async function readResult(path: string): Promise<LoadResult> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw unreadable(path, cause.code === 'ENOENT' ? 'there is no such file' : cause.message, cause)
  })
  const found = parsed(text) ?? parsed(text.trimEnd().split('\n').at(-1) ?? '')
  const result = isObject(found) && isObject(found.result) ? found.result : found
  if (!isResult(result)) throw unreadable(path, 'it is no result of mqinspect load')
  try {
    for (const { measures } of [result, ...result.intervals]) {
      for (const { latencyHdr, serviceHdr } of Object.values(measures)) {
        Histogram.decoded(latencyHdr)
        Histogram.decoded(serviceHdr)
      }
    }
  } catch (cause) {
    throw unreadable(path, 'its histograms are damaged', cause)
  }
  return result
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What is looked at is there; more than a look at it would be the schema again. */
const isResult = (value: unknown): value is LoadResult =>
  isObject(value) &&
  ['counts', 'measures', 'limit', 'proof'].every(name => isObject(value[name])) &&
  ['plan', 'stages', 'intervals'].every(name => Array.isArray(value[name])) &&
  (value.intervals as unknown[]).every(each => isObject(each) && isObject(each.counts) && isObject(each.measures))

const unreadable = (path: string, why: string, cause?: unknown): Failure =>
  new Failure(`${path}: ${why}`, {
    exit: EXIT.input,
    next: 'Compare what mqinspect load --report a.json and --report b.json wrote.',
    cause,
  })
