import { readFileSync } from 'node:fs'
import type { AnyCodec, Drive, DriveOption, DriveSettings } from '../../codecs/core/index.ts'
import { codecs } from '../../codecs/index.ts'
import { parseDuration } from '../duration.ts'
import { usage } from '../failure.ts'
import { near } from '../near.ts'
import { type Address, formatAddress, isLoopback, parseUpstream } from '../net/index.ts'
import { parseBytes, parseCount, parseRate, parseShare, parseStages } from './amounts.ts'
import type { Spacing } from './arrivals.ts'
import { spokenAt } from './codec.ts'
import type { BodyPlan, ConsumePlan, GroupPlan, PublishPlan } from './plan.ts'
import { STAMP_LENGTH } from './stamp.ts'

/** What is said of publishing, by flags or in a scenario: named as the flags are, as one types it. */
export interface PublishSpec {
  readonly destination?: readonly string[] | undefined
  readonly rate?: string | undefined
  readonly stages?: string | undefined
  readonly spacing?: Spacing | undefined
  readonly size?: readonly string[] | undefined
  readonly body?: readonly string[] | undefined
  /** In place of `size` and `body`: what a recording has. */
  readonly bodies?: readonly BodyPlan[] | undefined
  readonly 'body-file'?: readonly string[] | undefined
  readonly 'content-type'?: string | undefined
  readonly header?: readonly string[] | undefined
  readonly count?: string | undefined
  readonly 'drop-after'?: string | undefined
  readonly request?: boolean | undefined
}

