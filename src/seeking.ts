import type { CaptureInput } from './capture/index.ts'
import type { FlowSink, Sink } from './flow.ts'
import { readIndex, stretchesFor, type Wanted } from './recording/index.ts'

/**
 * A file, or of a recording with an index only what is wanted of it: flows and frames keep their numbers. Where there is
 * no index, or nothing to leave out, it is the whole file.
 */
export async function seek(path: string, wanted: Wanted): Promise<CaptureInput> {
  if (wanted.flows === undefined && wanted.from === undefined && wanted.to === undefined) return { path }
  // What cannot be opened is told by who reads it.
  const index = await readIndex(path).catch(() => undefined)
  return index === undefined ? { path } : { path, stretches: stretchesFor(index, wanted) }
}

/** Lets only these flows through: of the others there may not be all that it takes to follow them. */
export function onlyFlows(flows: ReadonlySet<number>, inner: Sink): Sink {
  return {
    start: origin => inner.start(origin),
    open: info => (flows.has(info.id) ? inner.open(info) : NOWHERE),
    secrets: (type, bytes) => inner.secrets?.(type, bytes),
    number: next => inner.number?.(next),
    ...(inner.drain === undefined ? {} : { drain: inner.drain.bind(inner) }),
  }
}

const NOWHERE: FlowSink = { data() {}, gap() {}, end() {}, close() {} }
