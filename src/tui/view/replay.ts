import { formatDuration, printable } from '../../output/index.ts'
import { type Comparison, type Deviation, VERDICTS } from '../../replay/index.ts'
import { fitted } from '../kit/cells.ts'
import { type Line, type Look, line, type Span, span } from '../kit/text.ts'
import type { Replay, ReplayState } from '../model/replay.ts'
import { grouped } from '../rows/cells.ts'

const KIND = 22
const NUMBER = 10
const TIMES = ['p50 then', 'p50 now', 'p99 then', 'p99 now']
const SIGNS: Readonly<Record<Exclude<Deviation['verdict'], 'same'>, string>> = {
  different: '≠',
  missing: '-',
  extra: '+',
}

/** How a connection goes that is played again, and how it went beside what was recorded. */
export function replayLines(replay: Replay | undefined, width: number): Line[] {
  if (replay === undefined) return [line(span(' nothing was replayed yet: r replays the chosen connection', 'dim'))]
  const { playing, told, state } = replay
  const comparison = playing?.run.comparison
  return [
    line(...verdict(replay)),
    ...told.map(what => line(span(` ! ${printable(what)}`, state === 'failed' ? 'error' : 'warning'))),
    ...(comparison === undefined || comparison.kinds.size === 0 ? [] : [line(), ...kindLines(comparison, width)]),
    ...(comparison === undefined ? [] : deviationLines(comparison)),
  ]
}

/** The first line: what is being done, or what came of it. */
function verdict({ flow, state, playing }: Replay): Span[] {
  if (playing === undefined) {
    return state === 'running' ? [span(' preparing', 'note')] : [span(` ✗ flow ${flow} was not replayed`, 'error')]
  }
  const { run, to } = playing
  const how = `${grouped(run.frames)} frames to ${to} in ${formatDuration(run.elapsed * 1e6)}`
  const [text, look] = said(state, run.comparison.deviant)
  return [span(` ${text}`, look), span(`  ${how}`), ...(state === 'running' ? [span('  Esc stops it', 'dim')] : [])]
}

function said(state: ReplayState, deviant: boolean): readonly [string, Look] {
  switch (state) {
    case 'running':
      return ['… replaying', 'note']
    case 'stopped':
      return ['✗ stopped: what is missing below was not done', 'warning']
    case 'failed':
      return ['✗ failed', 'error']
    case 'done':
      return deviant ? ['≠ not the same', 'warning'] : ['✓ the same', 'good']
  }
}

const right = (text: string): string => fitted(text, NUMBER, true)
const micros = (us: number | undefined): string => (us === undefined ? '' : formatDuration(us * 1000))

function kindLines({ kinds }: Comparison, width: number): Line[] {
  // As many of the times as there is room for, whole.
  const timed = Math.max(0, Math.floor((width - 1 - KIND) / NUMBER) - VERDICTS.length)
  const titles = [...VERDICTS, ...TIMES.slice(0, timed)]
  return [
    line(span(` ${fitted('exchanges', KIND)}${titles.map(right).join('')}`, 'dim')),
    ...[...kinds.values()].map(({ protocol, kind, counts, recorded, live }) => {
      const [then, now] = [recorded.row, live.row]
      const times = [then.p50Us, now.p50Us, then.p99Us, now.p99Us].map(micros)
      return line(
        span(` ${fitted(`${protocol} ${kind}`, KIND)}`),
        ...VERDICTS.map(each => {
          const count = counts[each]
          return span(right(grouped(count)), each === 'same' || count === 0 ? 'plain' : 'warning')
        }),
        span(times.slice(0, timed).map(right).join(''), 'dim'),
      )
    }),
  ]
}

function deviationLines({ deviations: { told, more } }: Comparison): Line[] {
  if (told.length === 0) return []
  return [
    line(),
    ...told.map(({ verdict, count, kind, address, recorded, live }) => {
      const what = printable([kind, address].filter(part => part !== '').join(' '))
      const then = recorded === undefined ? '' : `  then ${printable(recorded)}`
      const now = live === undefined ? '' : `  now ${printable(live)}`
      const sign = verdict === 'same' ? ' ' : SIGNS[verdict]
      const times = count > 1 ? ` ${grouped(count)} ×` : ''
      return line(
        span(` ${sign} ${verdict}${times}`, 'warning'),
        span(`  ${what}`, 'bold'),
        span(then, 'dim'),
        span(now),
      )
    }),
    ...(more > 0 ? [line(span(` … ${grouped(more)} more`, 'dim'))] : []),
  ]
}