/** What is said of consuming. */
export interface ConsumeSpec {
  readonly source?: readonly string[] | undefined
  readonly ack?: boolean | undefined
  readonly 'ack-every'?: number | undefined
  readonly work?: string | undefined
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
const SIZE = 100

/** The group that was meant. `seconds` is how long the run is; Infinity where it ends with its messages. */
export function groupOf(spec: GroupSpec, seconds: number): GroupPlan {
  const urls = spec.upstream ?? []
  const addresses = urls.map(url => parseUpstream(url, codecs))
  const codec = codecOf(spec, addresses)
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
    urls,
    protocol: codec.id,
    version,
    user: spec.user,
    password: spec.password,
    virtualHost: spec.vhost,
    clientId: spec['client-id'] ?? 'mqinspect-%g-%i',
    clients,
    keepAlive: spec['keep-alive'] ?? KEEP_ALIVE,
    inFlight: spec['in-flight'] ?? (closed ? CLOSED_IN_FLIGHT : open),
    credit: spec.credit ?? 0,
    settings,
    publish,
    consume: spec.consume === undefined ? undefined : consumeOf(spec.consume),
    connectRate: rateOr(spec['connect-rate']),
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

/**
 * Groups of which some lack what was said for all of them: an option, or a version, is for those whose protocol has it.
 * What nobody has is a mistake, which stays with everybody.
 */
export function fitting(groups: readonly GroupSpec[]): GroupSpec[] {
  const drives = groups.map(spec => codecOf(spec, addressesOf(spec)).drive)
  const has = (drive: Drive | undefined, text: string): boolean =>
    drive !== undefined && pair(text, '--option')[0] in drive.options
  return groups.map((group, at) => {
    const version = group['protocol-version'] ?? ''
    const known = drives.some(drive => drive?.versions.includes(version))
    return {
      ...group,
      'protocol-version':
        known && drives[at]?.versions.includes(version) !== true ? undefined : group['protocol-version'],
      option: group.option?.filter(text => has(drives[at], text) || !drives.some(drive => has(drive, text))),
    }
  })
}

const addressesOf = ({ upstream = [] }: GroupSpec): Address[] => upstream.map(url => parseUpstream(url, codecs))

const driven = (): string[] => [...new Set(codecs.flatMap(({ id, drive }) => (drive === undefined ? [] : id)))]

function codecOf({ protocol }: GroupSpec, addresses: readonly Address[]): AnyCodec {
  const [address] = addresses
  if (protocol !== undefined) {
    const found =
      (address === undefined ? undefined : spokenAt(protocol, address)) ?? codecs.find(({ id }) => id === protocol)
    if (found !== undefined) return found
    throw usage(`--protocol ${protocol}: there is none`, `There are: ${driven().join(', ')}.`)
  }
  if (address === undefined) throw usage('whom to load is not said', 'For example: mqinspect load mqtt://localhost')
  const found =
    address.codec ??
    // The first that goes by this scheme, or is at home at this port.
    codecs.find(({ schemes }) => schemes.some(({ scheme }) => scheme === address.scheme)) ??
    codecs.find(({ ports }) => ports.includes(address.port))
  if (found !== undefined) return found
  throw usage(`${formatAddress(address)}: which protocol is spoken there?`, `Say --protocol ${driven().join(', ')}.`)
}

function publishOf(group: GroupSpec, spec: PublishSpec, seconds: number): PublishPlan {
  const { stages, spacing = 'even', count, request = false } = spec
  // A window without a rate is the pace itself.
  const otherwise = group['in-flight'] === undefined ? RATE : undefined
  const rate = spec.rate === undefined ? otherwise : parseRate(spec.rate, '--rate')
  return {
    destinations: spec.destination ?? [],
    bodies: bodiesOf(spec),
    stages:
      stages !== undefined
        ? parseStages(stages, '--stages')
        : rate === undefined
          ? undefined
          : [{ from: rate, to: rate, seconds }],
    spacing,
    most: count === undefined ? Number.POSITIVE_INFINITY : parseCount(count, '--count'),
    patience: secondsOr(spec['drop-after'], '--drop-after', Number.POSITIVE_INFINITY),
    contentType: spec['content-type'],
    headers:
      spec.header === undefined ? undefined : Object.fromEntries(spec.header.map(each => pair(each, '--header'))),
    requests: request,
  }
}

function bodiesOf(spec: PublishSpec): readonly BodyPlan[] {
  if (spec.bodies !== undefined) return spec.bodies
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

function consumeOf(spec: ConsumeSpec): ConsumePlan {
  const { ack = true, reply = false } = spec
  return {
    sources: spec.source ?? [],
    settles: ack,
    every: spec['ack-every'] ?? 1,
    work: spec.work === undefined ? 0 : parseDuration(spec.work, '--work'),
    rejects: spec.reject === undefined ? 0 : parseShare(spec.reject, '--reject'),
    releases: spec.requeue === undefined ? 0 : parseShare(spec.requeue, '--requeue'),
    after: secondsOr(spec['consume-after'], '--consume-after', 0),
    replies: reply,
  }
}

/** Throws where the protocol of a group has no such option, or not this value of it. */
export function checkOption(spec: GroupSpec, option: string): void {
  const { protocol, upstream = [] } = spec
  if (protocol === undefined && upstream.length === 0) return
  const { drive } = codecOf(
    spec,
    upstream.map(url => parseUpstream(url, codecs)),
  )
  settingsOf([option], drive?.options ?? {})
}

/** `NAME=VALUE` each, checked against what the protocol has. */
function settingsOf(texts: readonly string[], known: Readonly<Record<string, DriveOption>>): DriveSettings {
  const settings: Record<string, boolean | number | string | undefined> = {}
  for (const [name, option] of Object.entries(known)) settings[name] = option.default
  for (const text of texts) {
    const [name, value] = pair(text, '--option')
    const option = known[name]
    if (option === undefined) {
      const [meant] = near(name, Object.keys(known))
      throw usage(
        `--option ${name}: the protocol has no such option`,
        meant === undefined ? `It has: ${Object.keys(known).join(', ')}.` : `Did you mean ${meant}?`,
      )
    }
    settings[name] = settingOf(name, value, option)
  }
  return settings
}

function settingOf(name: string, value: string, { kind, most, choices }: DriveOption): boolean | number | string {
  if (kind === 'boolean') {
    if (value === 'true' || value === 'false') return value === 'true'
    throw usage(`--option ${name}=${value}: true or false`)
  }
  if (kind === 'uint') {
    const number = Number(value)
    if (/^\d+$/.test(value) && number <= (most ?? Number.POSITIVE_INFINITY)) return number
    throw usage(`--option ${name}=${value}: a whole number${most === undefined ? '' : ` up to ${most}`}`)
  }
  if (choices === undefined || choices.includes(value)) return value
  throw usage(`--option ${name}=${value}: one of ${choices.join(', ')}`)
}

function pair(text: string, flag: string): readonly [string, string] {
  const at = text.indexOf('=')
  if (at <= 0) throw usage(`${flag} ${text}: not a pair`, `Write NAME=VALUE.`)
  return [text.slice(0, at), text.slice(at + 1)]
}

const rateOr = (text: string | undefined): number =>
  text === undefined ? Number.POSITIVE_INFINITY : (parseRate(text, '--connect-rate') ?? Number.POSITIVE_INFINITY)

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
