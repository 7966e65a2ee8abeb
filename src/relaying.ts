import { codecs } from '../codecs/index.ts'
import type { DecodeAs } from './detect.ts'
import { parseDuration } from './duration.ts'
import { EXIT, Failure } from './failure.ts'
import { inspection, parseRules } from './inspection.ts'
import { Inspector, type Observer } from './inspector.ts'
import { LiveTls, type LiveTlsRequest } from './live-tls.ts'
import { findBrokers, LOOPBACK, parseRoute, type Route } from './net/index.ts'
import {
  adviceOn,
  CONNECT_TIMEOUT,
  describeEvent,
  describeRoute,
  IDLE_TIMEOUT,
  isNotice,
  type ProxyEvent,
  type ProxyHandle,
  recurring,
  startProxy,
} from './proxy/index.ts'
import type { Recorder, RecordingSummary } from './recording/index.ts'
import { observed, type RecordingRequest, recorderFor } from './recording-request.ts'
import { steady } from './steady.ts'
import { Tally } from './tally.ts'
import { tell as toStderr } from './tell.ts'
import { unshown } from './unshown.ts'

/** What all that relays takes. */
export interface RelayRequest extends RecordingRequest, LiveTlsRequest {
  /** `[LISTEN=]UPSTREAM` each; none: the brokers that are found on this machine. */
  readonly routes: readonly string[]
  readonly 'decode-as'?: readonly string[] | undefined
  readonly quiet: boolean
  readonly duration?: string | undefined
  readonly 'connect-timeout'?: string | undefined
  readonly 'idle-timeout'?: string | undefined
}

export interface Relaying {
  readonly request: RelayRequest
  /** Who is to see the traffic. */
  readonly observer: Observer
  /** The observer keeps what it is shown. */
  readonly keeps?: boolean
  /** Aborted when enough was seen. */
  readonly signal: AbortSignal
  /** Begins once it listens; when it is done, all is. */
  readonly meanwhile?: (routes: readonly Route[]) => Promise<void>
  /** Told of trouble, and of what to do about it. */
  readonly tell?: (what: string, next?: string) => void
  /** It listens. */
  readonly listening?: (proxy: ProxyHandle) => void
  /** It is over: connections are ended next. */
  readonly ending?: () => Promise<void> | undefined
  /** Told what is recorded to, before anything comes. */
  readonly onRecorder?: (recorder: Recorder, tally: Tally) => void
}

export interface Relayed {
  readonly tally: Tally
  readonly recording: RecordingSummary | undefined
}

/** Relays and records until it is told to stop, the time is over, or `meanwhile` is done. */
export async function relay(relaying: Relaying): Promise<Relayed> {
  const { request, observer, keeps = false, signal, meanwhile, onRecorder, tell = toStderr } = relaying
  const duration = optional(request.duration, '--duration')
  const connectTimeout = optional(request['connect-timeout'], '--connect-timeout') ?? CONNECT_TIMEOUT
  const idleTimeout = optional(request['idle-timeout'], '--idle-timeout') ?? IDLE_TIMEOUT
  const say = request.quiet ? () => {} : tell
  const routes = request.routes.length > 0 ? request.routes.map(text => parseRoute(text, codecs)) : await found(say)
  const decodeAs = decodeAsOf(request, routes)

  const tls = await LiveTls.load(request, routes, say, tell)
  const recorder = await recorderFor(request, routes.map(describeRoute), tell)
  const news = once(tell)
  const notices = once(say)
  const tally = new Tally(observer, flow => {
    const why = unshown(flow)
    if (why !== undefined) news({ type: 'unshown', flow: flow.id, client: flow.client, server: flow.server, ...why })
  })
  if (recorder !== undefined) onRecorder?.(recorder, tally)
  const inspector = new Inspector(inspection(decodeAs), observed(request, recorder, tally))
  // Findings are worked out of messages too, which are put together from chunks.
  const remarked = recorder !== undefined && request.findings
  const inspected = keeps || remarked ? steady(inspector) : inspector
  const sink = recorder?.tap(inspected) ?? inspected
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
      onEvent: event => (isNotice(event) ? notices(event) : news(event)),
    })
    relaying.listening?.(running)
    await Promise.race([over(signal, duration), meanwhile?.(running.routes) ?? forever()])
  } finally {
    try {
      await relaying.ending?.()
    } finally {
      await running?.close()
      try {
        recording = await recorder?.finish()
      } finally {
        await tls.close()
      }
    }
  }
  return { tally, recording }
}

const forever = (): Promise<void> => new Promise(() => {})

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

/** What is known of the protocols behind the routes: what was said, then what their schemes say. */
export const decodeAsOf = (request: Pick<RelayRequest, 'decode-as'>, routes: readonly Route[]): DecodeAs[] => [
  ...parseRules(request['decode-as']),
  ...routes.flatMap(certain),
]

/** What a route's scheme says of the protocol behind its upstream's port, where it leaves no doubt. */
function certain({ upstream, listen }: Route): DecodeAs[] {
  const codec = upstream.codec ?? listen.codec
  return codec === undefined || upstream.port === 0 || codec.transport === 'message'
    ? []
    : [{ transport: codec.transport, port: upstream.port, codec }]
}

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
export function over(signal: AbortSignal, duration: number | undefined): Promise<void> {
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
