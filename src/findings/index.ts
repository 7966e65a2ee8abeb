export { Diagnosis } from './diagnosis.ts'
export {
  asBadAs,
  type Finding,
  type FindingObserver,
  type RuleText,
  type TrafficRule,
} from './finding.ts'
export { findingsIndex, findingsPage, ruled } from './page.ts'
export { rulesOf, trafficRules } from './rules/index.ts'
