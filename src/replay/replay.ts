import type { CaptureSummary } from '../capture/index.ts'
import { EXIT } from '../failure.ts'
import { formatAddress } from '../net/index.ts'
import { formatBytes, Output, styleFor } from '../output/index.ts'
import { Recorder } from '../recording/index.ts'
import { tell } from '../tell.ts'
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

/** Plays the client's side of a recording to a live peer, and compares what comes of it. Returns the exit code. */
export async function replay(request: ReplayRequest, signal: AbortSignal): Promise<number> {
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
  const { comparison } = run
  const output = new Output(STDOUT)
  if (request.json) writeNdjson(output, comparison)
  else if (comparison.kinds.size > 0) writeText(output, comparison, styleFor(process.stdout, request['no-color']))
  await output.end()
  if (!request.quiet) {
    for (const [why, count] of run.leftOut) tell(`${count} connections are left out: ${why}`)
    const seconds = (run.elapsed / 1000).toFixed(1)
    tell(`${run.connections} connections and ${run.frames} frames to ${formatAddress(run.to)} in ${seconds} s`)
    if (comparison.omitted > 0) tell(`${comparison.omitted} were not compared, as too many were open`)
  }
  if (summary?.damage !== undefined) {
    tell(
      `${request.file}, at byte ${summary.damage.offset}: ${summary.damage.message}`,
      'What could be read is played.',
    )
    return EXIT.input
  }
  if (run.connections === 0 && !signal.aborted) {
    tell(`nothing in ${request.file} was replayed`, 'mqinspect decode --view flows lists its connections.')
    return EXIT.failed
  }
  return request.expect === 'same' && (comparison.deviant || run.unplayed > 0) ? EXIT.failed : EXIT.done
}

async function record(request: ReplayRequest): Promise<Recorder | undefined> {
  if (request.write === undefined) return undefined
  return Recorder.create(request.write, { keepSecrets: request['keep-secrets'], onTrouble: tell })
}
