import type { AnyCodec, Severity } from '../../codecs/core/index.ts'
import type { Finding } from '../findings/index.ts'
import { protocolOf } from '../flow.ts'
import type { Fields } from './field.ts'
import { type Iso, type RecordRow, recordFields, valuesOf } from './record.ts'
import { COMMON, type Shapes, text } from './shapes.ts'

export const FINDING: Shapes = {
  finding: text,
  severity: { kind: 'text', words: ['error', 'warning', 'note'] satisfies Severity[] },
  ...COMMON,
  frames: { kind: 'list' },
  message: text,
  why: text,
  fix: text,
}

/** One diagnosis. */
export class FindingRow implements RecordRow {
  readonly source: Finding
  readonly #iso: Iso

  constructor(source: Finding, iso: Iso) {
    this.source = source
    this.#iso = iso
  }

  get finding(): string {
    return this.source.rule.id
  }

  get severity(): Severity {
    return this.source.severity
  }

  get flow(): number {
    return this.source.flow.id
  }

  get time(): string {
    return this.#iso(this.source.time)
  }

  get protocol(): string {
    return protocolOf(this.source.flow)
  }

  get frames(): readonly number[] {
    return this.source.frames
  }

  get message(): string {
    return this.source.message
  }

  get why(): string {
    return this.source.rule.why
  }

  get fix(): string {
    return this.source.rule.fix
  }

  toJSON(): Record<string, unknown> {
    return valuesOf(this, FINDING)
  }
}

export const findingFields = (codecs: readonly AnyCodec[]): Fields<FindingRow> =>
  recordFields('finding', FINDING, [...new Set(codecs.map(({ id }) => id))])
