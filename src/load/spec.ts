import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { codecs } from '../../codecs/index.ts'
import { parseDuration } from '../duration.ts'
import { usage } from '../failure.ts'
import { formatAddress, isLoopback, parseUpstream } from '../net/index.ts'
import { parseBytes, parseCount, parseRate, parseRecorded, parseShare, parseStages } from './amounts.ts'
import type { Spacing } from './arrivals.ts'
import { codecOf, driven, pair, settingsOf } from './options.ts'
import type { BodyPlan, ConsumePlan, GroupPlan, PublishPlan } from './plan.ts'
import { parseQuota } from './quota.ts'
import type { Rhythm } from './recorded/index.ts'
import { columnsOf } from './rows.ts'
import { STAMP_LENGTH } from './stamp.ts'

/** What is said of publishing, by flags or in a scenario: named as the flags are, as one types it. */
export interface PublishSpec {
  readonly destination?: readonly string[] | undefined
  readonly rate?: string | undefined
  readonly stages?: string | undefined
  readonly spacing?: Spacing | undefined
  readonly size?: readonly string[] | undefined
  readonly body?: readonly string[] | undefined
  readonly 'body-file'?: readonly string[] | undefined
  /** A recording, or any other capture, whose messages are published; and which of them. */
  readonly from?: string | undefined
  readonly filter?: string | undefined
  /** What there is in it, once it is read. */
  readonly recorded?: RecordedSpec | undefined
  /** `front`: over the front of bodies, where they keep no place for one. */
  readonly stamp?: 'front' | undefined
  readonly 'content-type'?: string | undefined
  readonly header?: readonly string[] | undefined
  readonly count?: string | undefined
  readonly 'drop-after'?: string | undefined
  readonly request?: boolean | undefined
}

export interface RecordedSpec {
  readonly bodies: readonly BodyPlan[]
  readonly rhythm: Rhythm
  readonly words: string
}

/** What is said of consuming. */
export interface ConsumeSpec {
  readonly source?: readonly string[] | undefined
  readonly 'consume-count'?: string | undefined
  readonly ack?: boolean | undefined
  readonly 'ack-every'?: number | undefined
  readonly work?: string | undefined
  /** Deliveries a second that all clients together work off: the `work` that comes to that. */
  readonly 'consume-rate'?: string | undefined
  readonly reject?: string | undefined
  readonly requeue?: string | undefined
  readonly 'consume-after'?: string | undefined
  /** Whether requests are answered. */
  readonly reply?: boolean | undefined
}

/** What is said of a group of clients. */
export interface GroupSpec {
  readonly name: string
  readonly upstream?: readonly string[] | undefined
  readonly protocol?: string | undefined
  readonly 'protocol-version'?: string | undefined
  readonly clients?: number | undefined
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly vhost?: string | undefined
  readonly 'client-id'?: string | undefined
  readonly 'keep-alive'?: number | undefined
  readonly 'in-flight'?: number | undefined
  readonly credit?: number | undefined
  readonly option?: readonly string[] | undefined
  readonly 'connect-rate'?: string | undefined
  readonly lifetime?: string | undefined
  readonly 'local-address'?: readonly string[] | undefined
  readonly reconnect?: string | undefined
  readonly publish?: PublishSpec | undefined
  readonly consume?: ConsumeSpec | undefined
}

/** Messages a second, where nothing is said. */
const RATE = 1000
/** Messages under way of a group: enough for an open run not to be held up by slow answers; of each client at least. */
const OPEN_IN_FLIGHT = 10_000
const LEAST_IN_FLIGHT = 100
/** Of each client of a closed run, whose pace it is. */
const CLOSED_IN_FLIGHT = 1
const KEEP_ALIVE = 60
/** No other run's: a broker ends the connection of who had the same before, and with it what it was subscribed to. */
const CLIENT_ID = 'mqinspect-%run-%g-%i'
const SIZE = 100

/** The group that was meant. `seconds` is how long the run is; Infinity where it ends with its messages. */
export function groupOf(spec: GroupSpec, seconds: number): GroupPlan {
  const codec = codecOf(spec)
  const { drive } = codec
  if (drive === undefined) throw usage(`${codec.name} cannot be driven`, `These can: ${driven().join(', ')}.`)
  const version = spec['protocol-version']
  if (version !== undefined && !drive.versions.includes(version)) {
    const known = drive.versions.length === 0 ? 'There is only one.' : `There are: ${drive.versions.join(', ')}.`
    throw usage(`--protocol-version ${version}: ${codec.name} has no such version`, known)
  }
  const publish = spec.publish === undefined ? undefined : publishOf(spec, spec.publish, seconds)
  const clients = spec.clients ?? 1
  const closed = publish !== undefined && publish.stages === undefined
  const settings = settingsOf(spec.option ?? [], drive.options)
  const open = Math.min(
    Math.max(LEAST_IN_FLIGHT, Math.ceil(OPEN_IN_FLIGHT / Math.max(1, clients))),
    drive.usualInFlight?.(version, settings) ?? Number.POSITIVE_INFINITY,
  )
  return {
    name: spec.name,
    urls: spec.upstream ?? [],
    protocol: codec.id,
    version,
    user: spec.user,
    password: spec.password,
    virtualHost: spec.vhost,
    clientId: spec['client-id'] ?? CLIENT_ID,
    clients,
    keepAlive: spec['keep-alive'] ?? KEEP_ALIVE,
    inFlight: spec['in-flight'] ?? (closed ? CLOSED_IN_FLIGHT : open),
    credit: spec.credit ?? 0,
    settings,
    publish,
    consume: spec.consume === undefined ? undefined : consumeOf(spec.consume, clients),
    connectRate: rateOr(spec['connect-rate']),
    localAddresses: (spec['local-address'] ?? []).map(text => parseIp(text)),
    lifetime: secondsOr(spec.lifetime, '--lifetime', Number.POSITIVE_INFINITY),
    reconnect: reconnectOf(spec.reconnect ?? '1s'),
  }
}

