import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import { usage } from '../failure.ts'
import type { KeyPair } from './authority.ts'
import { Leaves } from './leaves.ts'
import { type Offer, type OfferRequest, offerOf } from './offer.ts'
import { loadAuthority, type StoredAuthority } from './store.ts'

/** How TLS is begun towards upstreams, as it is said on the command line. */
export interface UpstreamTlsRequest extends OfferRequest {
  /** A PEM file of whom to trust in place of whom the machine trusts. */
  readonly ca?: string | undefined
  readonly insecure?: boolean | undefined
  /** Whom upstreams are asked for, in place of the name that is dialled. */
  readonly 'server-name'?: string | undefined
  /** PEM files of what is shown to upstreams that ask for it. */
  readonly 'client-cert'?: string | undefined
  readonly 'client-key'?: string | undefined
}

/** As `util.parseArgs` takes them. */
export const UPSTREAM_TLS = {
  ca: { type: 'string' },
  insecure: { type: 'boolean' },
  'server-name': { type: 'string' },
  'client-cert': { type: 'string' },
  'client-key': { type: 'string' },
  'tls-min-version': { type: 'string' },
  'tls-max-version': { type: 'string' },
  'tls-ciphers': { type: 'string' },
  alpn: { type: 'string', multiple: true },
} as const satisfies Record<keyof UpstreamTlsRequest, object>

/** Of everything that may be said, what is said of this. */
export const upstreamTls = (request: UpstreamTlsRequest): UpstreamTlsRequest =>
  Object.fromEntries(Object.keys(UPSTREAM_TLS).map(name => [name, request[name as keyof UpstreamTlsRequest]]))

/** The same, and how TLS is ended towards clients. */
export interface TlsRequest extends UpstreamTlsRequest {
  /** PEM files of what clients are shown; without them it is signed by the user's own authority. */
  readonly cert?: string | undefined
  readonly key?: string | undefined
}

/** What is shown to clients that ask for these names. */
export type Identity = (names: readonly string[]) => Promise<KeyPair>

/** What to show to clients; with the authority that signs it, where that is the user's own. */
export async function loadIdentity(
  request: TlsRequest,
): Promise<{ readonly identity: Identity; readonly authority: StoredAuthority | undefined }> {
  const given = await loadPair(request, 'cert', 'key')
  if (given !== undefined) return { identity: () => Promise.resolve(given), authority: undefined }
  const authority = await loadAuthority()
  const leaves = new Leaves(authority)
  return { identity: names => leaves.get(names), authority }
}

/** Whom to trust, who we are, and what is offered, towards upstreams. */
export async function loadTrust(request: UpstreamTlsRequest): Promise<{
  readonly trusted?: string
  readonly client?: KeyPair
  readonly insecure: boolean
  readonly serverName?: string
  readonly offer: Offer
}> {
  const client = await loadPair(request, 'client-cert', 'client-key')
  const serverName = request['server-name']
  const common = {
    insecure: request.insecure === true,
    offer: offerOf(request),
    ...(client === undefined ? {} : { client }),
    ...(serverName === undefined ? {} : { serverName }),
  }
  if (request.ca === undefined) return common
  const trusted = await pem('--ca', request.ca)
  const certificates = trusted.match(CERTIFICATES)
  if (certificates === null) throw notPem(`--ca ${request.ca}`, 'certificate')
  // OpenSSL would pass over what it cannot read.
  for (const certificate of certificates) checked(`--ca ${request.ca}`, () => new X509Certificate(certificate))
  return { ...common, trusted }
}

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g

/** A certificate and its key, which may stand in the same file. */
async function loadPair(
  request: TlsRequest,
  certFlag: 'cert' | 'client-cert',
  keyFlag: 'key' | 'client-key',
): Promise<KeyPair | undefined> {
  const certFile = request[certFlag]
  const keyFile = request[keyFlag] ?? certFile
  if (keyFile === undefined) return undefined
  if (certFile === undefined) throw usage(`--${keyFlag} ${keyFile}: of which certificate?`, `Add --${certFlag} FILE.`)
  const [cert, key] = await Promise.all([pem(`--${certFlag}`, certFile), pem(`--${keyFlag}`, keyFile)])
  if (!cert.includes('-----BEGIN CERTIFICATE-----')) throw notPem(`--${certFlag} ${certFile}`, 'certificate')
  if (!key.includes('PRIVATE KEY-----')) {
    if (request[keyFlag] === undefined)
      throw usage(`--${certFlag} ${certFile}: its key is not there`, `Add --${keyFlag} FILE.`)
    throw notPem(`--${keyFlag} ${keyFile}`, 'private key')
  }
  if (/ENCRYPTED/.test(key)) {
    throw usage(`--${keyFlag} ${keyFile}: it is encrypted`, `Decrypt it: openssl pkey -in ${keyFile} -out plain.pem`)
  }
  checked(`--${certFlag} ${certFile}, --${keyFlag} ${keyFile}`, () => createSecureContext({ cert, key }))
  return { cert, key }
}

async function pem(flag: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw usage(`${flag} ${path}: ${code === 'ENOENT' ? 'no such file' : message}`)
  }
}

function notPem(what: string, kind: string): Error {
  return usage(`${what}: there is no ${kind} in it`, 'It is to be PEM: -----BEGIN … openssl converts other forms.')
}

function checked(what: string, make: () => unknown): void {
  try {
    make()
  } catch (error) {
    const { reason, message } = error as Error & { readonly reason?: string }
    const mismatch = (error as { code?: string }).code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH'
    throw usage(`${what}: ${mismatch ? 'the key is not that of the certificate' : (reason ?? message)}`)
  }
}
