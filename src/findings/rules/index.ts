import type { AnyCodec } from '../../../codecs/core/index.ts'
import type { RuleText, TrafficRule } from '../finding.ts'
import { plaintextCredentials } from './plaintext-credentials.ts'

/** The rules that look at all traffic, whatever its protocol. */
export const trafficRules: readonly TrafficRule[] = [plaintextCredentials]

/** All rules: the general ones, then each protocol's. A rule that several codecs share stands once. */
export const rulesOf = (codecs: readonly AnyCodec[]): RuleText[] => [
  ...new Set<RuleText>([...trafficRules, ...codecs.flatMap(({ rules = [] }) => rules)]),
]
