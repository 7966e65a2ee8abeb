import 'reflect-metadata'
import { randomBytes, webcrypto, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import * as x509 from '@peculiar/x509'

/**
 * A certificate authority of the user's own, and what it signs. Everything here is slow to load and seldom needed:
 * reached by `await import()`.
 */

/** PEM, both. */
export interface KeyPair {
  readonly cert: string
  readonly key: string
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const DAY = 86_400_000
/** The authority lives long, so that it is trusted once; clients refuse leaves of more than 825 days. */
const AUTHORITY_DAYS = 3650
const LEAF_DAYS = 397

x509.cryptoProvider.set(webcrypto)

export async function makeAuthority(): Promise<KeyPair> {
  const keys = await generate()
  const name = `CN=mqinspect ${randomBytes(4).toString('hex')}, O=mqinspect, OU=made on this machine`
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name,
    keys,
    signingAlgorithm: ALGORITHM,
    ...validity(AUTHORITY_DAYS),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { cert: `${certificate.toString('pem')}\n`, key: await privateKey(keys) }
}

/** A certificate for a server of these names and addresses, signed by the authority. */
export async function makeLeaf(authority: KeyPair, names: readonly string[]): Promise<KeyPair> {
  const keys = await generate()
  const issuer = new x509.X509Certificate(authority.cert)
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: `CN=${(names[0] ?? '').replace(/[,+"\\<>;=#]/g, '_').slice(0, 64)}`,
    issuer: issuer.subject,
    publicKey: keys.publicKey,
    signingKey: await importKey(authority.key),
    signingAlgorithm: ALGORITHM,
    ...validity(LEAF_DAYS),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map(name => ({ type: isIP(name) === 0 ? 'dns' : 'ip', value: name })),
      ),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  })
  return { cert: `${certificate.toString('pem')}\n${authority.cert}`, key: await privateKey(keys) }
}

/** SHA-256, as certificate viewers show it. */
export const fingerprint = (cert: string): string => new X509Certificate(cert).fingerprint256

const generate = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>

/** Positive, and of no meaning (RFC 5280 §4.1.2.2). */
const serial = (): string => `00${randomBytes(16).toString('hex')}`

/** From a day ago, for clocks that are slow. */
function validity(days: number): { readonly notBefore: Date; readonly notAfter: Date } {
  const now = Date.now()
  return { notBefore: new Date(now - DAY), notAfter: new Date(now + days * DAY) }
}

async function privateKey(keys: webcrypto.CryptoKeyPair): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')
}

const importKey = (pem: string): Promise<webcrypto.CryptoKey> =>
  webcrypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(pem), ALGORITHM, false, [
    'sign',
  ]) as Promise<webcrypto.CryptoKey>
