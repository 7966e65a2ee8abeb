import {
  createSecureContext,
  DEFAULT_CIPHERS,
  getCiphers,
  type SecureContextOptions,
  type SecureVersion,
} from 'node:tls'
import { usage } from '../failure.ts'
import { near } from '../near.ts'

/** What upstreams are offered in a handshake, as it is said on the command line. */
export interface OfferRequest {
  /** `1.0` to `1.3` */
  readonly 'tls-min-version'?: string | undefined
  readonly 'tls-max-version'?: string | undefined
  /** OpenSSL's names, with colons between them. */
  readonly 'tls-ciphers'?: string | undefined
  /** ALPN names, the dearest first. */
  readonly alpn?: readonly string[] | undefined
}

export interface Offer {
  readonly context: Pick<SecureContextOptions, 'ciphers'> & {
    readonly minVersion: SecureVersion
    readonly maxVersion: SecureVersion
  }
  /** As they were written; undefined: what Node.js offers. */
  readonly ciphers: string | undefined
  /** Undefined: nothing is said of it. */
  readonly protocols: readonly string[] | undefined
}

const VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const satisfies SecureVersion[]
type Version = (typeof VERSIONS)[number]

/** As they are written here. */
const NAMES: Readonly<Record<Version, string>> = { TLSv1: '1.0', 'TLSv1.1': '1.1', 'TLSv1.2': '1.2', 'TLSv1.3': '1.3' }

const LEAST: Version = 'TLSv1.2'
const MOST: Version = 'TLSv1.3'

/** What Node.js offers by itself. */
export const USUAL_OFFER: Offer = {
  context: { minVersion: LEAST, maxVersion: MOST },
  ciphers: undefined,
  protocols: undefined,
}

/** `1.2`, `1.3`: which versions are offered. */
export const versionsOf = ({ context: { minVersion, maxVersion } }: Offer): string =>
  VERSIONS.slice(rank(minVersion), rank(maxVersion) + 1)
    .map(version => NAMES[version])
    .join(', ')

const rank = (version: SecureVersion): number => VERSIONS.indexOf(version as Version)

/** Throws where it cannot be offered. */
export function offerOf(request: OfferRequest): Offer {
  const { 'tls-min-version': least, 'tls-max-version': most, 'tls-ciphers': list, alpn } = request
  const said = {
    least: least === undefined ? undefined : parseTlsVersion(least, '--tls-min-version'),
    most: most === undefined ? undefined : parseTlsVersion(most, '--tls-max-version'),
  }
  if (said.least !== undefined && said.most !== undefined && rank(said.least) > rank(said.most)) {
    throw usage(`--tls-min-version ${least} is above --tls-max-version ${most}`, 'Swap them.')
  }
  if (list !== undefined) parseCiphers(list)
  // Node takes the names apart at colons alone.
  const ciphers = list?.split(SEPARATORS).join(':')
  for (const name of alpn ?? []) parseAlpn(name)
  const { minVersion, maxVersion } = versionsFor(said, ciphers)
  // For OpenSSL 3 nothing of 1.0 and 1.1 is secure enough: whoever asks for them wants them as they are.
  const isOld = rank(minVersion) < rank(LEAST) && ciphers?.includes('@SECLEVEL') !== true
  const offered = isOld ? `${ciphers ?? DEFAULT_CIPHERS}:@SECLEVEL=0` : ciphers
  return {
    context: { minVersion, maxVersion, ...(offered !== undefined && { ciphers: offered }) },
    ciphers,
    protocols: alpn === undefined || alpn.length === 0 ? undefined : alpn,
  }
}

