import { ExchangeRow, FindingRow, LevelRow, MessageRow } from '../fields/index.ts'
import type { Filter } from '../filter/index.ts'
import type { Payloads } from '../payload/index.ts'
import type { Clock } from './clock.ts'
import type { RecordFormat } from './record.ts'
import type { Needs, View } from './view.ts'

/** What all views have whose rows are told one by one. */
interface Told<R> {
  readonly format: RecordFormat<R>
  readonly wanted: Filter<R> | undefined
  readonly clock: () => Clock
}

function frame<R>({ format }: Told<R>, needs: Needs): Pick<View, 'needs' | 'open' | 'finish'> {
  return { needs, open: () => format.open?.(), finish: () => format.close?.() }
}

function put<R>({ format, wanted }: Told<R>, row: R): boolean {
  if (wanted?.matches(row) === false) return false
  format.write([row])
  return true
}

/** A row an application message. */
export const messagesView = (told: Told<MessageRow>, payloads: Payloads): View => ({
  ...frame(told, 'meaning'),
  message: (flow, message, number) =>
    put(told, new MessageRow(number, flow, message, time => told.clock().iso(time), payloads)),
})

/** A row a request with its answer, in the order in which they end; at the end those without an answer. */
export const exchangesView = (told: Told<ExchangeRow>): View => ({
  ...frame(told, 'meaning'),
  exchange: (flow, exchange, number, now) =>
    put(told, new ExchangeRow(number, flow, exchange, time => told.clock().iso(time), now)),
})

/** A row a change of a level. */
export const levelsView = (told: Told<LevelRow>): View => ({
  ...frame(told, 'meaning'),
  level: (flow, change) => put(told, new LevelRow(flow, change, time => told.clock().iso(time))),
})

/** A row a diagnosis. */
export const findingsView = (told: Told<FindingRow>): View => ({
  ...frame(told, 'findings'),
  finding: finding => put(told, new FindingRow(finding, time => told.clock().iso(time))),
})
