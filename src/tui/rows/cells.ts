import type { Side } from '../../../codecs/core/index.ts'
import { type Clock, formatDuration, printable } from '../../output/index.ts'
import { type Look, type Span, span } from '../kit/text.ts'
import type { Column, Setting } from '../model/kind.ts'
import type { Tree } from '../model/tree.ts'

/** When a row was: as the user wants moments. */
export const timeColumn = <R>(time: (row: R) => number, clock: (row: R) => Clock): Column<R> => ({
  title: 'Time',
  width: 15,
  spare: 2,
  cell: (row, setting) => moment(row, time, clock(row), setting),
  key: time,
})

/** On which connection a row was, by its number. */
export const flowColumn = <R>(flow: (row: R) => number, look: Look = 'plain'): Column<R> => ({
  title: 'Flow',
  width: 5,
  right: true,
  cell: row => span(`#${flow(row)}`, look),
  key: flow,
})

/** Who said it, as an arrow. */
export const sideColumn = <R>(side: (row: R) => Side): Column<R> => ({
  title: ' ',
  width: 1,
  cell: row => (side(row) === 'client' ? span('→', 'client') : span('←', 'server')),
  key: side,
})

/** Of the day, since the start, or since the row above. */
export function moment<R>(row: R, time: (row: R) => number, clock: Clock, { time: format, above }: Setting<R>): Span {
  switch (format) {
    case 'clock':
      return span(timeOfDay(clock, time(row)), 'dim')
    case 'start':
      return span(seconds(time(row)), 'dim')
    case 'delta':
      return span(above === undefined ? '' : `+${seconds(time(row) - time(above))}`, 'dim')
  }
}

/** `06:46:00.123456` */
export function timeOfDay(clock: Clock, time: number): string {
  const iso = clock.iso(time)
  const at = iso.indexOf('T') + 1
  return iso.slice(at, at + 15)
}

const seconds = (time: number): string => (time / 1e9).toFixed(6)

export const elapsed = (time: number): string => formatDuration(Math.max(0, time))

/** `1,234,567` */
export const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+(?!\d))/g, ',')

/** What one value of a group may take of a line. */
const VALUE_LIMIT = 240
/** Members of one group that are shown. */
const MOST_MEMBERS = 1_000

/** A JSON value as a named group, or a value of its own. */
export function jsonTree(name: string, value: unknown): Tree {
  const label = printable(name)
  if (typeof value !== 'object' || value === null) return { name: label, value: scalar(value) }
  const entries = Object.entries(value)
  const shown = entries
    .slice(0, MOST_MEMBERS)
    .map(([key, item]) => jsonTree(Array.isArray(value) ? `[${key}]` : key, item))
  if (entries.length > MOST_MEMBERS) shown.push({ name: '…', value: `${grouped(entries.length - MOST_MEMBERS)} more` })
  return { name: label, value: Array.isArray(value) ? `[${value.length}]` : '', children: shown }
}

function scalar(value: unknown): string {
  const text = typeof value === 'string' ? `"${value}"` : String(value)
  return printable(text.length > VALUE_LIMIT ? `${text.slice(0, VALUE_LIMIT)}… ${text.length} characters` : text)
}
