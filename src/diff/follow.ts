import { Diagnosis, trafficRules } from '../findings/index.ts'
import type { Observer } from '../inspector.ts'
import { Tracking } from '../tracking/index.ts'
import type { Run } from './run.ts'

/** Sees traffic, and tells a run what it means; `finish` when nothing more comes. */
export function follow(run: Run): { readonly observer: Observer; finish(): void } {
  const diagnosis = new Diagnosis(run, trafficRules)
  const tracking = new Tracking(diagnosis)
  return {
    observer: tracking,
    finish: () => {
      tracking.finish()
      diagnosis.finish()
    },
  }
}
