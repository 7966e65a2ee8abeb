import { parseDuration } from '../../duration.ts'
import { printable } from '../../output/index.ts'
import { fittedLine, justified, type Line, progressBar, type Span, span } from '../../tui/index.ts'
import type { Stage } from '../arrivals.ts'
import { endsConsumed, type Plan } from '../plan.ts'
import { totalOf } from '../quota.ts'
import { formatCount, formatRate } from '../report/words.ts'
import { standingOf } from '../search.ts'
import type { Prepared } from '../steps.ts'
import { planWords } from '../words.ts'
import { type Scene, triedOf } from './blocks.ts'
import type { Position, Seen } from './course.ts'
import { clockText } from './words.ts'

/** Columns of the bar: what it tells in words needs the rest. */
const BAR = 0.35

/** The line at the top, that of what is done of it, and as much of the plan as there is room for. */
export function headLines(scene: Scene, live: Seen): Line[] {
  const { state, position } = scene
  const { columns, rows } = state.size
  const lines = [titleLine(scene, live), progressLine(position, live, columns)]
  const plan = position?.step.kind === 'load' ? planWords(position.step.plan) : []
  const room = rows < 20 ? 0 : rows < 40 ? 2 : 6
  const more = plan.length > room && room > 0 ? `  … and ${plan.length - room} more groups` : ''
  return [
    ...lines,
    ...plan.slice(0, room).map((words, at) => {
      const rest = at === room - 1 ? more : ''
      return justified([span(` ${printable(words)}`, 'dim')], [span(rest, 'dim')], columns)
    }),
  ]
}

function titleLine({ state, position, seen, ending }: Scene, live: Seen): Line {
  const { frozen, size, view } = state
  const behind = live.intervals.length - seen.intervals.length
  const right: Span[] = []
  if (frozen !== undefined) right.push(span(` ❙❙ FROZEN, ${formatCount(behind)} intervals since `, 'warning'))
  if (ending) right.push(span(' ■ ending ', 'warning'))
  const failing = live.thresholds.filter(({ ok, actual }) => !ok && actual !== null).length
  if (failing > 0) right.push(span(` ✗ ${failing} of ${live.thresholds.length} thresholds `, 'error'))
  if (live.blocked.at(-1)?.to === undefined && live.blocked.length > 0) right.push(span(' ▲ BLOCKED ', 'error'))
  right.push(span(` ${formatCount(live.counts.sent)} sent `, 'bold'))
  const left = [span(' mqinspect load ', 'title'), span(`${stepText(position)}  `), span(view, 'dim')]
  return justified(left, right, size.columns, 'marked')
}

function stepText(position: Position | undefined): string {
  if (position === undefined) return ''
  const { at, of, name } = position.step
  return of > 1 ? `step ${at + 1} of ${of}: ${printable(name)}` : printable(hostsOf(position.step))
}

/** Where to, for a run of one step. */
const hostsOf = (step: Prepared): string =>
  step.kind === 'load' ? [...new Set(step.plan.groups.map(({ protocol }) => protocol))].join(', ') : step.name

function progressLine(position: Position | undefined, live: Seen, columns: number): Line {
  if (position === undefined) return fittedLine({ spans: [] }, columns)
  const { share, words } = progressOf(position, live)
  const width = Math.floor(columns * BAR)
  const bar =
    share === undefined ? [] : [span(` ${progressBar(share, width)}`, 'accent'), span(` ${percent(share)}`, 'bold')]
  return fittedLine({ spans: [...bar, span(`  ${words}`)] }, columns)
}

const percent = (share: number): string => `${Math.min(100, Math.floor(share * 100))} %`.padStart(5)

interface Progress {
  /** 0 to 1, where it can be told. */
  readonly share?: number
  readonly words: string
}

function progressOf({ step, phase, elapsed, rate }: Position, live: Seen): Progress {
  if (step.kind === 'replay') return { words: `${clockText(elapsed)}, plays a recording` }
  if (step.kind === 'wait') return timed(elapsed, parseDuration(step.wait, 'wait') / 1000, 'waits, ')
  const { plan } = step
  if (phase === undefined || phase === 'connecting') {
    const clients = plan.groups.reduce((sum, group) => sum + group.clients, 0)
    return { words: `connects ${formatCount(clients)} clients, ${clockText(elapsed)}` }
  }
  if (phase === 'draining') return { share: 1, words: `${clockText(elapsed)}, waits for what is still to be delivered` }
  if (plan.steered) {
    const { rates, held, failed } = standingOf(live.tried.map(triedOf))
    const best = held === null ? '' : `; ${formatRate(held)} holds`
    const worst = failed === null ? '' : `, ${formatRate(failed)} does not`
    return {
      words: `${clockText(elapsed)}, tries ${rate === undefined ? '' : formatRate(rate)}, ${rates.length} tried${best}${worst}`,
    }
  }
  if (Number.isFinite(plan.seconds)) {
    if (elapsed > plan.seconds) return { share: 1, words: `${clockText(elapsed)}, waits for answers` }
    return timed(elapsed, plan.seconds, stageText(plan, elapsed))
  }
  const consumed = endsConsumed(plan)
  const most = plan.groups.reduce((sum, { publish, consume, clients }) => {
    const quota = consumed ? consume?.quota : publish?.quota
    return sum + (quota === undefined ? 0 : totalOf(quota, clients))
  }, 0)
  if (!Number.isFinite(most) || most === 0) return { words: clockText(elapsed) }
  const { sent, delivered, duplicates, foreign } = live.counts
  const done = consumed ? delivered + duplicates + foreign : sent
  const what = consumed ? 'deliveries' : 'messages'
  return { share: done / most, words: `${clockText(elapsed)}, ${formatCount(done)} of ${formatCount(most)} ${what}` }
}

const timed = (elapsed: number, seconds: number, before: string): Progress => ({
  share: elapsed / seconds,
  words: `${before}${clockText(elapsed)} of ${clockText(seconds)}, ${clockText(Math.ceil(seconds - elapsed))} to go`,
})

/** Which stage it is of several. */
function stageText({ groups }: Plan, elapsed: number): string {
  const stages = groups.find(({ publish }) => (publish?.stages?.length ?? 0) > 1)?.publish?.stages ?? []
  let end = 0
  const at = stages.findIndex(({ seconds }) => (end += seconds) > elapsed)
  const stage = stages[at]
  return stage === undefined ? '' : `stage ${at + 1} of ${stages.length}: ${rateText(stage)}; `
}

const rateText = ({ from, to }: Stage): string =>
  from === to ? formatRate(from) : `${formatCount(from)} to ${formatRate(to)}`
