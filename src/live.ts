import { codecs } from '../codecs/index.ts'
import type { DecodeAs } from './detect.ts'
import { parseDuration } from './duration.ts'
import { EXIT, Failure } from './failure.ts'
import type { Flow } from './flow.ts'
import { inspection, parseRules } from './inspection.ts'
import { Inspector, type Observer } from './inspector.ts'
import { LiveTls, type LiveTlsRequest } from './live-tls.ts'
import { findBrokers, LOOPBACK, parseRoute, type Route } from './net/index.ts'
import { formatBytes, Output, type ShowRequest, show, showOptions } from './output/index.ts'
import {
  adviceOn,
  CONNECT_TIMEOUT,
  describeEvent,
  IDLE_TIMEOUT,
  type ProxyEvent,
  type ProxyHandle,
  recurring,
  startProxy,
} from './proxy/index.ts'
import { Recorder, type RecordingSummary } from './recording/index.ts'
import { unshown } from './unshown.ts'

export interface ProxyRequest extends ShowRequest, LiveTlsRequest {
  /** `[LISTEN=]UPSTREAM` each; none: the brokers that are found on this machine. */
  readonly routes: readonly string[]
  readonly 'decode-as'?: readonly string[] | undefined
  readonly quiet: boolean
  readonly duration?: string | undefined
  readonly 'connect-timeout'?: string | undefined
  readonly 'idle-timeout'?: string | undefined
  /** Where to record. */
  readonly write?: string | undefined
  readonly 'keep-secrets': boolean
}

const STDOUT = 1
/** Characters of output that may wait for a slow reader before rows are dropped. */
const BEHIND = 8 << 20

/**
 * Relays, shows and records until it is told to stop, has shown enough, or `meanwhile`, which begins once it listens,
 * is done. Returns the exit code.
 */
export async function proxy(
  request: ProxyRequest,
  signal: AbortSignal,
  meanwhile: (routes: readonly Route[]) => Promise<void> = forever,
): Promise<number> {
  const enough = new AbortController()
  const stop = (): void => enough.abort()
  const duration = optional(request.duration, '--duration')
  const connectTimeout = optional(request['connect-timeout'], '--connect-timeout') ?? CONNECT_TIMEOUT
  const idleTimeout = optional(request['idle-timeout'], '--idle-timeout') ?? IDLE_TIMEOUT
  const shown = await showOptions(request, codecs)
  const output = new Output(STDOUT, { dropAbove: BEHIND, onGone: stop })
  const viewer = show(output, { ...shown, onEnough: stop })
  const rules = parseRules(request['decode-as'])
  const say = request.quiet ? () => {} : tell
  const routes = request.routes.length > 0 ? request.routes.map(text => parseRoute(text, codecs)) : await found(say)

  const tls = await LiveTls.load(request, routes, say, tell)
  const recorder = await record(request)
  const news = once(tell)
  const tally = new Tally(viewer, flow => {
    const why = unshown(flow)
    if (why !== undefined) news({ type: 'unshown', flow: flow.id, client: flow.client, server: flow.server, ...why })
  })
  const decodeAs = [...rules, ...routes.flatMap(certain)]
  const inspector = new Inspector(inspection(decodeAs), recorder?.observe(tally) ?? tally)
  const sink = recorder?.tap(inspector) ?? inspector
  if (recorder !== undefined) tls.record(recorder)
  let running: ProxyHandle | undefined
  let recording: RecordingSummary | undefined
  try {
    running = await startProxy({
      routes,
      sink,
      tls: tls.transport,
      connectTimeout,
      idleTimeout,
      onEvent: event => (event.type === 'listening' ? say(describeEvent(event)) : news(event)),
    })
    await Promise.race([over(AbortSignal.any([signal, enough.signal]), duration), meanwhile(running.routes)])
  } finally {
    await running?.close()
    // Before the output, which a reader that stopped could hold up for ever.
    recording = await recorder?.finish()
    await tls.close()
    viewer.finish()
    await output.end()
  }
  say(`${tally}${recording === undefined ? '' : `; ${recorded(recording)}`}`)
  for (const omission of viewer.omissions) tell(omission)
  if (output.dropped > 0) tell(`${output.dropped} rows were not shown, as the output could not keep up`)
  return EXIT.done
}

