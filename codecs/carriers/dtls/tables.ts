import { codeTable } from '../../core/index.ts'

/** RFC 9147 §4.1; `tls12_cid` is RFC 9146's. */
export const contentTypes = codeTable({
  20: 'change_cipher_spec',
  21: 'alert',
  22: 'handshake',
  23: 'application_data',
  24: 'heartbeat',
  25: 'tls12_cid',
  26: 'ack',
})

/** One's complement of the version's numbers, so that none is a version of TLS (RFC 6347 §4.1). */
export const versions = codeTable({
  65279: 'DTLS 1.0',
  65277: 'DTLS 1.2',
  65276: 'DTLS 1.3',
})
