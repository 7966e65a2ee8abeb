import { counted } from '../../codecs/core/index.ts'
import type { CaptureSummary } from '../capture/index.ts'
import { EXIT } from '../failure.ts'
import { formatAddress } from '../net/index.ts'
import { formatBytes, Output, styleFor } from '../output/index.ts'
import { Recorder } from '../recording/index.ts'
import { tell } from '../tell.ts'
import type { Comparison } from './comparison.ts'
import { writeNdjson, writeText } from './report.ts'
import { Run, type RunRequest } from './run.ts'
import { type FileRequest, fileTake } from './take.ts'

export interface ReplayRequest extends RunRequest, FileRequest {
  /** `same`: what went otherwise makes the exit code 1. */
  readonly expect?: string | undefined
  readonly json: boolean
  /** Where to record the run. */
  readonly write?: string | undefined
  readonly 'keep-secrets': boolean
  readonly quiet: boolean
  readonly 'no-color': boolean
}

const STDOUT = 1

/** What came of playing a recording. */
export interface Replayed {
  readonly comparison: Comparison
  readonly connections: number
  readonly frames: number
  /** Connections that were not played, by why not. */
  readonly leftOut: ReadonlyMap<string, number>
  readonly seconds: number
  readonly to: string
  readonly exit: number
  readonly damage: CaptureSummary['damage']
}

/** Plays the client's side of a recording to a live peer, and compares what comes of it. Returns the exit code. */
export async function replay(request: ReplayRequest, signal: AbortSignal): Promise<number> {
  const replayed = await play(request, signal)
  const output = new Output(STDOUT)
  show(request, replayed, output)
  await output.end()
  return replayed.exit
}

/** Plays a recording, and says nothing of it yet. */
export async function play(request: ReplayRequest, signal: AbortSignal): Promise<Replayed> {
  let recorder: Recorder | undefined
  const run = await Run.prepare(request, {
    signal,
    tell: request.quiet ? () => {} : tell,
    tap: inner => recorder?.tap(inner) ?? inner,
    observe: inner => recorder?.observe(inner) ?? inner,
  })
  const take = await fileTake(request, signal, request.loop)
  recorder = await record(request)
  let summary: CaptureSummary | undefined
  try {
    summary = await run.play(take)
  } finally {
    const recording = await recorder?.finish()
    if (recording !== undefined && !request.quiet) {
      tell(`recorded in ${recording.path} (${formatBytes(recording.size)})`)
    }
  }
  const { comparison, connections, frames, leftOut, elapsed, to } = run
  const { damage } = summary ?? {}
  const different = comparison.deviant || run.unplayed > 0
  const failed = (connections === 0 && !signal.aborted) || (request.expect === 'same' && different)
  const exit = damage !== undefined ? EXIT.input : failed ? EXIT.failed : EXIT.done
  return { comparison, connections, frames, leftOut, seconds: elapsed / 1000, to: formatAddress(to), exit, damage }
}

/** What came of it: exchanges beside those of the recording, and what else is to be known. */
export function show(request: ReplayRequest, replayed: Replayed, output: Output): void {
  const { comparison, connections, frames, leftOut, seconds, to, damage } = replayed
  if (request.json) writeNdjson(output, comparison)
  else if (comparison.kinds.size > 0) writeText(output, comparison, styleFor(process.stdout, request['no-color']))
  if (!request.quiet) {
    for (const [why, count] of leftOut) tell(`${counted(count, 'connection')} left out: ${why}`)
    tell(`${counted(connections, 'connection')} and ${counted(frames, 'frame')} to ${to} in ${seconds.toFixed(1)} s`)
    if (comparison.omitted > 0) tell(`${comparison.omitted} were not compared, as too many were open`)
  }
  if (damage !== undefined) {
    tell(`${request.file}, at byte ${damage.offset}: ${damage.message}`, 'What could be read is played.')
  } else if (connections === 0 && replayed.exit !== EXIT.done) {
    tell(`nothing in ${request.file} was replayed`, 'mqinspect decode --view flows lists its connections.')
  }
}

async function record(request: ReplayRequest): Promise<Recorder | undefined> {
  if (request.write === undefined) return undefined
  return Recorder.create(request.write, { keepSecrets: request['keep-secrets'], onTrouble: tell })
}
