import { serverPorts } from '../again.ts'
import { readCapture } from '../capture/index.ts'
import { EXIT, usage } from '../failure.ts'
import { inspection, parseRules } from '../inspection.ts'
import { Inspector } from '../inspector.ts'
import { KeyLog } from '../keylog.ts'
import { Output, styleFor } from '../output/index.ts'
import { loadPayloads, type PayloadOptions, type Payloads } from '../payload/index.ts'
import { tell } from '../tell.ts'
import { compareRuns } from './compare.ts'
import type { Difference } from './difference.ts'
import { follow } from './follow.ts'
import { type DiffFormat, reports } from './report.ts'
import { Run } from './run.ts'

export interface DiffRequest extends PayloadOptions {
  /** Two captures: what it was, and what it is. */
  readonly a: string
  readonly b: string
  readonly format: DiffFormat
  readonly json: boolean
  /** Sections, or paths of values, that are not compared. */
  readonly ignore?: readonly string[] | undefined
  /** How many times as long as before an answer may take; undefined for any. */
  readonly 'max-slowdown'?: string | undefined
  readonly 'decode-as'?: readonly string[] | undefined
  readonly keylog?: readonly string[] | undefined
  readonly quiet: boolean
  readonly 'no-color': boolean
}

const STDOUT = 1

/** Tells in what two captures differ. Returns the exit code: 1 where they do. */
export async function diff(request: DiffRequest, signal: AbortSignal): Promise<number> {
  const payloads = await loadPayloads(request)
  const latency = slowdown(request['max-slowdown'])
  const [a, b] = [await read(request, request.a, payloads, signal), await read(request, request.b, payloads, signal)]
  if (signal.aborted) return EXIT.done
  const ignored = ignoring(request.ignore ?? [])
  const found = compareRuns(a.run, b.run, { latency }).filter(difference => !ignored(difference))
  const output = new Output(STDOUT)
  const format = request.json ? 'ndjson' : request.format
  const style = styleFor(process.stdout, request['no-color'])
  reports[format](output, { a: request.a, b: request.b, runs: [a.run, b.run], found }, style)
  await output.end()
  for (const { run, file } of [a, b]) {
    if (run.omitted > 0) tell(`${file}: ${run.omitted} more were not compared, as there were too many`)
  }
  if (a.damaged || b.damaged) return EXIT.input
  return found.some(({ counts }) => counts) ? EXIT.failed : EXIT.done
}

interface Read {
  readonly file: string
  readonly run: Run
  readonly damaged: boolean
}

async function read(request: DiffRequest, file: string, payloads: Payloads, signal: AbortSignal): Promise<Read> {
  const run = new Run(payloads)
  const { observer, finish } = follow(run)
  const decodeAs = parseRules(request['decode-as'])
  const keys = new KeyLog()
  for (const log of request.keylog ?? []) await keys.addFile(log)
  const { damage } = await readCapture({ path: file }, new Inspector(inspection(decodeAs, keys), observer), {
    signal,
    ports: serverPorts(decodeAs),
  })
  finish()
  if (damage !== undefined) {
    tell(`${file}, at byte ${damage.offset}: ${damage.message}`, 'What could be read is compared.')
  } else if (run.connections.size === 0 && !request.quiet && !signal.aborted) {
    tell(`no frames in ${file}`, 'mqinspect decode --view flows lists its connections; -d says what is on a port.')
  }
  return { file, run, damaged: damage !== undefined }
}

/** `order` is a section, `properties.headers.x` a path and all below it. */
function ignoring(names: readonly string[]): (difference: Difference) => boolean {
  return ({ section, path = '', subject }) =>
    names.some(name => {
      if (name === section) return true
      return [path, `${subject}.${path}`].some(
        full => full === name || full.startsWith(`${name}.`) || full.startsWith(`${name}[`),
      )
    })
}

function slowdown(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const times = Number(text)
  if (!(times >= 1)) throw usage(`--max-slowdown ${text} is no number from 1 on`, 'Twice as long is --max-slowdown 2.')
  return times
}
