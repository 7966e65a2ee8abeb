import { type AnyCodec, Renumbering } from '../../codecs/core/index.ts'
import { serverPorts } from '../again.ts'
import { type CaptureSummary, readCapture } from '../capture/index.ts'
import { chosenFlows, type SelectRequest } from '../chosen-flows.ts'
import { parseDuration } from '../duration.ts'
import { EXIT, usage } from '../failure.ts'
import type { Flow, Sink } from '../flow.ts'
import { inspection, parseRules } from '../inspection.ts'
import { Inspector } from '../inspector.ts'
import { KeyLog } from '../keylog.ts'
import { type Address, dialling, formatAddress } from '../net/index.ts'
import { formatBytes, Output, styleFor } from '../output/index.ts'
import { Recorder } from '../recording/index.ts'
import { tell } from '../tell.ts'
import { loadTrust, type TlsRequest } from '../tls/index.ts'
import { Comparison, type Place } from './comparison.ts'
import { Engine } from './engine.ts'
import { parseMap, parseTo } from './options.ts'
import { parsePace } from './pace.ts'
import { whyNot } from './playable.ts'
import { Recorded } from './recorded.ts'
import { writeNdjson, writeText } from './report.ts'
import { watch } from './watch.ts'

export interface ReplayRequest
  extends SelectRequest,
    Pick<TlsRequest, 'ca' | 'insecure' | 'client-cert' | 'client-key'> {
  /** Whom to play it to. */
  readonly to: string
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly vhost?: string | undefined
  /** `RECORDED=LIVE` each: addresses that are others now. */
  readonly map?: readonly string[] | undefined
  /** A number, or `max`. */
  readonly speed: string
  /** Messages a second. */
  readonly rate?: number | undefined
  readonly loop: number
  readonly copies: number
  readonly timeout: string
  /** `same`: what went otherwise makes the exit code 1. */
  readonly expect?: string | undefined
  readonly json: boolean
  /** Where to record the run. */
  readonly write?: string | undefined
  readonly 'keep-secrets': boolean
  readonly 'decode-as'?: readonly string[] | undefined
  readonly keylog?: readonly string[] | undefined
  readonly quiet: boolean
  readonly 'no-color': boolean
}

const STDOUT = 1

/** Plays the client's side of a recording to a live peer, and compares what comes of it. Returns the exit code. */
export async function replay(request: ReplayRequest, signal: AbortSignal): Promise<number> {
  const to = parseTo(request.to)
  const address = parseMap(request.map ?? [])
  const pace = parsePace(request.speed, request.rate)
  const timeout = parseDuration(request.timeout, '--timeout')
  const source = await sourceOf(request, to, signal)
  const comparison = new Comparison((request.map ?? []).length > 0)
  const recorder = await record(request)
  const live = watch(() => engine, comparison)
  const sinks = new Map<AnyCodec, Sink>()
  const origin = BigInt(Date.now()) * 1_000_000n
  const began = performance.now()
  const names = Array.from({ length: request.copies }, () => new Renumbering())
  const engine: Engine = new Engine({
    to,
    dial: dialling(await loadTrust(request)),
    pace,
    timeout,
    copies: request.copies,
    player: copy => ({
      side: 'client',
      user: request.user ?? to.user,
      password: request.password ?? to.password,
      virtualHost: request.vhost,
      address,
      copy,
      names: names[copy] as Renumbering,
    }),
    // What is spoken is known, whatever it looks like.
    sink: codec => {
      let sink = sinks.get(codec)
      if (sink === undefined) {
        const inspector = new Inspector(
          inspection([{ transport: undefined, port: undefined, codec }]),
          recorder?.observe(live) ?? live,
        )
        sink = recorder?.tap(inspector) ?? inspector
        sink.start(origin)
        sinks.set(codec, sink)
      }
      return sink
    },
    signal,
    tell: request.quiet ? () => {} : tell,
  })
  let summary: CaptureSummary | undefined
  try {
    for (let run = 0; run < request.loop && !signal.aborted; run++) {
      if (run > 0) await engine.again()
      summary = await source.read(engine, comparison)
    }
    await engine.finish()
  } finally {
    engine.destroy()
    live.finish()
    const recording = await recorder?.finish()
    if (recording !== undefined && !request.quiet) {
      tell(`recorded in ${recording.path} (${formatBytes(recording.size)})`)
    }
  }
  comparison.finish()
  const output = new Output(STDOUT)
  if (request.json) writeNdjson(output, comparison)
  else if (comparison.kinds.size > 0) writeText(output, comparison, styleFor(process.stdout, request['no-color']))
  await output.end()
  if (!request.quiet) {
    for (const [why, count] of engine.leftOut) tell(`${count} connections are left out: ${why}`)
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    tell(`${engine.connections} connections and ${engine.frames} frames to ${formatAddress(to)} in ${seconds} s`)
    if (comparison.omitted > 0) tell(`${comparison.omitted} were not compared, as too many were open`)
  }
  if (summary?.damage !== undefined) {
    tell(
      `${request.file}, at byte ${summary.damage.offset}: ${summary.damage.message}`,
      'What could be read is played.',
    )
    return EXIT.input
  }
  if (engine.connections === 0 && !signal.aborted) {
    tell(`nothing in ${request.file} was replayed`, 'mqinspect decode --view flows lists its connections.')
    return EXIT.failed
  }
  return request.expect === 'same' && (comparison.deviant || engine.unplayed > 0) ? EXIT.failed : EXIT.done
}

interface RecordingSource {
  read(engine: Engine, comparison: Comparison): Promise<CaptureSummary>
}

/** The recording, to be read as often as it is played. */
async function sourceOf(request: ReplayRequest, to: Address, signal: AbortSignal): Promise<RecordingSource> {
  const { file, loop, copies } = request
  if (file === '-' && loop > 1) throw usage('--loop needs a file', 'Standard input can be read only once.')
  const decodeAs = parseRules(request['decode-as'])
  const keys = new KeyLog()
  for (const log of request.keylog ?? []) await keys.addFile(log)
  const options = { signal, ports: serverPorts(decodeAs) }
  const chosen = await chosenFlows(request, inspection(decodeAs, keys), options)
  const each = ({ id: flow }: Flow, compare: (place: Place) => void): void => {
    for (let copy = 0; copy < copies; copy++) compare({ flow, copy })
  }
  return {
    read: async (engine, comparison) => {
      const input = file === '-' ? { stream: process.stdin, name: 'standard input' } : { path: file }
      const recorded = new Recorded({
        inspection: inspection(decodeAs, keys),
        chosen,
        playable: flow => whyNot(flow, to) === undefined,
        play: steps => engine.play(steps),
        message: (flow, message) => each(flow, place => comparison.message('recorded', flow, place, message)),
        ended: (flow, exchange) => each(flow, place => comparison.exchange('recorded', flow, place, exchange)),
      })
      try {
        return await readCapture(input, recorded, options)
      } finally {
        recorded.finish()
        if ('stream' in input) input.stream.destroy()
      }
    },
  }
}

async function record(request: ReplayRequest): Promise<Recorder | undefined> {
  if (request.write === undefined) return undefined
  return Recorder.create(request.write, { keepSecrets: request['keep-secrets'], onTrouble: tell })
}
