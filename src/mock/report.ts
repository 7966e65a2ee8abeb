import { type Column, type Output, painted, printable, type Style, table } from '../output/index.ts'
import type { Deviation, Kind, Tally, Verdict } from './tally.ts'

const VERDICTS: readonly (readonly [Verdict, string])[] = [
  ['recorded', 'as recorded'],
  ['again', 'again'],
  ['unknown', 'not recorded'],
  ['undone', 'not done'],
]
const COLUMNS: readonly Column[] = [{ title: 'by clients' }, ...VERDICTS.map(([, title]) => ({ title, right: true }))]
const BROKERS: readonly Column[] = [
  { title: 'by the broker' },
  ...['as recorded', 'not done'].map(title => ({ title, right: true })),
]
/** More lines of what went otherwise are for `--json`. */
const MOST_LINES = 20

const WORDS: Readonly<Record<Deviation['verdict'], string>> = {
  again: 'again',
  unknown: 'not recorded',
  undone: 'not done',
}

/** How clients went beside the recording, for people. */
export function writeText(output: Output, tally: Tally, style: Style): void {
  const kinds = [...tally.kinds.values()]
  // Who came at all is what one looks for first.
  const clients = kinds.filter(({ from }) => from === 'client').sort((a, b) => Number(isWhole(b)) - Number(isWhole(a)))
  const brokers = kinds.filter(({ from }) => from === 'server')
  output.write(table(COLUMNS, clients.map(cells), style))
  if (brokers.length > 0) {
    const rows = brokers.map(kind => [nameOf(kind), String(kind.counts.recorded), String(kind.counts.undone)])
    output.write(`\n${table(BROKERS, rows, style)}`)
  }
  const { told, more } = tally.deviations
  const shown = told.slice(0, MOST_LINES)
  if (shown.length > 0) output.write('\n')
  for (const { verdict, count, flow, kind, from, address, done, recorded } of shown) {
    const times = count > 1 ? `  ${count} ×` : ''
    const where = flow === undefined ? '' : `  flow ${flow}`
    const what = printable([from === 'server' ? '←' : '', kind, address].filter(part => part !== '').join(' '))
    const ways = done === undefined || recorded === undefined ? '' : printable(`: ${done} (recorded: ${recorded})`)
    output.write(`${painted(style.palette.warning, WORDS[verdict])}${times}${where}  ${what}${ways}\n`)
  }
  const rest = told.length - shown.length + more
  if (rest > 0) output.write(`… ${rest} more; --json has them\n`)
  output.write(`\n${painted(style.palette.bold, told.length > 0 ? 'not as recorded' : 'as recorded')}\n`)
}

/** One JSON object a line: a kind each, then what went otherwise. */
export function writeNdjson(output: Output, tally: Tally): void {
  for (const { protocol, kind, from, counts } of tally.kinds.values()) {
    output.write(`${JSON.stringify({ kind, protocol, from, ...counts })}\n`)
  }
  for (const line of tally.deviations.lines()) output.write(line)
}

const isWhole = ({ kind }: Kind): boolean => kind === 'connection'

const cells = (kind: Kind): string[] => [nameOf(kind), ...VERDICTS.map(([verdict]) => String(kind.counts[verdict]))]

const nameOf = ({ protocol, kind }: Kind): string => `${protocol} ${kind}`
