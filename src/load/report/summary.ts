import { formatBytes, painted, printable, type Style, table } from '../../output/index.ts'
import { type LoadResult, MEASURES } from '../result.ts'
import { handled } from '../stages.ts'
import { countsTable, groupsTable, latencyTable, placesTable, searchTable, stagesTable, type Table } from './tables.ts'
import {
  formatCount,
  formatSeconds,
  formatSpan,
  goneText,
  limitText,
  proofWord,
  thresholdWord,
  verdictText,
  waitingText,
} from './words.ts'

/** More reasons than these are for the files. */
const MOST_TROUBLES = 10

/** What a run came to, for people. */
export function summaryText(result: LoadResult, style: Style): string {
  const { palette } = style
  const section = (title: string, lines: readonly string[]): string =>
    lines.length === 0 ? '' : `${painted(palette.bold, title)}\n${lines.map(line => `  ${line}\n`).join('')}\n`
  const shown = ({ columns, rows }: Table): string =>
    rows.length === 0
      ? ''
      : `${table(
          columns,
          rows.map(row => row.map(printable)),
          style,
        )}\n`
  const mark = (ok: boolean, text: string): string => painted(ok ? palette.note : palette.error, text)
  const { proof, thresholds, groups, stages } = result
  return [
    section(
      `load, ${formatSeconds(result.seconds)}${result.interrupted ? ', interrupted' : ''}`,
      result.plan.map(printable),
    ),
    shown(countsTable(result)),
    section(mark(proof.ok, proofWord(proof.ok)), [
      ...proof.lines.map(printable),
      ...(proof.lost.length === 0 ? [] : [`lost: ${proof.lost.map(printable).join(', ')}`]),
    ]),
    shown(latencyTable(result)),
    section('waiting', notesOf(result)),
    groups.length > 1 ? shown(groupsTable(result)) : '',
    shown(placesTable(result)),
    stages.length > 1 ? shown(stagesTable(result)) : '',
    shown(searchTable(result)),
    section(
      'blocked by the peer',
      result.blocked.map(span => `${formatSpan(span)}  ${printable(span.reason)}`),
    ),
    section(
      mark(false, 'without a connection in the end'),
      result.gone.map(each => printable(goneText(each))),
    ),
    section('troubles', troublesOf(result, '\n    ')),
    section(
      'thresholds',
      thresholds.map(({ ok, threshold, shown: actual }) =>
        [mark(ok, thresholdWord(ok).padEnd(WORD)), printable(threshold), painted(palette.dim, `(${actual})`)].join(
          '  ',
        ),
      ),
    ),
    `${printable(limitText(result.limit))}\n${generatorText(result)}\n`,
    `${mark(result.ok, verdictText(result))}\n`,
  ].join('')
}

const WORD = thresholdWord(false).length

/** Where the time before the sending is most of the latency. */
export const notesOf = ({ measures }: LoadResult): string[] =>
  MEASURES.flatMap(measure => {
    const found = measures[measure]
    return found === undefined ? [] : (waitingText(measure, found) ?? [])
  })

/** `between`: what stands between a trouble and what to do about it. */
export function troublesOf({ troubles }: LoadResult, between = '. '): string[] {
  const shown = troubles
    .toSorted((a, b) => b.count - a.count)
    .slice(0, MOST_TROUBLES)
    .map(({ reason, next, count, first }) => {
      const what = `${formatCount(count)} × ${printable(reason)}  first at ${formatSeconds(first)}`
      return next === undefined ? what : `${what}${between}${printable(next)}`
    })
  const more = troubles.length - shown.length
  return more > 0 ? [...shown, `… and ${more} more: a report in JSON has them`] : shown
}

export function generatorText({ generator, counts }: LoadResult): string {
  const { workers, cpuSeconds, messagesPerCpuSecond, memory, node, cpus } = generator
  const of = workers === 1 ? 'one worker' : `${workers} workers`
  return [
    // Who only stays connected handles no messages.
    handled(counts) === 0
      ? `${formatCount(counts.connected + counts.reconnected)} connections made by the generator`
      : `${formatCount(messagesPerCpuSecond)} messages per CPU-second of the generator`,
    `${formatSeconds(cpuSeconds)} of ${cpus} CPUs`,
    formatBytes(memory),
    of,
    `node ${node.replace(/^v/, '')}`,
  ].join(', ')
}
