import { cbor, cborSequence } from './cbor.ts'
import type { PayloadFormat } from './format.ts'
import { json } from './json.ts'
import { linkFormat } from './linkformat.ts'
import { msgpack } from './msgpack.ts'
import { protobuf } from './protobuf.ts'
import { sparkplug } from './sparkplug.ts'
import { text } from './text.ts'

/** Every format that needs no schema of its user's, the more particular before the more general. */
export const payloads: readonly PayloadFormat[] = [
  sparkplug,
  json,
  linkFormat,
  cbor,
  cborSequence,
  msgpack,
  protobuf,
  text,
]
