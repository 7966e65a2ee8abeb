import type { PeerCertificate } from 'node:tls'
import type { Side } from '../../codecs/core/index.ts'
import { type Offer, USUAL_OFFER, versionsOf } from '../tls/index.ts'

/** What went wrong in TLS, in words, and what to do about it. */
export interface Trouble {
  readonly why: string
  readonly next?: string
}

/** What a server was offered. */
export interface Offered {
  readonly offer: Offer
  /** ALPN names. */
  readonly protocols: readonly string[]
}

/** What it is depends on what was offered. */
type Told = Trouble | Telling
type Telling = (offered: Offered) => Trouble

/** What `side` is to blame for; undefined where it is nothing that TLS itself is about. */
export function tlsTrouble(error: Error, side: Side): Trouble | undefined {
  const { code = '', reason, shown, offered = NOTHING } = error as TlsError
  const alert = ALERT.exec(error.message)?.[1]
  const told = (alert === undefined ? undefined : ALERTS[side][Number(alert)]) ?? CODES[side][code]
  const known = typeof told === 'function' ? told(offered) : told
  if (known !== undefined) return shown === undefined ? known : { ...known, why: `${known.why} (${shown})` }
  // OpenSSL's own words; the whole message is for those who know its source.
  return code.startsWith('ERR_SSL_') && reason !== undefined ? { why: reason } : undefined
}

interface TlsError extends Error {
  readonly code?: string
  /** OpenSSL's, and Node's for a certificate that is for another name. */
  readonly reason?: string
  readonly shown?: string
  readonly offered?: Offered
}

/** Of errors of which nothing more is known. */
const NOTHING: Offered = { offer: USUAL_OFFER, protocols: [] }

/** What a handshake failed with, and what is known beside it: what was offered to the server, and what it showed. */
export function handshakeError(
  failure: Error,
  { certificate, ...offered }: Partial<Offered> & { readonly certificate?: PeerCertificate | undefined } = {},
): Error {
  const { code = '' } = failure as TlsError
  // Within the handshake this means more than the system has words for.
  const isReset = code === 'ECONNRESET' || code === 'EPIPE'
  const error = isReset ? Object.assign(new Error(failure.message), { code: 'ECONNRESET' }) : failure
  // Node has no code for what OpenSSL's security level refuses.
  if (code === 'UNSPECIFIED' && / too weak$/.test(failure.message)) Object.assign(error, { code: 'TOO_WEAK' })
  if (offered.offer !== undefined) Object.assign(error, { offered })
  const isOfCertificate = !isReset && CODES.server[(error as TlsError).code ?? ''] !== undefined
  if (certificate?.subject === undefined || !isOfCertificate) return error
  const { subject, issuer, subjectaltname, valid_from: from, valid_to: to } = certificate
  const name = subjectaltname ?? subject.CN ?? subject.O
  const shown = `${name}; signed by ${issuer.CN ?? issuer.O}; valid from ${from} to ${to}`
  // It is somebody else's text.
  return Object.assign(error, { shown: shown.replace(/[^\x20-\x7e]/g, '?') })
}

const ALERT = /SSL alert number (\d+)/

const TRUST = 'Trust it with --ca FILE, the PEM certificate of who signed it; --insecure takes any certificate.'
const UNKNOWN_ISSUER: Trouble = { why: 'its certificate is signed by nobody who is trusted here', next: TRUST }
const NO_TLS: Trouble = {
  why: 'it does not speak TLS on this port',
  next: 'Use the port where it speaks TLS, or a scheme without TLS: tcp://, mqtt://, amqp://.',
}
const UNWANTED: Trouble = {
  why: 'it refuses our client certificate, or wants one',
  next: 'Give one that it trusts: --client-cert FILE --client-key FILE.',
}
const UNTRUSTING: Trouble = {
  why: 'it does not trust the certificate that it was shown',
  next: 'Make it trust the authority whose file was named at the start; or show it your own: --cert FILE --key FILE.',
}

/** What was offered, as far as it is not the usual; or the versions in any case. */
function offeredWords({ offer, protocols }: Offered, versions = false): string {
  const isUsual = versionsOf(offer) === versionsOf(USUAL_OFFER)
  return [
    ...(isUsual && !versions ? [] : [`TLS ${versionsOf(offer)}`]),
    ...(offer.ciphers === undefined ? [] : [offer.ciphers]),
    ...(protocols.length === 0 ? [] : [`ALPN ${protocols.join(', ')}`]),
  ].join('; ')
}

/** Which versions it speaks, it does not say. */
const NO_VERSION: Telling = offered => {
  const { minVersion, maxVersion } = offered.offer.context
  const others = [
    ...(maxVersion === 'TLSv1.3' ? [] : ['--tls-max-version 1.3']),
    ...(minVersion === 'TLSv1' ? [] : [`--tls-min-version ${minVersion === 'TLSv1.3' ? '1.2' : '1.0'}`]),
  ]
  const why = `it speaks no version of TLS that it was offered (${offeredWords(offered, true)})`
  if (others.length === 0) return { why }
  const ciphers = offered.offer.ciphers === undefined ? '' : ', and --tls-ciphers for them'
  return { why, next: `Offer it another: ${others.join(' or ')}${ciphers}.` }
}

