import type { AnyCodec, Exchange, Side } from '../../codecs/core/index.ts'
import { type Flow, protocolOf } from '../flow.ts'
import type { Fields } from './field.ts'
import { type Iso, type RecordRow, recordFields, valuesOf } from './record.ts'
import { EXCHANGE } from './shapes.ts'

/** A request with its answer, or without one by now. */
export class ExchangeRow implements RecordRow {
  readonly exchange: number
  readonly source: Exchange
  readonly #flow: Flow
  readonly #iso: Iso
  readonly #now: number

  /** `now`: until when there was no answer, where there was none. */
  constructor(number: number, flow: Flow, source: Exchange, iso: Iso, now = source.ended) {
    this.exchange = number
    this.source = source
    this.#flow = flow
    this.#iso = iso
    this.#now = now
  }

  get flow(): number {
    return this.#flow.id
  }

  /** Of the request. */
  get time(): string {
    return this.#iso(this.source.started)
  }

  get protocol(): string {
    return protocolOf(this.#flow)
  }

  /** Who asked. */
  get from(): Side {
    return this.source.side
  }

  get kind(): string {
    return this.source.kind
  }

  get key(): string {
    return this.source.key
  }

  get address(): string | undefined {
    return this.source.address
  }

  get request(): number {
    return this.source.request
  }

  get reply(): number | null {
    return this.source.reply === 0 ? null : this.source.reply
  }

  get elapsedUs(): number | undefined {
    return this.source.reply === 0 ? undefined : this.#since(this.source.ended)
  }

  get openUs(): number | undefined {
    return this.source.reply === 0 ? this.#since(this.#now) : undefined
  }

  get ok(): boolean | undefined {
    return this.source.ok
  }

  get outcome(): string | undefined {
    return this.source.outcome
  }

  get steps(): readonly object[] | undefined {
    return this.source.steps?.map(({ type, frame, time }) => ({ type, frame, elapsedUs: this.#since(time) }))
  }

  toJSON(): Record<string, unknown> {
    return valuesOf(this, EXCHANGE)
  }

  #since(time: number): number {
    return Math.round((time - this.source.started) / 1000)
  }
}

export const exchangeFields = (codecs: readonly AnyCodec[]): Fields<ExchangeRow> =>
  recordFields('exchange', EXCHANGE, [...new Set(codecs.map(({ id }) => id))])
