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

export const extensions = { serverName: 0, alpn: 16, encryptThenMac: 22, supportedVersions: 43 } as const

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

/** IANA's numbers. Whoever agreed on the keys does not matter here: the key log holds what they agreed on. */
export const suites: Readonly<Record<number, Suite>> = {
  47: cbc(128, 'sha1'),
  51: cbc(128, 'sha1'),
  53: cbc(256, 'sha1'),
  57: cbc(256, 'sha1'),
  60: cbc(128, 'sha256'),
  61: cbc(256, 'sha256'),
  103: cbc(128, 'sha256'),
  107: cbc(256, 'sha256'),
  156: gcm(128),
  157: gcm(256),
  158: gcm(128),
  159: gcm(256),
  168: gcm(128),
  169: gcm(256),
  4865: gcm(128),
  4866: gcm(256),
  4867: chacha,
  4868: ccm(128, 16),
  4869: ccm(128, 8),
  49161: cbc(128, 'sha1'),
  49162: cbc(256, 'sha1'),
  49171: cbc(128, 'sha1'),
  49172: cbc(256, 'sha1'),
  49187: cbc(128, 'sha256'),
  49188: cbc(256, 'sha384'),
  49191: cbc(128, 'sha256'),
  49192: cbc(256, 'sha384'),
  49195: gcm(128),
  49196: gcm(256),
  49199: gcm(128),
  49200: gcm(256),
  49308: ccm(128, 16),
  49309: ccm(256, 16),
  49312: ccm(128, 8),
  49324: ccm(128, 16),
  49325: ccm(256, 16),
  49326: ccm(128, 8),
  52392: chacha,
  52393: chacha,
  52394: chacha,
}
