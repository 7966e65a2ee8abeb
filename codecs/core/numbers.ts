/** Big-endian numbers at a place in bytes. What is not there reads as NaN or 0: whoever asks has looked. */

export const u16At = (bytes: Uint8Array, at: number): number => ((bytes[at] as number) << 8) | (bytes[at + 1] as number)

export const u32At = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)) >>>
  0

export function u64At(bytes: Uint8Array, at: number): number | bigint {
  const high = u32At(bytes, at)
  const low = u32At(bytes, at + 4)
  return high < 0x20_0000 ? high * 0x1_0000_0000 + low : (BigInt(high) << 32n) | BigInt(low)
}

export function i64At(bytes: Uint8Array, at: number): number | bigint {
  const high = u32At(bytes, at) | 0
  const low = u32At(bytes, at + 4)
  return high >= -0x20_0000 && high < 0x20_0000 ? high * 0x1_0000_0000 + low : (BigInt(high) << 32n) | BigInt(low)
}

export const f32At = (bytes: Uint8Array, at: number): number => view(bytes, at, 4).getFloat32(0)
export const f64At = (bytes: Uint8Array, at: number): number => view(bytes, at, 8).getFloat64(0)

const view = (bytes: Uint8Array, at: number, length: number): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset + at, length)
