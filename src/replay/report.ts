import { type Column, type Output, painted, printable, type Style, table } from '../output/index.ts'
import { type Comparison, type Deviation, type KindCompared, VERDICTS } from './comparison.ts'

const COLUMNS: readonly Column[] = [
  { title: 'exchanges' },
  ...[...VERDICTS, 'p50 then', 'p50 now', 'p99 then', 'p99 now'].map(title => ({
    title,
    right: true,
  })),
]
/** More lines of what differs are for `--json`. */
const MOST_LINES = 20

/** How the run went beside its recording, for people. */
export function writeText(output: Output, comparison: Comparison, style: Style): void {
  const rows = [...comparison.kinds.values()].map(cells)
  output.write(table(COLUMNS, rows, style))
  const { told, more } = comparison.deviations
  const shown = told.slice(0, MOST_LINES)
  if (shown.length > 0) output.write('\n')
  for (const deviation of shown) {
    const { flow, kind, address, verdict, count } = deviation
    const mark = painted(style.palette.warning, verdict)
    const what = printable([kind, address].filter(part => part !== '').join(' '))
    const times = count > 1 ? `  ${count} ×` : ''
    output.write(`${mark}${times}  flow ${flow}  ${what}${changeOf(deviation)}\n`)
  }
  const rest = told.length - shown.length + more
  if (rest > 0) output.write(`… ${rest} more; --json has them\n`)
  output.write(`\n${painted(style.palette.bold, comparison.deviant ? 'not the same' : 'same')}\n`)
}

/** One JSON object a line: a kind of exchange each, then what differs. */
export function writeNdjson(output: Output, comparison: Comparison): void {
  for (const { protocol, kind, counts, recorded, live } of comparison.kinds.values()) {
    output.write(`${JSON.stringify({ kind, protocol, ...counts, recorded: recorded.row, live: live.row })}\n`)
  }
  for (const line of comparison.deviations.lines()) output.write(line)
}

function cells({ protocol, kind, counts, recorded, live }: KindCompared): string[] {
  const [a, b] = [recorded.row, live.row]
  return [
    `${protocol} ${kind}`,
    ...VERDICTS.map(verdict => String(counts[verdict])),
    ...[a.p50Us, b.p50Us, a.p99Us, b.p99Us].map(us => (us === undefined ? '' : `${us} µs`)),
  ]
}

function changeOf({ recorded: then, live: now }: Deviation): string {
  if (then === undefined) return `  now ${printable(now ?? '')}`
  return now === undefined ? `  then ${printable(then)}` : `  then ${printable(then)}, now ${printable(now)}`
}