/** Throws where a load would fall on somebody else's broker by mistake. */
export function mayLoad(urls: readonly string[], owned: boolean): void {
  if (owned) return
  for (const url of urls) {
    const address = parseUpstream(url, codecs)
    if (address.transport === 'unix' || isLoopback(address.host)) continue
    throw usage(
      `${formatAddress(address)} is not this machine: a load test can take a broker down`,
      'Where it is yours to load, say so: --yes-i-own-this-broker, or in mqinspect.yaml: load: {yes-i-own-this-broker: true}',
    )
  }
}

function publishOf(group: GroupSpec, spec: PublishSpec, seconds: number): PublishPlan {
  const { stages, spacing = 'even', count, request = false } = spec
  // A window without a rate is the pace itself.
  const otherwise = group['in-flight'] === undefined ? RATE : undefined
  const rhythm = rhythmOf(spec)
  const { times, seconds: all } = rhythm ?? { times: [], seconds: 1 }
  const rate =
    rhythm !== undefined ? times.length / all : spec.rate === undefined ? otherwise : parseRate(spec.rate, '--rate')
  const { destination: destinations = [] } = spec
  const bodies = bodiesOf(spec)
  const texts = bodies.flatMap(body => ('text' in body ? body.text : []))
  return {
    destinations,
    bodies,
    stampsFront: spec.stamp === 'front',
    columns: columnsOf([...destinations, ...texts]),
    stages:
      stages !== undefined
        ? parseStages(stages, '--stages')
        : rate === undefined
          ? undefined
          : [{ from: rate, to: rate, seconds }],
    spacing,
    rhythm,
    recorded: spec.recorded?.words,
    quota: parseQuota(count, '--count'),
    patience: secondsOr(spec['drop-after'], '--drop-after', Number.POSITIVE_INFINITY),
    contentType: spec['content-type'],
    headers:
      spec.header === undefined ? undefined : Object.fromEntries(spec.header.map(each => pair(each, '--header'))),
    requests: request,
  }
}

/** As recorded, where that is asked for. */
export function rhythmOf({ rate, recorded }: PublishSpec): Rhythm | undefined {
  const speed = rate === undefined ? undefined : parseRecorded(rate)
  if (speed === undefined) return undefined
  if (recorded === undefined) throw usage(`--rate ${rate}: nothing is recorded`, 'Say which recording: --from FILE.')
  const { times, seconds } = recorded.rhythm
  return { times: times.map(time => time / speed), seconds: seconds / speed }
}

function bodiesOf(spec: PublishSpec): readonly BodyPlan[] {
  if (spec.recorded !== undefined) return spec.recorded.bodies
  const texts = (spec.body ?? []).map(text => ({ text }))
  const files = (spec['body-file'] ?? []).map(file => ({ text: readBody(file) }))
  if (texts.length + files.length > 0) return [...texts, ...files]
  return (spec.size ?? [String(SIZE)]).map(text => {
    const size = parseBytes(text, '--size')
    if (size >= STAMP_LENGTH) return { size }
    throw usage(
      `--size ${text}: what messages are told apart by takes ${STAMP_LENGTH} bytes`,
      'A --body of your own may be shorter; what became of it cannot be told.',
    )
  })
}

function readBody(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw usage(`--body-file ${file}: ${(error as Error).message}`)
  }
}

function consumeOf(spec: ConsumeSpec, clients: number): ConsumePlan {
  const { ack = true, reply = false } = spec
  return {
    sources: spec.source ?? [],
    quota: parseQuota(spec['consume-count'], '--consume-count'),
    settles: ack,
    every: spec['ack-every'] ?? 1,
    work: workOf(spec, clients),
    rejects: spec.reject === undefined ? 0 : parseShare(spec.reject, '--reject'),
    releases: spec.requeue === undefined ? 0 : parseShare(spec.requeue, '--requeue'),
    after: secondsOr(spec['consume-after'], '--consume-after', 0),
    replies: reply,
  }
}

/** Milliseconds. */
function workOf({ work, 'consume-rate': rate }: ConsumeSpec, clients: number): number {
  if (work !== undefined) return parseDuration(work, '--work')
  const perSecond = rate === undefined ? undefined : parseRate(rate, '--consume-rate')
  return perSecond === undefined ? 0 : (1000 * clients) / perSecond
}

const rateOr = (text: string | undefined): number =>
  text === undefined ? Number.POSITIVE_INFINITY : (parseRate(text, '--connect-rate') ?? Number.POSITIVE_INFINITY)

/** An address to connect from; throws where it is none. */
export function parseIp(text: string, name = '--local-address'): string {
  if (isIP(text) === 0) throw usage(`${name} ${text}: not an IP address`, 'One of this machine: 127.0.0.2')
  return text
}

const secondsOr = (text: string | undefined, flag: string, otherwise: number): number =>
  text === undefined ? otherwise : parseDuration(text, flag) / 1000

/** `never`; `2s`: after so long, again and again; `2s:5`: five times in a row at most. */
export function reconnectOf(text: string): GroupPlan['reconnect'] {
  if (text === 'never') return { delay: 0, most: 0 }
  const [time = '', most] = text.split(':')
  return {
    delay: parseDuration(time, '--reconnect'),
    most: most === undefined ? Number.POSITIVE_INFINITY : parseCount(most, '--reconnect'),
  }
}
