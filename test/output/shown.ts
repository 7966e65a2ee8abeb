import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Output, PLAIN_STYLE, type ShowOptions, show } from '../../src/output/index.ts'
import { loadPayloads } from '../../src/payload/index.ts'
import { toy, traffic } from './toy.ts'

export const plain: ShowOptions = {
  view: 'frames',
  format: 'text',
  fields: undefined,
  flows: undefined,
  count: undefined,
  secrets: false,
  payloads: await loadPayloads(),
  style: PLAIN_STYLE,
  codecs: [toy],
}

/** Everything that `use` writes. */
export async function written(use: (output: Output) => void | Promise<void>): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'mqinspect-output-'))
  const path = join(folder, 'out')
  const fd = openSync(path, 'w')
  try {
    const output = new Output(fd)
    await use(output)
    await output.end()
    return readFileSync(path, 'utf8')
  } finally {
    closeSync(fd)
    rmSync(folder, { recursive: true })
  }
}

/** The toy's traffic, shown. */
export function shown(options: Partial<ShowOptions> = {}): Promise<string> {
  return written(output => {
    const viewer = show(output, { ...plain, ...options })
    traffic(viewer)
    viewer.finish()
  })
}

export const jsonLines = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))
