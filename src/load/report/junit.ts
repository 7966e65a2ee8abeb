import { PLAIN_STYLE } from '../../output/index.ts'
import { junitXml, type TestCase } from '../../report/index.ts'
import type { LoadResult } from '../result.ts'
import { summaryText } from './summary.ts'
import { goneText } from './words.ts'

/** A test case for the proof of the counts and one a threshold; the summary beside them. */
export function loadJunit(result: LoadResult): string {
  const { proof, thresholds, groups, gone } = result
  const names = [...new Set(groups.map(({ url }) => url))]
  const failed = (ok: boolean, type: string, message: string, text = message): TestCase['failure'] =>
    ok ? undefined : { type, message, text }
  const lines = [...proof.lines, ...(proof.lost.length === 0 ? [] : [`lost: ${proof.lost.join(', ')}`])].join('\n')
  const cases: TestCase[] = [
    {
      classname: 'mqinspect.load.proof',
      name: 'what was sent is accounted for',
      failure: failed(proof.ok, 'proof', 'it does not add up', lines),
      output: lines,
    },
    {
      classname: 'mqinspect.load.connections',
      name: 'everybody was connected in the end',
      failure: failed(gone.length === 0, 'connection', gone.map(goneText).join('; ')),
    },
    ...thresholds.map(({ threshold, ok, shown }) => ({
      classname: 'mqinspect.load.threshold',
      name: threshold,
      failure: failed(ok, 'threshold', `there was ${shown}`),
    })),
  ]
  return junitXml({ tool: 'mqinspect load', name: names.join(' '), cases, output: summaryText(result, PLAIN_STYLE) })
}
