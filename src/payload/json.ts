import type { Payload } from './types.ts'

/** A body in NDJSON: what it says, and beside it how that was told. */
export interface PayloadJson {
  readonly body: unknown
  readonly payload: Omit<Payload, 'value'>
}

/** `{"body":{"t":21.5},"payload":{"format":"json","encodings":["gzip"]}}`; `encodings` only where there are some. */
export function payloadToJson({ value, encodings, ...about }: Payload): PayloadJson & { payload: { format: string } } {
  return {
    body: value,
    payload: { ...about, ...(encodings.length > 0 ? { encodings } : {}) } as PayloadJson['payload'],
  }
}
