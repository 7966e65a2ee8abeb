import { WIRE } from './wire.ts'

/** What describes messages of Protocol Buffers. */

export type Scalar =
  | 'double'
  | 'float'
  | 'int32'
  | 'int64'
  | 'uint32'
  | 'uint64'
  | 'sint32'
  | 'sint64'
  | 'fixed32'
  | 'fixed64'
  | 'sfixed32'
  | 'sfixed64'
  | 'bool'
  | 'string'
  | 'bytes'

export interface MessageField {
  readonly name: string
  readonly type: Scalar | EnumType | MessageType
  readonly repeated?: boolean
  /** Of a map: the type of its keys; `type` is that of its values. */
  readonly keys?: Scalar
}

export interface EnumType {
  readonly kind: 'enum'
  readonly values: ReadonlyMap<number, string>
}

export interface MessageType {
  readonly kind: 'message'
  readonly name: string
  readonly fields: ReadonlyMap<number, MessageField>
}

export function wireTypeOf(type: MessageField['type']): number {
  if (typeof type === 'object') return type.kind === 'enum' ? WIRE.varint : WIRE.length
  if (type === 'string' || type === 'bytes') return WIRE.length
  if (type === 'float' || type.endsWith('fixed32')) return WIRE.fixed32
  return type === 'double' || type.endsWith('fixed64') ? WIRE.fixed64 : WIRE.varint
}

/** What an entry of a map is that does not say it. */
export function initial(type: MessageField['type']): unknown {
  if (typeof type === 'object') return type.kind === 'enum' ? (type.values.get(0) ?? 0) : {}
  if (type === 'bool') return false
  if (type === 'string') return ''
  if (type === 'bytes') return new Uint8Array(0)
  return type.endsWith('64') ? '0' : 0
}
