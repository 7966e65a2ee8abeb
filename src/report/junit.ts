import type { Finding, RuleText } from '../findings/index.ts'
import { asBadAs } from '../findings/index.ts'
import type { ReportOptions } from './report.ts'
import { junitXml, type TestCase } from './suite.ts'

/**
 * A test case a rule, which fails where something at least as bad as `failOn` was found; what is less bad is told in its
 * output.
 */
export function junit(findings: readonly Finding[], { rules, input, failOn = 'warning' }: ReportOptions): string {
  const byRule = Map.groupBy(findings, ({ rule }) => rule.id)
  const cases = rules.map(rule => testCase(rule, byRule.get(rule.id) ?? [], failOn))
  return junitXml({ tool: 'mqinspect lint', name: input, cases })
}

function testCase(
  rule: RuleText,
  findings: readonly Finding[],
  failOn: NonNullable<ReportOptions['failOn']>,
): TestCase {
  const [folder, name = rule.id] = rule.id.includes('/') ? rule.id.split('/') : ['general', rule.id]
  const failures = findings.filter(({ severity }) => asBadAs(severity, failOn))
  const others = findings.filter(finding => !failures.includes(finding))
  const [first] = failures
  return {
    classname: `mqinspect.${folder}`,
    name,
    failure: first && {
      type: first.severity,
      message: first.message,
      text: [...failures.map(line), `why: ${rule.why}`, `fix: ${rule.fix}`].join('\n'),
    },
    output: others.length === 0 ? undefined : others.map(line).join('\n'),
  }
}

const line = ({ severity, message, flow, frames }: Finding): string =>
  `${severity}: ${message} (flow ${flow.id}, frames ${frames.join(' ')})`
