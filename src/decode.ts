import { counted } from '../codecs/core/index.ts'
import { codecs } from '../codecs/index.ts'
import { serverPorts } from './again.ts'
import { type CaptureInput, type CaptureSummary, readCapture } from './capture/index.ts'
import { EXIT } from './failure.ts'
import { inspection, parseRules } from './inspection.ts'
import { Inspector } from './inspector.ts'
import { KeyLog } from './keylog.ts'
import { Output, Progress, type ShowOptions, type ShowRequest, show, showOptions } from './output/index.ts'
import { onlyFlows, seek } from './seeking.ts'
import { tell } from './tell.ts'

export interface DecodeRequest extends ShowRequest {
  /** A path, or `-` for standard input. */
  readonly file: string
  readonly 'decode-as'?: readonly string[] | undefined
  /** TLS secrets, as SSLKEYLOGFILE has them. */
  readonly keylog?: readonly string[] | undefined
  readonly quiet: boolean
}

/** What a command makes of it beside showing it. */
export type DecodeHooks = Pick<ShowOptions, 'onFinding' | 'failOn'>

const STDOUT = 1
/** Views of which a connection shows the same whatever else there is. */
const ALONE: ReadonlySet<string> = new Set(['frames', 'flows', 'stats'])

/** Shows what is in a capture. Returns the exit code. */
export async function decode(request: DecodeRequest, signal: AbortSignal, hooks: DecodeHooks = {}): Promise<number> {
  const enough = new AbortController()
  const stop = (): void => enough.abort()
  const output = new Output(STDOUT, { onGone: stop })
  const shown = await showOptions(request, codecs)
  const viewer = show(output, { ...shown, ...hooks, input: request.file, onEnough: stop })
  const decodeAs = parseRules(request['decode-as'])
  const keys = new KeyLog()
  for (const file of request.keylog ?? []) await keys.addFile(file)
  const inspector = new Inspector(inspection(decodeAs, keys), viewer)
  // Rows on the same terminal tell the progress themselves.
  const progress =
    process.stderr.isTTY && !process.stdout.isTTY && !request.quiet ? new Progress(process.stderr) : undefined
  // What is numbered or judged over all connections wants them all.
  const flows = ALONE.has(shown.view) ? shown.flows : undefined
  const piped = request.file === '-'
  const input: CaptureInput = piped
    ? { stream: process.stdin, name: 'standard input' }
    : await seek(request.file, { flows })
  const seeks = 'path' in input && input.stretches !== undefined && flows !== undefined
  let summary: CaptureSummary
  try {
    summary = await readCapture(input, seeks ? onlyFlows(flows, inspector) : inspector, {
      signal: AbortSignal.any([signal, enough.signal]),
      ports: serverPorts(decodeAs),
      onProgress: (bytes, size) => progress?.update({ bytes, size }, viewer.frames),
    })
  } finally {
    progress?.clear()
    // Whoever feeds it may go on for ever: a pipe that is not let go keeps the process alive.
    if (piped) process.stdin.destroy()
    // Also where reading failed: what could be read is shown.
    viewer.finish()
    await output.end()
  }
  for (const omission of viewer.omissions) tell(omission)
  if (enough.signal.aborted) return EXIT.done
  const name = piped ? 'standard input' : request.file
  if (summary.damage !== undefined) {
    const { offset, message } = summary.damage
    tell(`${name}, at byte ${offset}: ${message}`, 'What could be read is shown.')
    return EXIT.input
  }
  if (viewer.frames === 0 && !request.quiet && !summary.aborted) {
    const { packets, flows } = summary
    const seen = `${counted(packets, 'packet')}, ${counted(flows, 'connection')}`
    tell(`no frames in ${name} (${seen})`, '--view flows lists the connections; -d says what is on a port.')
  }
  return EXIT.done
}
