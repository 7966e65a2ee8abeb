import { isIP } from 'node:net'
import { codecs } from '../../codecs/index.ts'
import { parseDuration } from '../duration.ts'
import { usage } from '../failure.ts'
import { formatAddress, isLoopback, parseUpstream } from '../net/index.ts'
import { parseCount, parseRate, parseShare, secondsOr } from './amounts.ts'
import type { Spacing } from './arrivals.ts'
import { always, type Phased, parsePhased } from './cycle.ts'
import { expandNames } from './names.ts'
import { codecOf, driven, settingsOf } from './options.ts'
import type { BodyPlan, ConsumePlan, GroupPlan } from './plan.ts'
import { publishOf } from './publishing.ts'
import { parseQuota } from './quota.ts'
import type { Rhythm } from './recorded/index.ts'
import { type SecretSpec, secretOf } from './secrets/index.ts'

/** What is said of publishing, by flags or in a scenario: named as the flags are, as one types it. */
export interface PublishSpec {
  readonly destination?: readonly string[] | undefined
  /** Clients have the destinations between them. */
  readonly spread?: boolean | undefined
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
  readonly 'answer-timeout'?: string | undefined
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
  readonly spread?: boolean | undefined
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
export interface GroupSpec extends SecretSpec {
  readonly name: string
  readonly upstream?: readonly string[] | undefined
  readonly protocol?: string | undefined
  readonly 'protocol-version'?: string | undefined
  readonly clients?: number | undefined
  readonly 'first-client'?: number | undefined
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly vhost?: string | undefined
  readonly 'client-id'?: string | undefined
  readonly 'keep-alive'?: number | undefined
  readonly 'in-flight'?: number | undefined
  readonly credit?: number | undefined
  readonly option?: readonly string[] | undefined
  /** Whether what its clients made is taken away when the run is over. */
  readonly cleanup?: boolean | undefined
  readonly 'connect-rate'?: string | undefined
  readonly lifetime?: string | undefined
  readonly 'local-address'?: readonly string[] | undefined
  readonly reconnect?: string | undefined
  readonly failover?: boolean | undefined
  readonly publish?: PublishSpec | undefined
  readonly consume?: ConsumeSpec | undefined
}

/** Messages under way of a group: enough for an open run not to be held up by slow answers; of each client at least. */
const OPEN_IN_FLIGHT = 10_000
const LEAST_IN_FLIGHT = 100
/** Of each client of a closed run, whose pace it is. */
const CLOSED_IN_FLIGHT = 1
const KEEP_ALIVE = 60
/** No other run's: a broker ends the connection of who had the same before, and with it what it was subscribed to. */
const CLIENT_ID = 'mqinspect-%run-%g-%i'

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
    secret: secretOf(spec),
    virtualHost: spec.vhost,
    clientId: spec['client-id'] ?? CLIENT_ID,
    clients,
    firstClient: spec['first-client'] ?? 1,
    keepAlive: spec['keep-alive'] ?? KEEP_ALIVE,
    inFlight: spec['in-flight'] ?? (closed ? CLOSED_IN_FLIGHT : open),
    credit: spec.credit ?? 0,
    settings,
    cleanup: spec.cleanup === true,
    publish,
    consume: spec.consume === undefined ? undefined : consumeOf(spec.consume, clients),
    connectRate: rateOr(spec['connect-rate']),
    localAddresses: (spec['local-address'] ?? []).map(text => parseIp(text)),
    lifetime: secondsOr(spec.lifetime, '--lifetime', Number.POSITIVE_INFINITY),
    failover: spec.failover === true,
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

function consumeOf(spec: ConsumeSpec, clients: number): ConsumePlan {
  const { ack = true, reply = false } = spec
  return {
    sources: expandNames(spec.source ?? [], '--source'),
    spread: spec.spread === true,
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
function workOf({ work, 'consume-rate': rate }: ConsumeSpec, clients: number): Phased<number>[] {
  if (work !== undefined) return parseWork(work)
  if (rate === undefined) return always(0)
  return parsePhased(rate.split(','), '--consume-rate', text => {
    const perSecond = parseRate(text, '--consume-rate')
    return perSecond === undefined ? 0 : (1000 * clients) / perSecond
  })
}

/** `5ms`; `5ms:30s,0:10s`: each for its time. Milliseconds. */
export const parseWork = (text: string, flag = '--work'): Phased<number>[] =>
  parsePhased(text.split(','), flag, each => (each === '0' ? 0 : parseDuration(each, flag)))

const rateOr = (text: string | undefined): number =>
  text === undefined ? Number.POSITIVE_INFINITY : (parseRate(text, '--connect-rate') ?? Number.POSITIVE_INFINITY)

/** An address to connect from; throws where it is none. */
export function parseIp(text: string, name = '--local-address'): string {
  if (isIP(text) === 0) throw usage(`${name} ${text}: not an IP address`, 'One of this machine: 127.0.0.2')
  return text
}

/** `never`; `2s`: after so long, again and again; `2s:5`: five times in a row at most. */
export function reconnectOf(text: string): GroupPlan['reconnect'] {
  if (text === 'never') return { delay: 0, most: 0 }
  const [time = '', most] = text.split(':')
  return {
    delay: parseDuration(time, '--reconnect'),
    most: most === undefined ? Number.POSITIVE_INFINITY : parseCount(most, '--reconnect'),
  }
}
