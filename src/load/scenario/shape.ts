import { codecs } from '../../../codecs/index.ts'
import { parseDuration } from '../../duration.ts'
import { usage } from '../../failure.ts'
import { parseUpstream } from '../../net/index.ts'
import { parseAlpn, parseCiphers, parseTlsVersion } from '../../tls/index.ts'
import { parseRate, parseRecorded, parseShare, parseSizeRange, parseStages } from '../amounts.ts'
import { parsePhased } from '../cycle.ts'
import { driven } from '../options.ts'
import { parseQuota } from '../quota.ts'
import { parseThreshold } from '../report/index.ts'
import type { ReplaySettings, RunSettings } from '../run-spec.ts'
import { parseTokenUrl } from '../secrets/index.ts'
import { type ConsumeSpec, type GroupSpec, type PublishSpec, parseIp, parseWork, reconnectOf } from '../spec.ts'

/**
 * What may be said of one thing in a scenario. `text` must be text: a number would lose its zeros. An `amount` may be
 * a number; what it may be else, `check` says, by throwing.
 */
export interface Setting {
  readonly kind: 'text' | 'texts' | 'amount' | 'amounts' | 'integer' | 'truth' | 'pairs'
  readonly check?: (text: string, name: string) => unknown
  /** Of an `integer`. */
  readonly least?: number
  readonly choices?: readonly string[]
  /** It names a file, seen from where the scenario is. */
  readonly file?: true
  /** It is not written into scenarios. */
  readonly secret?: true
  /** It may name such files. */
  readonly template?: true
  /** For what no flag says, or says otherwise. */
  readonly about?: string
}

export type Settings<T> = { readonly [Name in keyof T]-?: Setting }

const text: Setting = { kind: 'text' }
const texts: Setting = { kind: 'texts' }
const truth: Setting = { kind: 'truth' }
const pairs: Setting = { kind: 'pairs', template: true }
const duration: Setting = { kind: 'amount', check: parseDuration }
const quota: Setting = { kind: 'amount', check: parseQuota }
const rate: Setting = { kind: 'amount', check: parseRate }
const share: Setting = { kind: 'amount', check: parseShare }
const file: Setting = { kind: 'text', file: true }
const least = (value: number): Setting => ({ kind: 'integer', least: value })
const secret: Setting = { kind: 'text', secret: true }
const oneOf = (...choices: string[]): Setting => ({ kind: 'text', choices })

export const PUBLISH: Settings<Omit<PublishSpec, 'recorded'>> = {
  destination: { kind: 'texts', template: true },
  spread: truth,
  rate: { kind: 'amount', check: (written, name) => parseRecorded(written) ?? parseRate(written, name) },
  stages: { kind: 'text', check: parseStages },
  spacing: oneOf('even', 'poisson'),
  count: quota,
  size: {
    kind: 'amounts',
    check: (written, name) => parsePhased([written], name, text => parseSizeRange(text, name)),
  },
  body: { kind: 'texts', template: true },
  'body-file': { kind: 'texts', file: true },
  from: file,
  filter: text,
  stamp: oneOf('front'),
  'content-type': { kind: 'text', template: true },
  header: pairs,
  'drop-after': duration,
  'answer-timeout': duration,
  request: { kind: 'truth', about: 'each is a request, and the time until its reply is measured' },
}

export const CONSUME: Settings<ConsumeSpec> = {
  source: texts,
  spread: truth,
  'consume-count': quota,
  ack: truth,
  'ack-every': least(1),
  work: { kind: 'amount', check: parseWork },
  'consume-rate': {
    kind: 'amount',
    check: (written, name) => parsePhased(written.split(','), name, text => parseRate(text, name)),
  },
  reject: share,
  requeue: share,
  'consume-after': duration,
  reply: { kind: 'truth', about: 'requests are answered' },
}

export const GROUP: Settings<Omit<GroupSpec, 'name' | 'publish' | 'consume'>> = {
  upstream: {
    kind: 'texts',
    check: url => parseUpstream(url, codecs),
    about: 'whom to load: [scheme://][user:pass@]host[:port]; several share the clients',
  },
  protocol: oneOf(...driven()),
  'protocol-version': { kind: 'amount' },
  clients: { ...least(1), about: 'how many there are' },
  'first-client': least(0),
  user: text,
  password: secret,
  'password-file': file,
  'oauth2-token-file': file,
  'oauth2-token-url': { kind: 'text', check: parseTokenUrl },
  'oauth2-client-id': text,
  'oauth2-client-secret': secret,
  'oauth2-scope': text,
  'oauth2-parameter': pairs,
  vhost: text,
  'client-id': text,
  'keep-alive': least(0),
  'in-flight': least(1),
  credit: least(0),
  option: pairs,
  cleanup: truth,
  'connect-rate': rate,
  lifetime: duration,
  'local-address': { kind: 'texts', check: parseIp },
  reconnect: { kind: 'text', check: reconnectOf },
  failover: truth,
}

export const RUN: Settings<RunSettings> = {
  threshold: { kind: 'texts', check: (written, name) => parseThreshold(written, name) },
  'find-limit': { kind: 'text', check: (written, name) => parseThreshold(written, name) },
  step: duration,
  'allow-loss': truth,
  report: texts,
  interval: duration,
  workers: least(1),
  timeout: duration,
  'startup-timeout': duration,
  drain: duration,
  'until-idle': duration,
  ca: file,
  insecure: truth,
  'server-name': text,
  'client-cert': file,
  'client-key': file,
  'tls-min-version': { kind: 'amount', check: parseTlsVersion },
  'tls-max-version': { kind: 'amount', check: parseTlsVersion },
  'tls-ciphers': { kind: 'text', check: parseCiphers },
  alpn: { kind: 'texts', check: parseAlpn },
}

export const REPLAY: Settings<ReplaySettings> = {
  file: { ...file, about: 'a recording, or any other capture' },
  to: { kind: 'text', check: url => parseUpstream(url, codecs) },
  user: text,
  password: secret,
  vhost: text,
  map: texts,
  speed: { kind: 'amount', check: speedOf },
  rate: least(1),
  loop: least(1),
  copies: least(1),
  timeout: duration,
  filter: text,
  flow: { kind: 'amounts' },
  expect: oneOf('same'),
}

/** Of a step, and of a scenario that is but one. */
export const DURATION = duration
export const THRESHOLD = RUN.threshold

/** Of these, the nearest to the step goes before all others. */
export const EXCLUSIVE: readonly (readonly string[])[] = [
  ['rate', 'stages'],
  ...apart('password', 'password-file', 'oauth2-token-file', 'oauth2-token-url'),
  ['work', 'consume-rate'],
  ['size', 'body'],
  ['size', 'body-file'],
  ['from', 'size'],
  ['from', 'body'],
  ['from', 'body-file'],
]

/** Of several, each two. */
function apart(...names: readonly string[]): string[][] {
  return names.flatMap((one, at) => names.slice(at + 1).map(other => [one, other]))
}

function speedOf(written: string, name: string): void {
  if (written !== 'max' && !(Number(written) > 0)) throw usage(`${name} ${written}: neither a number above 0 nor max`)
}
