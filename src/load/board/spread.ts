import { type Block, fitted, type Line, line, span } from '../../tui/index.ts'
import { latencyTable } from '../report/tables.ts'
import { formatCount, formatMicros, formatShare, MEASURE_TITLES, TIMED_TWICE } from '../report/words.ts'
import type { Scene } from './blocks.ts'
import type { MeasureSeen } from './course.ts'
import { shownMeasure } from './state.ts'
import { atMost, spaced, tableLines } from './words.ts'

type Spread = readonly (readonly [us: number, count: number])[]

/** Microseconds: the upper ends of what is shown as one. */
const BOUNDS = Array.from({ length: 9 }, (_, power) => [1, 2, 5].map(factor => factor * 10 ** power)).flat()

/** How many values lie in each of these, from the first that holds any to the last; of both in the same ones. */
function buckets(spreads: readonly Spread[]): { readonly bound: number; readonly counts: readonly number[] }[] {
  const counts = spreads.map(spread => {
    const counted = BOUNDS.map(() => 0)
    for (const [us, count] of spread) {
      const at = BOUNDS.findIndex(bound => us <= bound)
      const place = at < 0 ? BOUNDS.length - 1 : at
      counted[place] = (counted[place] as number) + count
    }
    return counted
  })
  const all = BOUNDS.map((bound, at) => ({ bound, counts: counts.map(each => each[at] as number) }))
  const holds = ({ counts }: { readonly counts: readonly number[] }): boolean => counts.some(count => count > 0)
  return all.slice(all.findIndex(holds), all.findLastIndex(holds) + 1)
}

const [BOUND, COUNT] = [10, 18]

/** Bars by latency: how many messages took so long, from due and from sent. */
function bars({ measure, spread, latency }: MeasureSeen, width: number, unicode: boolean): Line[] {
  const twice = TIMED_TWICE.has(measure)
  const found = buckets(twice ? [spread.latency, spread.service] : [spread.latency])
  const columns = Math.max(4, Math.floor((width - BOUND - 3) / (twice ? 2 : 1)))
  const room = Math.max(0, columns - COUNT - 2)
  const most = Math.max(1, ...found.flatMap(({ counts }) => counts))
  const head = (twice ? ['from due', 'from sent'] : ['']).map(title => fitted(title, columns)).join('')
  return [
    line(
      span(` ${MEASURE_TITLES[measure]}`, 'title'),
      span('  how many took so long at most; m: the next measure', 'dim'),
    ),
    line(span(` ${' '.repeat(BOUND)}  ${head}`, 'dim')),
    ...found.map(({ bound, counts }) =>
      line(
        span(` ${fitted(formatMicros(bound), BOUND, true)}  `),
        ...counts.flatMap((count, at) => {
          const share = count / Math.max(1, latency.count)
          const bar = (unicode ? '█' : '#').repeat(count === 0 ? 0 : Math.max(1, Math.round((count / most) * room)))
          const text = count === 0 ? '' : `${formatCount(count)} ${formatShare(share)}`
          return [
            span(fitted(bar, room), at === 0 ? 'server' : 'client'),
            span(fitted(` ${text}`, columns - room), 'dim'),
          ]
        }),
      ),
    ),
  ]
}

/** All measures in numbers, and one as it is spread. */
export function latencyLines({ seen, state, unicode }: Scene, width: number): Line[] {
  const { measures, lag } = seen
  if (measures.length === 0 || lag === undefined) return [line(span(' nothing was measured yet', 'dim'))]
  const table = latencyTable({ measures: Object.fromEntries(measures.map(each => [each.measure, each])), lag })
  const name = shownMeasure(
    state,
    measures.map(({ measure }) => measure),
  )
  const shown = measures.find(({ measure }) => measure === name)
  return spaced(tableLines(table), shown === undefined ? [] : bars(shown, width, unicode))
}

export function latencyBlock(scene: Scene): Block {
  return {
    ...{ title: 'latency of all, as it is spread', key: '3', least: 4, most: 40 },
    lines: (width, height) => atMost(latencyLines(scene, width), height),
  }
}
