import type { Severity } from '../../codecs/core/index.ts'
import type { RuleText } from '../findings/index.ts'

export interface ReportOptions {
  /** All rules that looked. */
  readonly rules: readonly RuleText[]
  /** The file's name, or what stands for it. */
  readonly input: string
  readonly version: string
  /** From which severity on a finding is a failure. */
  readonly failOn?: Severity | undefined
}
