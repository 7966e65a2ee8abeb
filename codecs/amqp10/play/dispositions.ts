import type { Said } from '../../core/index.ts'
import type { Amqp10Frame, Disposition } from '../frames.ts'
import { rangesOf } from './ranges.ts'

/** `frame` of these deliveries, in as few ranges as they make, in this state. */
export function disposing(frame: Disposition, ids: readonly number[], state = frame.state): Said<Amqp10Frame> {
  const ranges = rangesOf(ids)
  const { first: from, last: to = from } = frame
  const [only] = ranges
  if (ranges.length === 1 && only?.[0] === from && only[1] === to && state === frame.state) return { action: 'same' }
  return {
    action: 'send',
    frames: ranges.map(([first, last]) => ({ ...frame, first, last: last === first ? undefined : last, state })),
  }
}
