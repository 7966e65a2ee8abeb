import type { AnyCodec, LevelChange } from '../../codecs/core/index.ts'
import { type Flow, protocolOf } from '../flow.ts'
import type { Fields } from './field.ts'
import { type Iso, type RecordRow, recordFields, valuesOf } from './record.ts'
import { COMMON, type Shapes, text, uint } from './shapes.ts'

export const LEVEL: Shapes = { level: text, subject: text, value: uint, frame: uint, ...COMMON }

/** One change of a level: a link's credit, a channel's unacknowledged deliveries. */
export class LevelRow implements RecordRow {
  readonly #source: LevelChange
  readonly #flow: Flow
  readonly #iso: Iso

  constructor(flow: Flow, source: LevelChange, iso: Iso) {
    this.#flow = flow
    this.#source = source
    this.#iso = iso
  }

  get level(): string {
    return this.#source.name
  }

  get subject(): string {
    return this.#source.subject
  }

  get value(): number {
    return this.#source.value
  }

  get frame(): number {
    return this.#source.frame
  }

  get flow(): number {
    return this.#flow.id
  }

  get time(): string {
    return this.#iso(this.#source.time)
  }

  get protocol(): string {
    return protocolOf(this.#flow)
  }

  toJSON(): Record<string, unknown> {
    return valuesOf(this, LEVEL)
  }
}

export const levelFields = (codecs: readonly AnyCodec[]): Fields<LevelRow> =>
  recordFields('level', LEVEL, [...new Set(codecs.map(({ id }) => id))])
