import { codecs } from '../codecs/index.ts'
import { type CaptureOptions, readCapture } from './capture/index.ts'
import { usage } from './failure.ts'
import { Inspector, type InspectorOptions } from './inspector.ts'
import { flowNumbers, flowsMatching } from './output/index.ts'
import { loadPayloads } from './payload/index.ts'

export interface SelectRequest {
  readonly file: string
  readonly flow?: readonly string[] | undefined
  readonly filter?: string | undefined
}

/**
 * Which connections are meant: by number, and those of which a frame matches a filter, which is found out beforehand.
 * Undefined: all.
 */
export async function chosenFlows(
  { file, flow, filter }: SelectRequest,
  inspection: InspectorOptions,
  options: CaptureOptions,
): Promise<ReadonlySet<number> | undefined> {
  const numbers = flowNumbers(flow)
  if (filter === undefined) return numbers
  if (file === '-') throw usage('-Y needs a file', 'The recording is read once for the filter, and once to play it.')
  const matching = new Set<number>()
  const viewer = flowsMatching(filter, codecs, await loadPayloads(), id => {
    if (numbers?.has(id) ?? true) matching.add(id)
  })
  await readCapture({ path: file }, new Inspector(inspection, viewer), options)
  viewer.finish()
  return matching
}
