import { payloads as standard } from '../../codecs/payload/index.ts'
import { decodePayload } from './decode.ts'
import type { Body, Payload } from './types.ts'

export { payloadToJson } from './json.ts'
export type { Body, Payload } from './types.ts'

export interface PayloadOptions {
  /** `.proto` files that describe messages: `FILE`, or `FILE:Type` where a file has several. */
  readonly proto?: readonly string[] | undefined
  /** Files that hold Avro schemas in JSON. */
  readonly avro?: readonly string[] | undefined
  /** Bytes of a body that are decoded, before and after each content encoding; 1 MiB where it is left out. */
  readonly limit?: number | undefined
}

/** Tells what bodies hold. */
export interface Payloads {
  /** Never throws. */
  decode(body: Body): Payload
}

const DEFAULT_LIMIT = 1 << 20

/** Makes ready for decoding bodies; throws a Failure where a schema cannot be read. */
export async function loadPayloads({
  proto = [],
  avro = [],
  limit = DEFAULT_LIMIT,
}: PayloadOptions = {}): Promise<Payloads> {
  const { loadAvro } = await import('./avro.ts')
  const described = proto.length === 0 ? [] : await (await import('./proto.ts')).loadProto(proto)
  const formats = [...described, ...(await loadAvro(avro)), ...standard]
  return { decode: body => decodePayload(formats, limit, body) }
}
