import { columns, formatBytes } from '../../output/index.ts'
import { fittedLine, justified, sparkline } from '../kit/cells.ts'
import { type Line, type Span, span } from '../kit/text.ts'
import type { Desk } from '../model/desk.ts'
import type { Prompt, PromptKind, Verdict } from '../model/prompt.ts'
import type { State } from '../model/state.ts'
import { grouped } from '../rows/cells.ts'
import { barSpans } from './help.ts'

/** What is known of the program around the traffic. */
export interface Surroundings {
  /** `127.0.0.1:11883 → mqtt://broker`, or the file. */
  readonly source: () => string
  /** The wall clock in seconds from 1 since the traffic's origin. */
  readonly second: () => number
  /** Being read, listening, ended: in a few words, as it is now. */
  readonly activity: () => string
  /** Where it is recorded. */
  readonly recording?: string | undefined
  readonly live: boolean
  readonly unicode: boolean
}

const SPARK = 12

const counted = (count: number, what: string): string => `${grouped(count)} ${what}${count === 1 ? '' : 's'}`

/** The line at the top: what is looked at, and what passes. The counts are true whatever is shown. */
export function headLine(state: State, desk: Desk, around: Surroundings): Line {
  const { traffic } = desk
  const { client, server } = traffic.rates
  const back = server.last(SPARK + 1, false)
  const perSecond = client.last(SPARK + 1, false).map((value, at) => value + (back[at] ?? 0))
  const { malformed } = traffic.rates
  const right = [
    span(` ${counted(traffic.flows.store.total, 'flow')}`),
    span(traffic.open > 0 ? ` (${traffic.open} open)` : '', 'dim'),
    span(`  ${counted(traffic.kept.total, 'frame')}`, 'bold'),
    span(`  ${formatBytes(traffic.rates.bytes)}`),
    ...(traffic.findings > 0 ? [span(`  ! ${counted(traffic.findings, 'finding')}`, 'warning')] : []),
    ...(malformed > 0 ? [span(`  ! ${grouped(malformed)} malformed`, 'error')] : []),
    ...(around.live
      ? [span(`  ${grouped(perSecond.at(-1) ?? 0)}/s `), span(sparkline(perSecond, SPARK, around.unicode), 'accent')]
      : []),
    span(' '),
  ]
  const { recording } = around
  const left = [
    span(' mqinspect ', 'title'),
    ...(recording === undefined ? [] : [span('● REC ', 'error')]),
    span(around.source()),
    ...(recording === undefined ? [] : [span('  in ', 'dim'), span(recording)]),
    span(`  ${around.activity()}`, 'dim'),
  ]
  return justified(left, right, state.size.columns, 'marked')
}

/** The line below: the filter, how much it lets through, and what holds the view. */
export function filterLine(state: State, desk: Desk): Line {
  const table = desk.table(state.kind)
  const filter = state.filters[state.kind] ?? ''
  const { length } = table.numbers
  const left: Span[] = [
    span(` ${table.kind.title} `, 'bold'),
    ...(filter === '' ? [span('/ no filter', 'dim')] : [span('/ ', 'key'), span(filter, 'good')]),
  ]
  const right: Span[] = []
  if (state.frozen) right.push(span(` ❙❙ FROZEN, ${grouped(table.behind)} more since `, 'warning'))
  else if (table.behind > 0) right.push(span(` sorted, ${grouped(table.behind)} more since `, 'warning'))
  else if (state.lists[state.kind].follow) right.push(span(' ⇣ following ', 'good'))
  const { skipped = 0 } = table.store
  if (skipped > 0) right.push(span(` ${grouped(skipped)} passed unlisted `, 'warning'))
  if (table.missed > 0) right.push(span(` ${grouped(table.missed)} passed unfiltered `, 'warning'))
  if (table.waiting > 0) right.push(span(` filtering, ${grouped(table.waiting)} to go `, 'note'))
  right.push(span(` ${grouped(length)} of ${grouped(table.store.total)} `))
  return justified(left, right, state.size.columns)
}

const ASKED: Readonly<Record<Exclude<PromptKind, 'replay'>, string>> = {
  filter: '/',
  search: 'search: ',
  command: ':',
  export: 'export the row to: ',
  save: 'save the rows to: ',
}

/** The line at the foot: what is being asked for, what was told, or the main keys. */
export function footLine(state: State, desk: Desk): Line {
  const { prompt, note, leaving, pending, size } = state
  if (prompt !== undefined) return promptLine(prompt, state, desk)
  if (leaving) {
    const open = desk.traffic.open
    const what = `${open} ${open === 1 ? 'connection goes' : 'connections go'} through here. q again ends them; any other key stays.`
    return fittedLine({ spans: [span(` ! ${what}`, 'warning')] }, size.columns)
  }
  if (pending !== undefined) {
    const set = Object.keys(state.marks).join(' ')
    const what = pending === 'mark' ? 'mark with which letter?' : `to which mark? ${set === '' ? 'there is none' : set}`
    return fittedLine({ spans: [span(` ${what}`, 'accent')] }, size.columns)
  }
  if (note !== undefined) {
    return fittedLine(
      { spans: [span(` ${note.trouble ? '✗ ' : '✓ '}${note.text}`, note.trouble ? 'error' : 'good')] },
      size.columns,
    )
  }
  return fittedLine({ spans: barSpans(state, size.columns) }, size.columns)
}

function verdictOn(kind: PromptKind, text: string, state: State, desk: Desk): Verdict | undefined {
  if (kind === 'filter') return desk.check(state.kind, text)
  return kind === 'replay' ? desk.checkReplay(text) : undefined
}

/** What is written, its cursor, and whether it can be taken: by a sign as well as by colour. */
function promptLine({ kind, text, cursor, offers, flow }: Prompt, state: State, desk: Desk): Line {
  const verdict = verdictOn(kind, text, state, desk)
  const taken = offers.items[offers.taken]
  const right: Span[] =
    taken !== undefined && offers.items.length > 1
      ? [span(` ${offers.taken + 1} of ${offers.items.length}: ${taken.detail} `, 'note')]
      : verdict === undefined
        ? []
        : [span(` ${verdict.ok ? '✓' : '✗'} ${verdict.message} `, verdict.ok ? 'good' : 'error')]
  const label = kind === 'replay' ? `replay flow ${flow?.id} to: ` : ASKED[kind]
  // As much of a long text as leaves its cursor to be seen.
  const most = Math.max(20, Math.floor(state.size.columns * 0.6) - label.length)
  const from = Math.max(0, cursor - most + 1)
  const look = verdict === undefined ? 'plain' : verdict.ok ? 'good' : 'error'
  const wrong = (at: number): boolean => verdict?.start !== undefined && at >= verdict.start && at < (verdict.end ?? 0)
  const spans: Span[] = [span(label, 'key')]
  for (let at = from; at <= text.length; ) {
    const character = [...text.slice(at)][0] ?? ' '
    spans.push(span(character, at === cursor ? 'cursor' : wrong(at) ? 'range' : look))
    at += character.length
  }
  const width = spans.reduce((sum, each) => sum + columns(each.text), 0)
  const room = Math.max(0, state.size.columns - width)
  return justified(spans, [...fittedSpans(right, room)], state.size.columns)
}

const fittedSpans = (spans: readonly Span[], room: number): readonly Span[] => {
  const needed = spans.reduce((sum, { text }) => sum + columns(text), 0)
  return needed <= room ? spans : fittedLine({ spans }, room).spans
}
