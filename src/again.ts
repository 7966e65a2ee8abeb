import { codecs } from '../codecs/index.ts'
import { readCapture } from './capture/index.ts'
import type { DecodeAs } from './detect.ts'
import { inspection } from './inspection.ts'
import { Inspector, type Observer } from './inspector.ts'
import type { KeyLog } from './keylog.ts'

/** The ports where servers are looked for in a capture: those that are usual, and those that rules name. */
export const serverPorts = (rules: readonly DecodeAs[]): ReadonlySet<number> =>
  new Set([...codecs.flatMap(codec => codec.ports), ...rules.flatMap(({ port }) => port ?? [])])

export interface AgainRequest {
  readonly path: string
  readonly decodeAs: readonly DecodeAs[]
  readonly keys?: KeyLog
}

/**
 * Reads a file once more as it was read, or recorded, the first time, until told to stop. Frames have the numbers that
 * they had then.
 */
export async function again(request: AgainRequest, observer: Observer, signal: AbortSignal): Promise<void> {
  const { path, decodeAs, keys } = request
  const inspector = new Inspector(inspection(decodeAs, keys), observer)
  await readCapture({ path }, inspector, { signal, ports: serverPorts(decodeAs) })
}