const forever = (): Promise<void> => new Promise(() => {})

function tell(what: string, next?: string): void {
  process.stderr.write(`mqinspect: ${what}\n${next === undefined ? '' : `${next}\n`}`)
}

const optional = (text: string | undefined, flag: string): number | undefined =>
  text === undefined ? undefined : parseDuration(text, flag)

/** The brokers on this machine, each with its route. */
async function found(say: (what: string) => void): Promise<Route[]> {
  const brokers = await findBrokers(codecs)
  if (brokers.length === 0) {
    const ports = [...new Set(codecs.filter(able => able.transport === 'stream').flatMap(able => able.ports))]
    throw new Failure(`no broker answers on ${LOOPBACK} (looked at ports ${ports.sort((a, b) => a - b).join(', ')})`, {
      exit: EXIT.connection,
      next: 'Start one, or say where it is: mqinspect proxy broker.example:1883. mqinspect demo needs none.',
    })
  }
  return brokers.map(({ port, codecs: usual }) => {
    say(`found a broker on ${LOOPBACK}:${port} (usually ${usual.map(({ name }) => name).join(' or ')})`)
    return parseRoute(`${LOOPBACK}:${port}`, codecs)
  })
}

/** What a route's scheme says of the protocol behind its upstream's port, where it leaves no doubt. */
function certain({ upstream, listen }: Route): DecodeAs[] {
  const codec = upstream.codec ?? listen.codec
  return codec === undefined || upstream.port === 0 || codec.transport === 'message'
    ? []
    : [{ transport: codec.transport, port: upstream.port, codec }]
}

async function record(request: ProxyRequest): Promise<Recorder | undefined> {
  if (request.write === undefined) return undefined
  return Recorder.create(request.write, { keepSecrets: request['keep-secrets'], onTrouble: tell })
}

const recorded = ({ path, size, dropped }: RecordingSummary): string =>
  `recorded in ${path} (${formatBytes(size)}${dropped === 0 ? '' : `, without ${formatBytes(dropped)}`})`

/** More than anybody reads: what has been said is then forgotten, and said again. */
const MOST_SAID = 1000

/** Tells of trouble: what comes again with every attempt of a client once, and advice once each. */
function once(say: (what: string, next?: string) => void): (event: ProxyEvent) => void {
  const said = new Set<string>()
  const isNew = (text: string): boolean => {
    if (said.size > MOST_SAID) said.clear()
    return !said.has(text) && said.add(text) !== undefined
  }
  return event => {
    const again = recurring(event)
    if (again !== undefined && !isNew(again)) return
    const advice = adviceOn(event)
    say(describeEvent(event), advice !== undefined && isNew(advice) ? advice : undefined)
  }
}

/** Resolves when `signal` aborts, or `duration` milliseconds have passed. */
function over(signal: AbortSignal, duration: number | undefined): Promise<void> {
  return new Promise(resolve => {
    const timer = duration === undefined ? undefined : setTimeout(resolve, duration)
    const done = (): void => {
      clearTimeout(timer)
      resolve()
    }
    if (signal.aborted) done()
    else signal.addEventListener('abort', done, { once: true })
  })
}

/** Counts what passes on its way to `inner`. */
class Tally implements Observer {
  readonly #inner: Observer
  readonly #over: (flow: Flow) => void
  #flows = 0
  #frames = 0
  #bytes = 0

  /** `over` is told of each connection that has ended. */
  constructor(inner: Observer, over: (flow: Flow) => void) {
    this.#inner = inner
    this.#over = over
  }

  start(origin: bigint): void {
    this.#inner.start?.(origin)
  }

  opened(flow: Flow): void {
    this.#flows++
    this.#inner.opened?.(flow)
  }

  packet: NonNullable<Observer['packet']> = (flow, packet, number) => this.#inner.packet?.(flow, packet, number)

  closed(flow: Flow): void {
    this.#frames += flow.frames.client + flow.frames.server
    this.#bytes += flow.bytes.client + flow.bytes.server
    this.#inner.closed?.(flow)
    this.#over(flow)
  }

  toString(): string {
    const flows = `${this.#flows} ${this.#flows === 1 ? 'connection' : 'connections'}`
    return `${flows}, ${this.#frames} frames, ${formatBytes(this.#bytes)}`
  }
}
