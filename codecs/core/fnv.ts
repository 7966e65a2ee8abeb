/** Bytes that tell what is hashed from others. */
const MOST = 4096

/** FNV-1a, 32 bits, over the head of `bytes`: quick, and good enough to recognise a body. */
export function fnv(bytes: Uint8Array): number {
  let hash = 0x811c9dc5
  const end = Math.min(bytes.length, MOST)
  for (let at = 0; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193)
  return hash >>> 0
}
