import type { AnyCodec } from '../../../codecs/core/index.ts'
import type { RuleText, TrafficRule } from '../finding.ts'
import { captureGap, malformed, oldTls } from './capture.ts'
import { clientTakeover, connectionChurn, connectionReset } from './connections.ts'
import { delayedAck, unanswered } from './exchanges.ts'
import { duplicateId, traceLost } from './messages.ts'
import { plaintextCredentials } from './plaintext-credentials.ts'

/** The rules that look at all traffic, whatever its protocol. */
export const trafficRules: readonly TrafficRule[] = [
  plaintextCredentials,
  oldTls,
  connectionChurn,
  clientTakeover,
  connectionReset,
  unanswered,
  delayedAck,
  duplicateId,
  traceLost,
  malformed,
  captureGap,
]

/** All rules: the general ones, then each protocol's. A rule that several codecs share stands once. */
export const rulesOf = (codecs: readonly AnyCodec[]): RuleText[] => [
  ...new Set<RuleText>([...trafficRules, ...codecs.flatMap(({ rules = [] }) => rules)]),
]
