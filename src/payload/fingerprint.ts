import { hex } from '../../codecs/core/index.ts'

const EMPTY = 0xc15d_213a_a4d7_a795n

/** What one byte does to a CRC-64-AVRO (Avro 1.12, "Schema Fingerprints"). */
const TABLE = Array.from({ length: 256 }, (_, byte) => {
  let print = BigInt(byte)
  for (let bit = 0; bit < 8; bit++) print = (print >> 1n) ^ (EMPTY & -(print & 1n))
  return BigInt.asUintN(64, print)
})

/** The fingerprint of a schema's canonical form, in hexadecimal, the low byte first. */
export function fingerprint(canonical: string): string {
  let print = EMPTY
  for (const byte of new TextEncoder().encode(canonical)) {
    print = (print >> 8n) ^ (TABLE[Number((print ^ BigInt(byte)) & 0xffn)] as bigint)
  }
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, print, true)
  return hex(bytes)
}
