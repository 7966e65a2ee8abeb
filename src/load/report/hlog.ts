import { type LoadResult, MEASURES } from '../result.ts'
import { TIMED_TWICE } from './words.ts'

/** Values are microseconds; the largest of an interval stands beside them in milliseconds, as is the custom. */
const MAX_RATIO = 1_000

/**
 * HdrHistogram's interval log (https://github.com/HdrHistogram/HdrHistogram, HistogramLogWriter, format 1.3): a line a
 * measure and interval, by tags: `publish-confirm` from when messages were due, `publish-confirm.service` from when they
 * were sent. Times count from the first interval, as readers leave out what is before 0.
 */
export function hlog({ started, intervals, run, mqinspect }: LoadResult): string {
  const first = intervals[0]?.from ?? 0
  const start = new Date(Date.parse(started) + first * 1000)
  const epoch = (start.getTime() / 1000).toFixed(3)
  const lines = [
    `#[mqinspect ${mqinspect} load, run ${run}; values in microseconds]`,
    '#[Histogram log format version 1.3]',
    `#[StartTime: ${epoch} (seconds since epoch), ${start.toUTCString()}]`,
    `#[BaseTime: ${epoch} (seconds since epoch)]`,
    '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"',
  ]
  for (const { from, to, measures } of intervals) {
    const times = `${(from - first).toFixed(3)},${(to - from).toFixed(3)}`
    for (const measure of MEASURES) {
      const found = measures[measure]
      if (found === undefined) continue
      const { latency, latencyHdr, service, serviceHdr } = found
      lines.push(`Tag=${measure},${times},${(latency.max / MAX_RATIO).toFixed(3)},${latencyHdr}`)
      if (!TIMED_TWICE.has(measure)) continue
      lines.push(`Tag=${measure}.service,${times},${(service.max / MAX_RATIO).toFixed(3)},${serviceHdr}`)
    }
  }
  return `${lines.join('\n')}\n`
}
