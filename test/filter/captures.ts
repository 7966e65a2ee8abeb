import { fileURLToPath } from 'node:url'
import { codecs } from '../../codecs/index.ts'
import { readCapture } from '../../src/capture/index.ts'
import { inspection } from '../../src/inspection.ts'
import { Inspector } from '../../src/inspector.ts'
import { type Output, type ShowOptions, show } from '../../src/output/index.ts'
import { jsonLines, plain, written } from '../output/shown.ts'

export const capture = (name: string): string => fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url))

/** What `decode --json` writes of a capture. */
export async function decoded(name: string, options: Partial<ShowOptions>): Promise<Record<string, unknown>[]> {
  const text = await written(async (output: Output) => {
    const viewer = show(output, { ...plain, format: 'ndjson', codecs, ...options })
    await readCapture({ path: capture(name) }, new Inspector(inspection(), viewer))
    viewer.finish()
  })
  return jsonLines(text)
}
