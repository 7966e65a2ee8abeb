import type { DriveSettings } from '../../core/index.ts'
import type { Source } from '../frames.ts'
import { AmqpMap, Described, Scalar, type Value } from '../value.ts'

/** Filters by the names that they are registered under; RabbitMQ's streams have one of their own. */
const SELECTOR = 'apache.org:selector-filter:string'
const STREAM_OFFSET = 'rabbitmq:stream-offset-spec'

/** What a receiver wants of a source [3.5.8]; undefined for all of it. */
export function filterOf({ selector, streamOffset }: DriveSettings): AmqpMap | undefined {
  const filters: Record<string, Value> = {}
  if (selector !== undefined) filters[SELECTOR] = described(SELECTOR, Scalar.of('string', String(selector)))
  if (streamOffset !== undefined) filters[STREAM_OFFSET] = described(STREAM_OFFSET, offsetOf(String(streamOffset)))
  return Object.keys(filters).length === 0 ? undefined : AmqpMap.fields(filters)
}

/** The peer says which filters are in place [3.5.8]: without one that was asked for, it sends what nobody wants. */
export function missingFilter(settings: DriveSettings, { filter }: Source): string | undefined {
  const wanted = filterOf(settings)?.entries.map(({ key }) => String((key as Scalar).value)) ?? []
  return wanted.find(name => filter?.get(name) === undefined)
}

const described = (name: string, value: Value): Described => new Described(Scalar.of('symbol', name), value)

/** `first`, `last`, `next`, or a span of time as a text; a number; a time. */
function offsetOf(text: string): Scalar {
  if (/^\d+$/.test(text)) return Scalar.of('ulong', Number(text))
  const time = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(time) ? Scalar.of('string', text) : Scalar.of('timestamp', time)
}
