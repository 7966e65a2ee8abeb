import type { Severity } from '../../codecs/core/index.ts'
import type { Finding } from '../findings/index.ts'
import type { ReportOptions } from './report.ts'

/** SARIF's names for how bad something is (SARIF 2.1.0 §3.27.10); they happen to be ours. */
const LEVELS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', note: 'note' }

/** SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/), as code scanning takes it. */
export function sarif(findings: readonly Finding[], { rules, input, version }: ReportOptions): string {
  const places = new Map(rules.map(({ id }, at) => [id, at]))
  const log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'mqinspect',
            version,
            rules: rules.map(({ id, title, why, fix, severity }) => ({
              id,
              shortDescription: { text: title },
              fullDescription: { text: why },
              help: { text: fix },
              defaultConfiguration: { level: LEVELS[severity] },
            })),
          },
        },
        results: findings.map(({ rule, severity, message, flow, frames }) => ({
          ruleId: rule.id,
          ruleIndex: places.get(rule.id),
          level: LEVELS[severity],
          message: { text: message },
          locations: [
            {
              physicalLocation: { artifactLocation: { uri: encodeURI(input) } },
              logicalLocations: [{ name: `flow ${flow.id}`, fullyQualifiedName: `flow ${flow.id}` }],
            },
          ],
          properties: { flow: flow.id, frames },
        })),
      },
    ],
  }
  return `${JSON.stringify(log, null, 2)}\n`
}
