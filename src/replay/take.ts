import { serverPorts } from '../again.ts'
import { type CaptureSummary, readCapture } from '../capture/index.ts'
import { chosenFlows, type SelectRequest } from '../chosen-flows.ts'
import { usage } from '../failure.ts'
import { inspection, parseRules } from '../inspection.ts'
import { KeyLog } from '../keylog.ts'
import { onlyFlows, seek } from '../seeking.ts'
import type { Comparison, Place } from './comparison.ts'
import type { Engine } from './engine.ts'
import { Recorded, type RecordedOptions } from './recorded.ts'

/** What is played: read once for each time that it is. */
export interface Take {
  /** `undefined` where it came from no file. */
  read(engine: Engine, comparison: Comparison, copies: number): Promise<CaptureSummary | undefined>
}

export interface FileRequest extends SelectRequest {
  readonly 'decode-as'?: readonly string[] | undefined
  readonly keylog?: readonly string[] | undefined
}

/** A capture, or those of its connections that are chosen. */
export async function fileTake(request: FileRequest, signal: AbortSignal, loop = 1): Promise<Take> {
  const { file } = request
  if (file === '-' && loop > 1) throw usage('--loop needs a file', 'Standard input can be read only once.')
  const decodeAs = parseRules(request['decode-as'])
  const keys = new KeyLog()
  for (const log of request.keylog ?? []) await keys.addFile(log)
  const options = { signal, ports: serverPorts(decodeAs) }
  const flows = await chosenFlows(request, inspection(decodeAs, keys), options)
  return {
    async read(engine, comparison, copies) {
      const piped = file === '-'
      const input = piped ? { stream: process.stdin, name: 'standard input' } : await seek(file, { flows })
      const recorded = new Recorded({
        inspection: inspection(decodeAs, keys),
        ...compared(engine, comparison, copies),
      })
      try {
        return await readCapture(input, flows === undefined ? recorded : onlyFlows(flows, recorded), options)
      } finally {
        recorded.finish()
        if (piped) process.stdin.destroy()
      }
    },
  }
}

/** Has what is recorded played, and compared with each copy. */
export function compared(
  engine: Engine,
  comparison: Comparison,
  copies: number,
): Pick<RecordedOptions, 'playable' | 'play' | 'message' | 'ended'> {
  const each = (flow: number, compare: (place: Place) => void): void => {
    for (let copy = 0; copy < copies; copy++) compare({ flow, copy })
  }
  return {
    playable: flow => engine.plays(flow),
    play: steps => engine.play(steps),
    message: (flow, message) => each(flow.id, place => comparison.message('recorded', flow, place, message)),
    ended: (flow, exchange) => each(flow.id, place => comparison.exchange('recorded', flow, place, exchange)),
  }
}
