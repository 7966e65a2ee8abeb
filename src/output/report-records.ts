import { createRequire } from 'node:module'
import type { AnyCodec, Severity } from '../../codecs/core/index.ts'
import type { FindingRow } from '../fields/index.ts'
import { type Finding, rulesOf } from '../findings/index.ts'
import { junit, sarif } from '../report/index.ts'
import type { Output } from './output.ts'
import type { RecordFormat } from './record.ts'

interface Reported {
  readonly codecs: readonly AnyCodec[]
  readonly input?: string
  readonly failOn?: Severity | undefined
}

/** A report is one document: it is written when all that was found is known. */
export function reportRecords(
  output: Output,
  kind: 'junit' | 'sarif',
  { codecs, input = 'live traffic', failOn }: Reported,
): RecordFormat<FindingRow> {
  const findings: Finding[] = []
  return {
    write: rows => findings.push(...rows.map(({ source }) => source)),
    close: () => {
      const { version } = createRequire(import.meta.url)('mqinspect/package.json') as { version: string }
      const report = kind === 'junit' ? junit : sarif
      output.write(report(findings, { rules: rulesOf(codecs), input, version, failOn }))
    },
  }
}
