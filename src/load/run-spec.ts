import type { Failure } from '../failure.ts'
import type { ReplayRequest } from '../replay/index.ts'
import type { UpstreamTlsRequest } from '../tls/index.ts'
import type { GroupSpec } from './spec.ts'

/** What is said of a whole run, by flags or in a scenario: named as the flags are. */
export interface RunSettings extends UpstreamTlsRequest {
  readonly threshold?: readonly string[] | undefined
  readonly 'find-limit'?: string | undefined
  readonly step?: string | undefined
  readonly 'allow-loss'?: boolean | undefined
  readonly report?: readonly string[] | undefined
  readonly interval?: string | undefined
  readonly workers?: number | undefined
  readonly timeout?: string | undefined
  readonly 'startup-timeout'?: string | undefined
  readonly drain?: string | undefined
  /** Ends it when nothing was delivered for so long. */
  readonly 'until-idle'?: string | undefined
}

/** What replaying a recording can be told, as a step. */
export type ReplaySettings = Pick<ReplayRequest, 'file' | 'to'> &
  Partial<Pick<ReplayRequest, 'user' | 'password' | 'vhost' | 'map' | 'speed' | 'rate' | 'loop' | 'copies'>> &
  Partial<Pick<ReplayRequest, 'timeout' | 'filter' | 'flow' | 'expect'>>

/** One after the other: a load, a recording that is played again, or nothing for a while. */
export type StepSpec =
  | {
      readonly kind: 'load'
      readonly name: string
      readonly duration?: string | undefined
      readonly threshold?: readonly string[] | undefined
      readonly groups: readonly GroupSpec[]
    }
  | { readonly kind: 'replay'; readonly name: string; readonly replay: ReplaySettings }
  | { readonly kind: 'wait'; readonly name: string; readonly wait: string }

export interface RunSpec {
  readonly settings: RunSettings
  readonly steps: readonly StepSpec[]
  /** Tells where in a file the group stands that something is wrong with. */
  readonly blame?: ((step: string, group: string, failure: Failure) => Failure) | undefined
}
