import type { PeerCertificate } from 'node:tls'
import type { Side } from '../../codecs/core/index.ts'

/** What went wrong in TLS, in words, and what to do about it. */
export interface Trouble {
  readonly why: string
  readonly next?: string
}

/** What `side` is to blame for; undefined where it is nothing that TLS itself is about. */
export function tlsTrouble(error: Error, side: Side): Trouble | undefined {
  const { code = '', reason, shown } = error as TlsError
  const alert = ALERT.exec(error.message)?.[1]
  const known = (alert === undefined ? undefined : ALERTS[side][Number(alert)]) ?? CODES[side][code]
  if (known !== undefined) return shown === undefined ? known : { ...known, why: `${known.why} (${shown})` }
  // OpenSSL's own words; the whole message is for those who know its source.
  return code.startsWith('ERR_SSL_') && reason !== undefined ? { why: reason } : undefined
}

interface TlsError extends Error {
  readonly code?: string
  /** OpenSSL's, and Node's for a certificate that is for another name. */
  readonly reason?: string
  readonly shown?: string
}

/** What a handshake failed with; where it may be about this certificate, with what there is to see of that. */
export function handshakeError(error: Error, certificate?: PeerCertificate): Error {
  const { code = '' } = error as TlsError
  // Within the handshake this means more than the system has words for.
  if (code === 'ECONNRESET' || code === 'EPIPE') return Object.assign(new Error(error.message), { code: 'ECONNRESET' })
  if (certificate?.subject === undefined || CODES.server[code] === undefined) return error
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

const SLOW: Trouble = { why: 'it did not finish the TLS handshake in time' }

/** By the codes of Node and OpenSSL. */
const CODES: Readonly<Record<Side, Readonly<Record<string, Trouble>>>> = {
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
    ERR_SSL_UNSUPPORTED_PROTOCOL: { why: 'it speaks neither TLS 1.2 nor 1.3' },
    ECONNRESET: { why: 'it closed the connection within the TLS handshake', next: NO_TLS.next as string },
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
const ALERTS: Readonly<Record<Side, Readonly<Record<number, Trouble>>>> = {
  server: {
    // Before TLS 1.3, the only alert there was for a certificate that is wanted.
    40: { why: 'it agrees to no handshake with us', next: UNWANTED.next as string },
    42: UNWANTED,
    43: UNWANTED,
    44: UNWANTED,
    45: { why: 'it says that our client certificate has expired' },
    46: UNWANTED,
    48: UNWANTED,
    49: UNWANTED,
    70: { why: 'it speaks neither TLS 1.2 nor 1.3' },
    112: { why: 'it does not know the name that it was asked for' },
    116: { why: 'it wants a client certificate', next: UNWANTED.next as string },
    120: { why: 'it speaks none of the protocols that the client offered (ALPN)' },
  },
  client: { 42: UNTRUSTING, 45: UNTRUSTING, 46: UNTRUSTING, 48: UNTRUSTING },
}
