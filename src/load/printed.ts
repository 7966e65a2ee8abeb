import type { Output } from '../output/index.ts'
import { tell } from '../tell.ts'
import { IntervalLines } from './report/index.ts'
import type { LoadRequest } from './request.ts'
import type { Interval, StageResult } from './result.ts'
import type { Watch } from './watch.ts'
import { planWords } from './words.ts'

/** A line an interval on standard output, and what is to be known on standard error. */
export function printed({ json, quiet }: Pick<LoadRequest, 'json' | 'quiet'>, output: Output): Watch {
  const lines = new IntervalLines()
  const mention = (what: string): void => {
    if (!quiet) tell(what)
  }
  let name: string | undefined
  return {
    tell,
    step(step) {
      const { at, of } = step
      if (of > 1) mention(`step ${at + 1} of ${of}: ${step.name}`)
      name = of > 1 ? step.name : undefined
      if (step.kind === 'load') for (const line of planWords(step.plan)) mention(line)
    },
    phase() {},
    interval(interval) {
      if (json) output.write(`${JSON.stringify(rowOf(interval, name))}\n`)
      else if (!quiet) output.write(`${lines.line(interval)}\n`)
    },
    trying() {},
    tried: stage => mention(stageWords(stage)),
    over() {},
    print: write => write(output),
    close: async () => {},
  }
}

/** An interval as a line: without the histograms themselves, which the summary has. */
function rowOf({ measures, ...rest }: Interval, step: string | undefined): object {
  const rows = Object.entries(measures).map(([name, { latency, service }]) => [name, { latency, service }])
  return { interval: rest.to, ...(step !== undefined && { step }), ...rest, measures: Object.fromEntries(rows) }
}

function stageWords({ rate, achieved, held }: StageResult): string {
  const [asked, got] = [rate, achieved].map(value => Math.round(value).toLocaleString('en'))
  return `${asked}/s: ${held === true ? 'holds' : 'does not hold'} (${got}/s answered)`
}
