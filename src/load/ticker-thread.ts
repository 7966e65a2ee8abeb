import { workerData } from 'node:worker_threads'
import { clock } from './clock.ts'

/** Sleeps until the moment that it is told, then says so. See `Ticker`. */
const [signals, due] = workerData as [Int32Array, Float64Array]
const now = clock()

for (;;) {
  const moment = due[0] as number
  Atomics.store(signals, 1, 0)
  const left = moment === 0 ? Number.POSITIVE_INFINITY : moment - now()
  // A new moment ends the sleep: it may be an earlier one.
  if (left > 0) Atomics.wait(signals, 1, 0, left)
  if (due[0] !== moment || moment === 0) continue
  if (now() < moment) continue
  due[0] = 0
  Atomics.add(signals, 0, 1)
  Atomics.notify(signals, 0)
}
