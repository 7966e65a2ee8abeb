import { codeTable } from '../../core/index.ts'

/** RFC 8446 §5.1; the hyphenated names are this project's frame types. */
export const contentTypes = codeTable({
  20: 'change-cipher-spec',
  21: 'alert',
  22: 'handshake',
  23: 'application-data',
  24: 'heartbeat',
})

/** RFC 8446 §4; RFC 5246 §7.4 and RFC 6347 §4.3.2 for those that only TLS and DTLS 1.2 have. */
export const handshakeTypes = codeTable({
  0: 'hello_request',
  1: 'client_hello',
  2: 'server_hello',
  3: 'hello_verify_request',
  4: 'new_session_ticket',
  5: 'end_of_early_data',
  8: 'encrypted_extensions',
  11: 'certificate',
  12: 'server_key_exchange',
  13: 'certificate_request',
  14: 'server_hello_done',
  15: 'certificate_verify',
  16: 'client_key_exchange',
  20: 'finished',
  22: 'certificate_status',
  24: 'key_update',
})

export const versions = codeTable({
  768: 'SSL 3.0',
  769: 'TLS 1.0',
  770: 'TLS 1.1',
  771: 'TLS 1.2',
  772: 'TLS 1.3',
})

export const extensions = { serverName: 0, alpn: 16, encryptThenMac: 22, earlyData: 42, supportedVersions: 43 } as const

/** How a cipher suite protects records. */
export type Suite = AeadSuite | CbcSuite

export interface AeadSuite {
  readonly kind: 'aead'
  readonly cipher: string
  readonly hash: string
  readonly keyLength: number
  readonly tagLength: number
  /** Bytes of the nonce that come from the handshake, in TLS 1.2; the rest stands in each record. */
  readonly fixedIv: number
}

export interface CbcSuite {
  readonly kind: 'cbc'
  readonly cipher: string
  /** Of the pseudo-random function. */
  readonly hash: string
  readonly keyLength: number
  readonly mac: string
  readonly macLength: number
}

const gcm = (bits: 128 | 256): AeadSuite => ({
  kind: 'aead',
  cipher: `aes-${bits}-gcm`,
  hash: bits === 128 ? 'sha256' : 'sha384',
  keyLength: bits / 8,
  tagLength: 16,
  fixedIv: 4,
})
const ccm = (bits: 128 | 256, tagLength: 8 | 16): AeadSuite => ({
  ...gcm(bits),
  cipher: `aes-${bits}-ccm`,
  hash: 'sha256',
  tagLength,
})
const chacha: AeadSuite = {
  kind: 'aead',
  cipher: 'chacha20-poly1305',
  hash: 'sha256',
  keyLength: 32,
  tagLength: 16,
  fixedIv: 12,
}
const cbc = (bits: 128 | 256, mac: 'sha1' | 'sha256' | 'sha384'): CbcSuite => ({
  kind: 'cbc',
  cipher: `aes-${bits}-cbc`,
  hash: mac === 'sha384' ? 'sha384' : 'sha256',
  keyLength: bits / 8,
  mac,
  macLength: mac === 'sha1' ? 20 : mac === 'sha256' ? 32 : 48,
})

/** The suites of TLS 1.3, which say nothing of how keys are agreed on (RFC 8446 §B.4). */
export const suites13: Readonly<Record<number, AeadSuite>> = {
  4865: gcm(128),
  4866: gcm(256),
  4867: chacha,
  4868: ccm(128, 16),
  4869: ccm(128, 8),
}

/**
 * IANA's numbers: a line for each way of protecting records. Whoever agreed on the keys (RSA, ECDHE, a pre-shared key) does
 * not matter here: the key log holds what they agreed on.
 */
const NUMBERS: readonly (readonly [suite: Suite, numbers: readonly number[]])[] = [
  [cbc(128, 'sha1'), [0x2f, 0x33, 0x8c, 0x90, 0x94, 0xc009, 0xc013, 0xc035]],
  [cbc(256, 'sha1'), [0x35, 0x39, 0x8d, 0x91, 0x95, 0xc00a, 0xc014, 0xc036]],
  [cbc(128, 'sha256'), [0x3c, 0x67, 0xae, 0xb2, 0xb6, 0xc023, 0xc027, 0xc037]],
  [cbc(256, 'sha256'), [0x3d, 0x6b]],
  [cbc(256, 'sha384'), [0xaf, 0xb3, 0xb7, 0xc024, 0xc028, 0xc038]],
  [gcm(128), [0x9c, 0x9e, 0xa8, 0xaa, 0xac, 0xc02b, 0xc02f, 0xd001]],
  [gcm(256), [0x9d, 0x9f, 0xa9, 0xab, 0xad, 0xc02c, 0xc030, 0xd002]],
  [ccm(128, 16), [0xc09c, 0xc09e, 0xc0a4, 0xc0a6, 0xc0ac, 0xd005]],
  [ccm(256, 16), [0xc09d, 0xc09f, 0xc0a5, 0xc0a7, 0xc0ad]],
  [ccm(128, 8), [0xc0a0, 0xc0a2, 0xc0a8, 0xc0aa, 0xc0ae, 0xd003]],
  [ccm(256, 8), [0xc0a1, 0xc0a3, 0xc0a9, 0xc0ab, 0xc0af]],
  [chacha, [0xcca8, 0xcca9, 0xccaa, 0xccab, 0xccac, 0xccad, 0xccae]],
]

export const suites: Readonly<Record<number, Suite>> = {
  ...suites13,
  ...Object.fromEntries(NUMBERS.flatMap(([suite, numbers]) => numbers.map(number => [number, suite]))),
}
