import type { AnyCodec, AnyRule } from '../../codecs/core/index.ts'
import type { RuleText } from './finding.ts'

/** A protocol that has rules: those of all its codecs, CoAP's over UDP, TCP and WebSocket, under the first one's name. */
export interface Ruled {
  readonly id: string
  readonly name: string
  readonly rules: readonly AnyRule[]
}

export function ruled(codecs: readonly AnyCodec[]): Ruled[] {
  const found = new Map<string, { id: string; name: string; rules: Set<AnyRule> }>()
  for (const { id, name, rules = [] } of codecs) {
    if (rules.length === 0) continue
    const protocol = found.get(id) ?? { id, name, rules: new Set() }
    for (const rule of rules) protocol.rules.add(rule)
    found.set(id, protocol)
  }
  return [...found.values()].map(({ id, name, rules }) => ({ id, name, rules: [...rules] }))
}

/** The page of the guide on what can be wrong with one protocol, from its rules. */
export function findingsPage({ id, name, rules }: Ruled): string {
  const rows = rules.map(row)
  return [
    `# What can be wrong with ${name}`,
    '',
    `\`mqinspect lint FILE\` looks for all of these in a capture, \`mqinspect decode FILE --view findings\` shows them beside`,
    'what is wrong whatever the protocol, and `mqinspect proxy … --view findings` tells of them as they happen. Each names the',
    `frames that show it. \`--ignore ${rules[0]?.id ?? id}\` leaves a rule out, \`--fail-on error\` ends with exit code 99 where one`,
    'that bad is found. The severity is the usual one: a rule may tell of a case as milder or worse.',
    '',
    '| rule | severity | what | why | what to do |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}

/** The page that lists the others, and what can be wrong whatever the protocol. */
export function findingsIndex(codecs: readonly AnyCodec[], general: readonly RuleText[]): string {
  return [
    '# Findings',
    '',
    'What `mqinspect lint FILE`, and `--view findings` of `decode` and `proxy`, tell of. A finding names its rule, the frames',
    'that show it, why it matters and what to do. What comes again and again on a connection is told once, or when it has',
    'become much worse; of one rule no more than 20 findings a connection. [`mqinspect lint`](../lint.md) is a gate for CI.',
    '',
    ...ruled(codecs).map(({ id, name, rules }) => `- [${name}](${id}.md): ${rules.length} rules`),
    `- whatever the protocol: the ${general.length} below`,
    '',
    '| rule | severity | what | why | what to do |',
    '|---|---|---|---|---|',
    ...general.map(row),
    '',
  ].join('\n')
}

const row = ({ id, severity, title, why, fix }: RuleText): string =>
  `| \`${id}\` | ${severity} | ${[title, why, fix].map(cell).join(' | ')} |`

/** What would end a cell, or begin HTML. */
const cell = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replaceAll('<', '&lt;')