/** No version is offered that none of the ciphers is for: what is listed is offered, and nothing else. */
function versionsFor(
  { least, most }: { readonly least: Version | undefined; readonly most: Version | undefined },
  ciphers: string | undefined,
): { readonly minVersion: Version; readonly maxVersion: Version } {
  const lowest = least ?? (rank(most ?? MOST) < rank(LEAST) ? (most as Version) : LEAST)
  const highest = most ?? MOST
  const names = ciphers === undefined ? [] : namesIn(ciphers)
  const of13 = ciphers === undefined || names.some(name => isOf13(name) || isAny(name))
  const before = ciphers === undefined || names.some(name => !isOf13(name))
  const minVersion = before ? lowest : 'TLSv1.3'
  const maxVersion = of13 ? highest : rank(highest) < rank('TLSv1.3') ? highest : 'TLSv1.2'
  if (rank(minVersion) <= rank(maxVersion)) return { minVersion, maxVersion }
  const [flag, version] = of13 ? ['--tls-max-version', most] : ['--tls-min-version', least]
  throw usage(
    `--tls-ciphers ${ciphers}: none of them is for TLS ${NAMES[version as Version]}, which ${flag} asks for`,
    'Those whose names begin with TLS_ are for 1.3, and all others for the versions before.',
  )
}

/** RFC 8446 §B.4: the suites of TLS 1.3 are others than those of the versions before. */
const SUITES_13: ReadonlySet<string> = new Set([
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_CCM_SHA256',
  'TLS_AES_128_CCM_8_SHA256',
])
const isOf13 = (name: string): boolean => SUITES_13.has(name)

/** OpenSSL's words for suites of whatever versions. */
const isAny = (name: string): boolean => /^(?:DEFAULT|ALL|HIGH)(?:@|$)/.test(name)

/** What leaves out, orders or sets something names no suite by itself. */
const namesIn = (ciphers: string): string[] => ciphers.split(SEPARATORS).filter(each => /^\w/.test(each))
const SEPARATORS = /[:, ]+/

/** Throws where it is no version. */
export function parseTlsVersion(text: string, name: string): Version {
  const [, minor = '0'] = /^(?:TLS ?v?)?1(?:\.([0-3]))?$/i.exec(text) ?? []
  if (/^(?:TLS ?v?)?1(?:\.[0-3])?$/i.test(text)) return VERSIONS[Number(minor)] as Version
  throw usage(`${name} ${text}: no version of TLS that can be spoken`, `There are: ${Object.values(NAMES).join(', ')}.`)
}

/** Throws where OpenSSL knows none of a name, or of a word for several (`ECDHE`, `DEFAULT`). */
export function parseCiphers(text: string, name = '--tls-ciphers'): void {
  const names = namesIn(text)
  if (names.length === 0) throw usage(`${name} ${text}: no cipher suite is named`, EXAMPLE)
  for (const each of names) {
    if (isKnown(each)) continue
    const all = [...SUITES_13, ...getCiphers().map(known => known.toUpperCase())]
    const [meant] = near(openSslName(each.toUpperCase()), all)
    throw usage(
      `${name} ${each}: OpenSSL has no such cipher suite`,
      meant === undefined ? EXAMPLE : `Did you mean ${meant}?`,
    )
  }
}

const EXAMPLE = 'For example: TLS_AES_128_GCM_SHA256:ECDHE-RSA-AES128-GCM-SHA256; openssl ciphers tells all.'

function isKnown(ciphers: string): boolean {
  // Of those that begin so, OpenSSL passes over what it does not know.
  if (ciphers.startsWith('TLS_')) return isOf13(ciphers)
  try {
    createSecureContext({ ciphers })
    return true
  } catch {
    return false
  }
}

/** As OpenSSL writes what the RFCs call `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`. */
const openSslName = (name: string): string =>
  name.includes('_WITH_')
    ? name
        .replace(/^TLS_(?:RSA_WITH_)?|WITH_|CBC_/g, '')
        .replace(/AES_/, 'AES')
        .replaceAll('_', '-')
    : name

/** Throws where it cannot be asked for: RFC 7301 §3.1 has 1 to 255 bytes; these are those that print. */
export function parseAlpn(text: string, name = '--alpn'): void {
  if (!/^[\x21-\x7e]{1,255}$/.test(text)) throw usage(`${name} ${text}: 1 to 255 characters of ASCII, without spaces`)
}
