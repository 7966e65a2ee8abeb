import { codecs } from '../codecs/index.ts'
import { readCapture } from './capture/index.ts'
import { captureInterface, capturePorts, findCaptureTool } from './capturing/index.ts'
import { parseDuration } from './duration.ts'
import { EXIT, usage } from './failure.ts'
import { inspection, parseRules } from './inspection.ts'
import { Inspector, type Observer } from './inspector.ts'
import type { Recorder } from './recording/index.ts'
import { observed, recorded, recorderFor } from './recording-request.ts'
import { over, type RelayRequest, relay } from './relaying.ts'
import { StatusLine } from './status-line.ts'
import { Tally } from './tally.ts'
import { tell } from './tell.ts'

export interface RecordRequest extends RelayRequest {
  /** Listen to this interface, rather than relay. */
  readonly interface?: string | undefined
  /** What to capture there, as pcap filters say it. */
  readonly 'capture-filter'?: string | undefined
  /** Frames after which to stop. */
  readonly count?: number | undefined
}

/** Records until it is told to stop, or has enough. Returns the exit code. */
export async function record(request: RecordRequest, signal: AbortSignal): Promise<number> {
  if (request.write === undefined) throw usage('nowhere to record to', 'Say where: -w traffic.pcapng.')
  const enough = new AbortController()
  const observer: Observer = {
    packet: (_flow, _packet, number) => {
      if (number === request.count) enough.abort()
    },
  }
  const either = AbortSignal.any([signal, enough.signal])
  let line: StatusLine | undefined
  const onRecorder = (recorder: Recorder, tally: Tally): void => {
    if (!process.stderr.isTTY || request.quiet) return
    const { stderr } = process
    line = new StatusLine(stderr, () => ({
      path: recorder.path,
      size: recorder.written,
      flows: tally.flows,
      frames: tally.frames,
      over: recorder.over,
    }))
  }
  try {
    const { tally, recording } = await (request.interface === undefined
      ? relay({ request, observer, signal: either, onRecorder })
      : overhear({ ...request, interface: request.interface }, observer, either, onRecorder))
    line?.end()
    if (!request.quiet && recording !== undefined) tell(`${tally}; ${recorded(recording)}`)
  } finally {
    line?.end()
  }
  return EXIT.done
}

/** Records what passes an interface, as dumpcap or tcpdump captures it. */
async function overhear(
  request: RecordRequest & { readonly interface: string },
  observer: Observer,
  signal: AbortSignal,
  onRecorder: (recorder: Recorder, tally: Tally) => void,
) {
  if (request.routes.length > 0) {
    throw usage('-i listens, and a route relays: it is one or the other', 'Leave out one of them.')
  }
  const duration = request.duration === undefined ? undefined : parseDuration(request.duration, '--duration')
  const decodeAs = parseRules(request['decode-as'])
  const ports = capturePorts(codecs, decodeAs)
  const tool = await findCaptureTool(request.interface, request['capture-filter'] ?? ports.filter)
  const recorder = await recorderFor(request, [`${request.interface}, by ${tool.name}`], tell)
  if (recorder === undefined) throw usage('nowhere to record to', 'Say where: -w traffic.pcapng.')
  const tally = new Tally(observer)
  const inspector = new Inspector(inspection(decodeAs), observed(request, recorder, tally))
  const capture = captureInterface(tool)
  const stop = (): void => capture.stop()
  let recording: Awaited<ReturnType<Recorder['finish']>> | undefined
  try {
    void over(signal, duration).then(stop)
    if (!request.quiet) tell(`${tool.name} captures on ${request.interface}: ${tool.filter}`)
    onRecorder(recorder, tally)
    await capture.started
    const input = { stream: capture.output, name: tool.name }
    await readCapture(input, recorder.tap(inspector), { ports: ports.servers })
    await capture.ended
  } finally {
    capture.stop()
    recording = await recorder.finish()
  }
  return { tally, recording }
}
