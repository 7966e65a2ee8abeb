import { describe, expect, it } from 'vitest'
import type { Finding, RuleText } from '../../src/findings/index.ts'
import type { Flow } from '../../src/flow.ts'
import { junit, sarif } from '../../src/report/index.ts'

const rule = (id: string, severity: RuleText['severity'] = 'warning'): RuleText => ({
  id,
  severity,
  title: 'It is wrong',
  why: 'It <hurts> & burns.',
  fix: 'Stop.',
})
const rules = [rule('mqtt/one'), rule('mqtt/two'), rule('general')]
const finding = (of: RuleText, message: string, severity = of.severity): Finding => ({
  rule: of,
  severity,
  message,
  flow: { id: 3 } as Flow,
  frames: [7, 9],
  time: 0,
})
const options = { rules, input: 'a "b".pcap', version: '1.0.0' }
const found = [
  finding(rules[0] as RuleText, 'bad "thing"\u0000\u001b <x>'),
  finding(rules[1] as RuleText, 'so so', 'note'),
]

describe('JUnit', () => {
  it('has a test case a rule, which fails where something bad enough was found', () => {
    expect(junit(found, options)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="mqinspect lint" tests="3" failures="1" errors="0">
  <testsuite name="a &quot;b&quot;.pcap" tests="3" failures="1" errors="0">
    <testcase classname="mqinspect.mqtt" name="one">
      <failure type="warning" message="bad &quot;thing&quot;\ufffd\ufffd &lt;x&gt;">warning: bad &quot;thing&quot;\ufffd\ufffd &lt;x&gt; (flow 3, frames 7 9)
why: It &lt;hurts&gt; &amp; burns.
fix: Stop.</failure>
    </testcase>
    <testcase classname="mqinspect.mqtt" name="two">
      <system-out>note: so so (flow 3, frames 7 9)</system-out>
    </testcase>
    <testcase classname="mqinspect.general" name="general"/>
  </testsuite>
</testsuites>
`)
  })

  it('fails from the severity on that is asked for', () => {
    expect(junit(found, { ...options, failOn: 'note' })).toContain('failures="2"')
    expect(junit(found, { ...options, failOn: 'error' })).toContain('failures="0"')
  })
})

describe('SARIF', () => {
  it('lists the rules, and the results by them', () => {
    const { version, runs } = JSON.parse(sarif(found, options))
    expect(version).toBe('2.1.0')
    const [{ tool, results }] = runs
    expect(tool.driver.rules.map(({ id }: { id: string }) => id)).toEqual(['mqtt/one', 'mqtt/two', 'general'])
    expect(results).toMatchObject([
      { ruleId: 'mqtt/one', ruleIndex: 0, level: 'warning', properties: { flow: 3, frames: [7, 9] } },
      { ruleId: 'mqtt/two', ruleIndex: 1, level: 'note' },
    ])
    expect(results[0].locations[0].physicalLocation.artifactLocation.uri).toBe('a%20%22b%22.pcap')
  })
})
