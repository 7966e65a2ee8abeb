import type { AnyCodec, Codec, FieldShape, Frame } from './codec.ts'
import type { Diagnostic } from './diagnostic.ts'
import type { Field } from './field.ts'
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
export function mayHoldSecrets(codec: AnyCodec, type: string): boolean {
  const shape = codec.frames[type] ?? codec.unlisted
  return shape !== undefined && Object.values(shape.fields as Fields).some(holdsSecret)
}

type Fields = Readonly<Record<string, FieldShape>>
const holdsSecret = (shape: FieldShape): boolean =>
  shape.secret === true || (shape.fields !== undefined && Object.values(shape.fields).some(holdsSecret))

function merge(cut: readonly Diagnostic[], read: readonly Diagnostic[]): readonly Diagnostic[] {
  if (read.length === 0) return cut
  return cut.length === 0 ? read : [...cut, ...read]
}
