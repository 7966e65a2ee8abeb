import { type AnyCodec, counted } from '../../codecs/core/index.ts'
import { codecs } from '../../codecs/index.ts'
import { serverPorts } from '../again.ts'
import { chosenFlows, type SelectRequest } from '../chosen-flows.ts'
import { parseDuration } from '../duration.ts'
import { EXIT, Failure } from '../failure.ts'
import type { Sink } from '../flow.ts'
import { inspection, parseRules } from '../inspection.ts'
import { Inspector } from '../inspector.ts'
import { KeyLog } from '../keylog.ts'
import { LiveTls } from '../live-tls.ts'
import { formatAddress, isDatagram, listening, parseListen } from '../net/index.ts'
import { formatBytes, Output, styleFor } from '../output/index.ts'
import { Recorder } from '../recording/index.ts'
import { seek } from '../seeking.ts'
import { parseSpeed } from '../speed.ts'
import { tell } from '../tell.ts'
import type { TlsRequest } from '../tls/index.ts'
import { type Loaded, loadScripts } from './load.ts'
import { writeNdjson, writeText } from './report.ts'
import { Signatures } from './signatures.ts'
import { Stage } from './stage.ts'
import { Tally } from './tally.ts'

export interface MockRequest extends SelectRequest, Pick<TlsRequest, 'cert' | 'key'> {
  /** Where clients connect. */
  readonly listen: string
  /** A number, or `max`. */
  readonly speed: string
  readonly loop: boolean
  readonly strict: boolean
  /** Ends when each recorded connection was played once. */
  readonly once: boolean
  /** Ends after so many connections. */
  readonly count?: number | undefined
  readonly duration?: string | undefined
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
/** Milliseconds that a client may take for its TLS handshake. */
const HANDSHAKE = 10_000
/** How often it is listened whether clients of datagrams have left, in milliseconds. */
const LISTEN = 250

/** Plays the broker's side of a recording to whoever connects. Returns the exit code. */
export async function mock(request: MockRequest, signal: AbortSignal): Promise<number> {
  const address = parseListen(request.listen, codecs)
  const speed = parseSpeed(request.speed)
  const duration = request.duration === undefined ? undefined : parseDuration(request.duration, '--duration')
  const say = request.quiet ? (): void => {} : tell
  const signatures = new Signatures()
  const loaded = await load(request, signatures, signal)
  const { scripts } = loaded
  if (signal.aborted) return EXIT.done
  const { cert, key } = request
  const tls = await LiveTls.load({ cert, key }, [{ listen: address, upstream: address }], say, tell)
  const spoken = [...new Set(scripts.map(({ codec }) => codec))]
  const tally = new Tally(signatures)
  const over = new AbortController()
  const ended = AbortSignal.any([
    signal,
    over.signal,
    ...(duration === undefined ? [] : [AbortSignal.timeout(duration)]),
  ])
  const stage: Stage = new Stage({
    scripts,
    signatures,
    tally,
    speed,
    loop: request.loop,
    strict: request.strict,
    listen: listening(address, tls.transport, spoken),
    timeout: HANDSHAKE,
    signal: ended,
    tell,
    changed: (connections, live) => {
      if (connections === 1 && live === 1) say('the first client is here')
      if (live === 0 && isEnough()) over.abort()
    },
  })
  const { once, count } = request
  const isEnough = (): boolean =>
    (count !== undefined && stage.connections >= count) || (once && stage.castings.complete)
  const leaving = isDatagram(address) && (once || count !== undefined)
  const silence = leaving ? setInterval(() => isEnough() && stage.isSilent && over.abort(), LISTEN) : undefined
  const recorder = await record(request)
  const inspector = new Inspector({ ...inspection(), codecs: preferring(spoken) }, recorder?.observe(stage) ?? stage)
  const sink: Sink = recorder?.tap(inspector) ?? inspector
  sink.start(BigInt(Date.now()) * 1_000_000n)
  try {
    const where = formatAddress(await stage.listen(address, sink))
    say(`${counted(scripts.length, 'recorded connection')} for whoever connects to ${where}; Ctrl-C ends it`)
    await aborted(ended)
  } finally {
    clearInterval(silence)
    stage.close()
    const recording = await recorder?.finish()
    if (recording !== undefined) say(`recorded in ${recording.path} (${formatBytes(recording.size)})`)
  }
  for (const script of scripts) {
    if (stage.castings.takes(script) > 0) continue
    const client = script.likeness.values().next().value
    tally.add(script.codec, 'client', { type: 'connection', address: client }, 'undone', script.flow)
  }
  const output = new Output(STDOUT)
  if (request.json) writeNdjson(output, tally)
  else if (stage.connections > 0) writeText(output, tally, styleFor(process.stdout, request['no-color']))
  await output.end()
  say(`played to ${counted(stage.connections, 'connection')}`)
  if (loaded.summary.damage !== undefined) return EXIT.input
  const otherwise = request.expect === 'same' && tally.deviations.told.length > 0
  return otherwise || (request.strict && tally.count('unknown') > 0) ? EXIT.failed : EXIT.done
}

/** Where the recording has but one protocol, it is that, unless it is surely another. */
function preferring(spoken: readonly AnyCodec[]): readonly AnyCodec[] {
  const [only] = spoken
  if (only === undefined || spoken.length > 1) return codecs
  const preferred: AnyCodec = { ...only, detect: (head, side) => Math.max(SURE, only.detect(head, side)) }
  return codecs.map(codec => (codec === only ? preferred : codec))
}

/** Not to be doubted, but by what is surer. */
const SURE = 0.9

/** Fails where there is nothing to be played. */
async function load(request: MockRequest, signatures: Signatures, signal: AbortSignal): Promise<Loaded> {
  const { file } = request
  const decodeAs = parseRules(request['decode-as'])
  const keys = new KeyLog()
  for (const log of request.keylog ?? []) await keys.addFile(log)
  const capture = { signal, ports: serverPorts(decodeAs) }
  const inspected = inspection(decodeAs, keys)
  const flows = await chosenFlows(request, inspected, capture)
  const piped = file === '-'
  const name = piped ? 'standard input' : file
  const input = piped ? { stream: process.stdin, name } : await seek(file, { flows })
  let loaded: Loaded
  try {
    loaded = await loadScripts(input, { inspection: inspected, capture, flows, signatures })
  } finally {
    if (piped) process.stdin.destroy()
  }
  if (!request.quiet) {
    for (const [why, count] of loaded.leftOut) tell(`${counted(count, 'connection')} left out: ${why}`)
  }
  const { damage } = loaded.summary
  if (damage !== undefined)
    tell(`${name}, at byte ${damage.offset}: ${damage.message}`, 'What could be read is played.')
  if (loaded.scripts.length > 0 || signal.aborted) return loaded
  throw new Failure(`nothing in ${name} can be played`, {
    exit: EXIT.failed,
    next: 'mqinspect decode --view flows lists its connections.',
  })
}

async function record(request: MockRequest): Promise<Recorder | undefined> {
  if (request.write === undefined) return undefined
  return Recorder.create(request.write, { keepSecrets: request['keep-secrets'], onTrouble: message => tell(message) })
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve())
  })
