import { workerData } from 'node:worker_threads'
import { clock } from './clock.ts'

/** Sleeps until the moment that it is told, then says so. See `Ticker`. */
const [signals, due] = workerData as [Int32Array, Float64Array]
const now = clock()
/** The request that was dealt with last. */
let done = 0

for (;;) {
  // The request is read before its moment: if another comes between the two, the sleep ends at once.
  const request = Atomics.load(signals, 1)
  const left = request === done ? Number.POSITIVE_INFINITY : (due[0] as number) - now()
  if (left > 0) {
    Atomics.wait(signals, 1, request, left)
    continue
  }
  done = request
  Atomics.add(signals, 0, 1)
  Atomics.notify(signals, 0)
}
