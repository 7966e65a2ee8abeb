import type { Finding, RuleText } from '../findings/index.ts'
import { asBadAs } from '../findings/index.ts'
import type { ReportOptions } from './report.ts'

/**
 * JUnit's XML as CI systems read it: a test case a rule, which fails where something at least as bad as `failOn` was found;
 * what is less bad is told in its output.
 */
export function junit(findings: readonly Finding[], { rules, input, failOn = 'warning' }: ReportOptions): string {
  const byRule = Map.groupBy(findings, ({ rule }) => rule.id)
  const cases = rules.map(rule => testCase(rule, byRule.get(rule.id) ?? [], failOn))
  const failures = cases.filter(({ failed }) => failed).length
  const counts = `tests="${cases.length}" failures="${failures}" errors="0"`
  const suite = `  <testsuite name=${quoted(input)} ${counts}>\n${cases.map(({ xml }) => xml).join('')}  </testsuite>\n`
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="mqinspect lint" ${counts}>\n${suite}</testsuites>\n`
}

function testCase(
  rule: RuleText,
  findings: readonly Finding[],
  failOn: NonNullable<ReportOptions['failOn']>,
): { readonly xml: string; readonly failed: boolean } {
  const [folder, name = rule.id] = rule.id.includes('/') ? rule.id.split('/') : ['general', rule.id]
  const head = `    <testcase classname=${quoted(`mqinspect.${folder}`)} name=${quoted(name)}`
  const failures = findings.filter(({ severity }) => asBadAs(severity, failOn))
  const others = findings.filter(finding => !failures.includes(finding))
  const [first] = failures
  if (findings.length === 0) return { xml: `${head}/>\n`, failed: false }
  const failure =
    first === undefined
      ? ''
      : `      <failure type=${quoted(first.severity)} message=${quoted(first.message)}>${escaped(
          [...failures.map(line), `why: ${rule.why}`, `fix: ${rule.fix}`].join('\n'),
        )}</failure>\n`
  const output = others.length === 0 ? '' : `      <system-out>${escaped(others.map(line).join('\n'))}</system-out>\n`
  return { xml: `${head}>\n${failure}${output}    </testcase>\n`, failed: first !== undefined }
}

const line = ({ severity, message, flow, frames }: Finding): string =>
  `${severity}: ${message} (flow ${flow.id}, frames ${frames.join(' ')})`

/** What XML 1.0 has no way to write at all (§2.2), and what it must not be taken for. */
const IMPOSSIBLE = /(?![\t\n\r])[\p{Cc}\p{Cs}\ufffe\uffff]/gu
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (text: string): string =>
  text.replace(IMPOSSIBLE, '\ufffd').replace(/[&<>"]/g, character => ENTITIES[character] as string)
const quoted = (text: string): string => `"${escaped(text).replaceAll('\n', '&#10;')}"`
