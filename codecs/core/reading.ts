import type { AnyCodec, Codec, FieldShape, Frame } from './codec.ts'
import type { Diagnostic } from './diagnostic.ts'
import type { Field } from './field.ts'
import { frameShape } from './json.ts'
import type { Packet } from './packet.ts'
import { Reader } from './reader.ts'

/** A packet, read. */
export interface Reading<F extends Frame = Frame> {
  readonly frame: F
  /** What cutting and reading found. */
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Reads packets one after the other with one reader.
 *
 * Shallow, it leaves what is dear for when it is asked for, and finds only the diagnostics of what it looked at; deep,
 * it reads everything. A `gap` or `malformed` packet has no frame: ask only for packets of kind `frame`.
 */
export class FrameReader {
  readonly #reader = new Reader()

  read<F extends Frame, C>(codec: Codec<F, C>, packet: Packet<C>, deep = false): Reading<F> {
    const reader = this.#reader.open(packet, { deep })
    const frame = codec.read(reader, packet.context, packet.side)
    reader.finish(codec.id)
    return { frame, diagnostics: merge(packet.diagnostics, reader.diagnostics) }
  }

  /** Reads everything and names every byte. */
  trace<F extends Frame, C>(codec: Codec<F, C>, packet: Packet<C>): Reading<F> & { readonly field: Field } {
    const reader = this.#reader.open(packet, { trace: true })
    const frame = codec.read(reader, packet.context, packet.side)
    const field = reader.finish(codec.id) as Field
    return { frame, field, diagnostics: merge(packet.diagnostics, reader.diagnostics) }
  }
}

/** Whether a frame of this type may hold credentials: only then is it worth tracing a packet to find them. */
export const mayHoldSecrets = (codec: AnyCodec, type: string): boolean => secretFields(codec, type).length > 0

/** Whether a credential may be among this frame's values: only then is it worth tracing its packet to find where. */
export const holdsSecrets = (codec: AnyCodec, frame: Frame): boolean => hasAny(frame, secretFields(codec, frame.type))

/** A field that is a credential, or that has such `members`. */
interface SecretField {
  readonly name: string
  readonly members: readonly SecretField[]
}
type Fields = Readonly<Record<string, FieldShape>>

/** By the fields of a frame's shape, as every frame that comes is asked about. */
const known = new WeakMap<Fields, readonly SecretField[]>()

function secretFields(codec: AnyCodec, type: string): readonly SecretField[] {
  const fields = frameShape(codec, type)?.fields
  if (fields === undefined) return []
  let secrets = known.get(fields)
  if (secrets === undefined) known.set(fields, (secrets = secretsAmong(fields)))
  return secrets
}

const secretsAmong = (fields: Fields): SecretField[] =>
  Object.entries(fields).flatMap(([name, shape]) => {
    const members = secretsAmong(shape.fields ?? {})
    return shape.secret === true || members.length > 0 ? [{ name, members }] : []
  })

function hasAny(values: object, fields: readonly SecretField[]): boolean {
  for (const { name, members } of fields) {
    const value = (values as Readonly<Record<string, unknown>>)[name]
    if (value === undefined || value === null) continue
    if (members.length === 0 || hasAny(value as object, members)) return true
  }
  return false
}

function merge(cut: readonly Diagnostic[], read: readonly Diagnostic[]): readonly Diagnostic[] {
  if (read.length === 0) return cut
  return cut.length === 0 ? read : [...cut, ...read]
}
