import type { TrafficRule } from '../finding.ts'
import { plaintextCredentials } from './plaintext-credentials.ts'

/** The rules that look at all traffic, whatever its protocol. */
export const trafficRules: readonly TrafficRule[] = [plaintextCredentials]