const MORE = 'Offer it more, or other things: see --tls-min-version, --tls-max-version, --tls-ciphers and --alpn.'

/** Before TLS 1.3, the only alert that there is for a certificate that is wanted, too. */
const NO_AGREEMENT: Telling = offered => {
  const words = offeredWords(offered)
  const { offer } = offered
  const why = `it agrees to no handshake with us${words === '' ? '' : ` (offered: ${words})`}`
  if (offer.ciphers !== undefined) {
    return {
      why,
      next: 'It may have none of these ciphers for its certificate: give others as --tls-ciphers, or none.',
    }
  }
  return {
    why,
    next: words === '' ? (UNWANTED.next as string) : MORE,
  }
}

const NO_PROTOCOL: Telling = ({ protocols }) => ({
  why: `it speaks none of the protocols that it was offered by ALPN (${protocols.join(', ')})`,
  next: 'Offer one that it knows: --alpn NAME.',
})

const WEAK = 'Renew it; --tls-ciphers DEFAULT:@SECLEVEL=0 takes it as it is.'

const SLOW: Trouble = { why: 'it did not finish the TLS handshake in time' }

/** By the codes of Node and OpenSSL. */
const CODES: Readonly<Record<Side, Readonly<Record<string, Told>>>> = {
  server: {
    SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_ISSUER,
    UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_ISSUER,
    UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_ISSUER,
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_ISSUER,
    DEPTH_ZERO_SELF_SIGNED_CERT: { why: 'its certificate is signed by itself, and not trusted here', next: TRUST },
    CERT_HAS_EXPIRED: { why: 'its certificate has expired', next: 'Renew it; --insecure takes any certificate.' },
    CERT_NOT_YET_VALID: {
      why: 'its certificate is not valid yet',
      next: 'Is the clock right? --insecure takes any certificate.',
    },
    CERT_SIGNATURE_FAILURE: { why: 'the signature of its certificate is wrong', next: TRUST },
    INVALID_PURPOSE: { why: 'its certificate is not one for servers', next: TRUST },
    ERR_TLS_CERT_ALTNAME_INVALID: {
      why: 'its certificate is for another name',
      next: 'Write UPSTREAM by a name that the certificate is for; --insecure takes any certificate.',
    },
    ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
    ERR_SSL_PACKET_LENGTH_TOO_LONG: NO_TLS,
    ERR_SSL_UNSUPPORTED_PROTOCOL: NO_VERSION,
    ERR_SSL_NO_CIPHERS_AVAILABLE: ({ offer }) => ({
      why: `none of the ciphers ${offer.ciphers} is for TLS ${versionsOf(offer)}`,
      next: 'Give others as --tls-ciphers, or offer other versions.',
    }),
    ERR_SSL_DH_KEY_TOO_SMALL: { why: 'its Diffie-Hellman key is too short to be secure', next: WEAK },
    TOO_WEAK: { why: 'the key of its certificate, or how it is signed, is not secure any more', next: WEAK },
    ECONNRESET: offered => {
      const words = offeredWords(offered)
      const why = 'it closed the connection within the TLS handshake'
      if (words === '') return { why, next: NO_TLS.next as string }
      return { why: `${why} (offered: ${words})`, next: MORE }
    },
    NO_START_TLS: {
      why: 'it does not go over to TLS when it is asked in its protocol, as the client asked',
      next: 'Use the port where it does, or a scheme without TLS: tcp://, amqp://.',
    },
  },
  client: {
    NOT_TLS: {
      why: 'it does not speak TLS, as this port does',
      next: 'Make the client use TLS, or listen without: a LISTEN without a scheme, or tcp://.',
    },
    ETIMEDOUT: SLOW,
    ERR_TLS_HANDSHAKE_TIMEOUT: SLOW,
    // Clients on Node.js look at the certificate when the handshake is over, and send no alert.
    ECONNRESET: { why: 'it closed the connection within the TLS handshake', next: UNTRUSTING.next as string },
    ERR_SSL_UNSUPPORTED_PROTOCOL: { why: 'it speaks neither TLS 1.2 nor 1.3' },
    ERR_SSL_NO_SHARED_CIPHER: { why: 'it has no cipher suite that we have' },
  },
}

/** By the number of the alert that was received (RFC 8446 §6.2). */
const ALERTS: Readonly<Record<Side, Readonly<Record<number, Told>>>> = {
  server: {
    40: NO_AGREEMENT,
    42: UNWANTED,
    43: UNWANTED,
    44: UNWANTED,
    45: { why: 'it says that our client certificate has expired' },
    46: UNWANTED,
    48: UNWANTED,
    49: UNWANTED,
    70: NO_VERSION,
    71: NO_AGREEMENT,
    // What OpenSSL answers where only versions are offered that it has, but does not take.
    80: offered =>
      offered.offer.context.maxVersion < 'TLSv1.2' ? NO_VERSION(offered) : { why: 'it reports a fault of its own' },
    112: { why: 'it does not know the name that it was asked for' },
    116: { why: 'it wants a client certificate', next: UNWANTED.next as string },
    120: NO_PROTOCOL,
  },
  client: { 42: UNTRUSTING, 45: UNTRUSTING, 46: UNTRUSTING, 48: UNTRUSTING },
}
