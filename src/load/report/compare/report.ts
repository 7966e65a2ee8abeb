import { EXIT, usage } from '../../../failure.ts'
import { Output, painted, printable, type Style, styleFor, table } from '../../../output/index.ts'
import type { LoadResult } from '../../result.ts'
import { bound } from '../bound.ts'
import { formatCount, formatSeconds } from '../words.ts'
import { DRAWINGS, SEED } from './bootstrap.ts'
import { cautions } from './cautions.ts'
import { type Compared, compare, type Verdict } from './compare.ts'
import { readResult } from './read.ts'

export interface CompareRequest {
  /** Files: what it was, and what it is. */
  readonly a: string
  readonly b: string
  /** A share: what is shown to be worse by more than it makes the exit code that of a threshold. */
  readonly 'max-regression'?: string | undefined
  readonly json: boolean
  readonly 'no-color': boolean
}

const STDOUT = 1

/** Tells how two runs differ, and how sure that is. Returns the exit code. */
export async function compareResults(request: CompareRequest): Promise<number> {
  const most = request['max-regression'] === undefined ? undefined : regression(request['max-regression'])
  const [a, b] = [await readResult(request.a), await readResult(request.b)]
  const rows = compare(a, b)
  const crossed = most === undefined ? [] : rows.filter(row => isWorse(row, most))
  const output = new Output(STDOUT)
  if (request.json) output.write(`${JSON.stringify(jsonOf(request, a, b, rows, crossed))}\n`)
  else output.write(comparisonText(request, a, b, rows, crossed, styleFor(process.stdout, request['no-color'])))
  await output.end()
  return crossed.length > 0 ? EXIT.threshold : EXIT.done
}

function regression(text: string): number {
  const share = bound(text, 'share')
  if (typeof share === 'number') return share
  throw usage(`--max-regression ${share}`, 'With 0%, all that is shown to be worse counts.')
}

const isWorse = ({ verdict, change }: Compared, most: number): boolean =>
  verdict === 'worse' && (change === null || Math.abs(change) > most)

function jsonOf(
  request: CompareRequest,
  a: LoadResult,
  b: LoadResult,
  rows: readonly Compared[],
  crossed: readonly Compared[],
): object {
  const run = (file: string, { run: id, started, seconds, mqinspect }: LoadResult): object => ({
    ...{ file, run: id, started, seconds, mqinspect },
  })
  return {
    a: run(request.a, a),
    b: run(request.b, b),
    cautions: cautions(a, b),
    method: { name: 'stratified block bootstrap', confidence: 0.95, drawings: DRAWINGS, seed: SEED },
    compared: rows.map(({ shown: _, ...row }) => row),
    crossed: crossed.map(({ what }) => what),
    ok: crossed.length === 0,
  }
}

const COLUMNS = [
  { title: 'what' },
  ...['A', 'B', 'change', '95 % interval'].map(title => ({ title, right: true })),
  { title: 'which is' },
]

const WORDS: Readonly<Record<Verdict, string>> = {
  better: '✓ better',
  worse: '✗ worse',
  'no difference': 'no difference that these runs could show',
  unknown: 'more than these runs can tell',
}

export function comparisonText(
  { a: fileA, b: fileB, 'max-regression': most }: Pick<CompareRequest, 'a' | 'b' | 'max-regression'>,
  a: LoadResult,
  b: LoadResult,
  rows: readonly Compared[],
  crossed: readonly Compared[],
  style: Style,
): string {
  const { palette } = style
  const cells = rows.map(row => [
    row.what,
    ...row.shown,
    row.change === null ? '' : changeText(row.change, row.of),
    row.interval === null ? '' : row.interval.map(end => changeText(end, row.of)).join(' to '),
    WORDS[row.verdict],
  ])
  const number = (verdict: Verdict): number => rows.filter(row => row.verdict === verdict).length
  const [worse, better, same] = [number('worse'), number('better'), number('no difference')]
  const lines = [
    ...(
      [
        ['A', fileA, a],
        ['B', fileB, b],
      ] as const
    ).map(
      ([name, file, { started, seconds, run }]) =>
        `${painted(palette.bold, name)}  ${printable(file)}  ${printable(`${formatSeconds(seconds)} from ${started}, run ${run}`)}`,
    ),
    ...cautions(a, b).map(caution => painted(palette.warning, `note: ${printable(caution)}`)),
    '',
    table(COLUMNS, cells, style),
    `95 % intervals by a block bootstrap over ${formatCount(a.intervals.length)} and ${formatCount(b.intervals.length)} intervals, ${formatCount(DRAWINGS)} drawings, seed ${SEED}.`,
    'They tell of what differed within each run. What differs from run to run for other reasons (another day,',
    'another neighbour) only more runs can tell.',
    '',
    painted(palette.bold, `${worse} worse, ${better} better, ${same} without a difference that these runs could show`),
    ...(most === undefined
      ? []
      : [
          crossed.length === 0
            ? `✓ nothing is worse by more than ${most}`
            : `✗ worse by more than ${most}: ${crossed.map(({ what }) => what).join(', ')}`,
        ]),
  ]
  return `${lines.join('\n')}\n`
}

/** `+12 %`, `−3.4 %`, `×2.6`; of shares, which are differences of shares already, in points. */
function changeText(change: number, of: Compared['of']): string {
  if (of === 'ratio' && change >= 1) return `×${Number((1 + change).toPrecision(3))}`
  // What is less than a hundredth of a percent is nothing that could be measured.
  const percent =
    Math.abs(change) < 1e-4 ? 0 : Number((Math.abs(change) * 100).toPrecision(Math.abs(change) >= 0.1 ? 3 : 2))
  const sign = percent === 0 ? '±' : change < 0 ? '−' : '+'
  return `${sign}${percent} ${of === 'share' ? 'points' : '%'}`
}
