import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * Heap bytes that `work` takes, at its best once it is warm. A scavenge in between would hide some; the least of the
 * positive readings that are left is what it really takes.
 */
export function bytesAllocated(work: () => void): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  for (let warm = 0; warm < 50; warm++) work()
  const readings: number[] = []
  for (let round = 0; round < 20; round++) {
    collect()
    const before = process.memoryUsage().heapUsed
    work()
    readings.push(process.memoryUsage().heapUsed - before)
  }
  const positive = readings.filter(bytes => bytes > 0)
  if (positive.length < readings.length / 2) throw new Error('too much is allocated in one round to be measured')
  return Math.min(...positive)
}
