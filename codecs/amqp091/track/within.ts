import type { Pending } from '../../core/index.ts'

/** The tags that `multiple` acknowledges: all up to this one, and with 0 all there are [1.8.3.13]. Tags only grow. */
export function* within<K extends number | bigint>(pending: Pending<K>, tag: number | bigint): Iterable<K> {
  for (const [open] of pending.entries()) {
    if (tag !== 0 && open > tag) return
    yield open
  }
}
