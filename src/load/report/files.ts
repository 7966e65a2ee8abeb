import { extname } from 'node:path'
import { EXIT, Failure, usage } from '../../failure.ts'
import { near } from '../../near.ts'
import { PrivateFile } from '../../output/index.ts'
import type { LoadResult } from '../result.ts'
import { loadCsv } from './csv.ts'
import { hlog } from './hlog.ts'
import { html } from './html/page.ts'
import { loadJunit } from './junit.ts'
import { markdown } from './markdown.ts'

/** By the extension of the file's name. */
const FORMATS: Readonly<Record<string, (result: LoadResult) => string>> = {
  '.json': result => `${JSON.stringify(result, null, 2)}\n`,
  '.csv': loadCsv,
  '.hlog': hlog,
  '.xml': loadJunit,
  '.md': markdown,
  '.html': html,
}
const KNOWN = Object.keys(FORMATS)

interface OpenFile {
  readonly path: string
  readonly file: PrivateFile
  readonly format: string
}

/** Files that the result of a run is written to. They are opened before it: an hour's run is not to end in a bad path. */
export class ReportFiles {
  readonly #files: readonly OpenFile[]

  private constructor(files: readonly OpenFile[]) {
    this.#files = files
  }

  /** Throws a failure that its user can understand where one is of no known kind, or cannot be written. */
  static async open(paths: readonly string[]): Promise<ReportFiles> {
    const formats = paths.map(formatOf)
    const files: OpenFile[] = []
    for (const [at, path] of paths.entries()) {
      files.push({ path, file: await PrivateFile.open(path), format: formats[at] as string })
    }
    return new ReportFiles(files)
  }

  /** Throws where one cannot be written, when all that can be are. */
  async write(result: LoadResult): Promise<void> {
    const failures: Failure[] = []
    for (const { path, file, format } of this.#files) {
      file.output.write(FORMATS[format]?.(result) ?? '')
      await file.close().catch((cause: Error) => {
        failures.push(new Failure(`--report ${path}: ${cause.message}`, { exit: EXIT.failed, cause }))
      })
    }
    const [first] = failures
    if (first !== undefined) throw first
  }
}

function formatOf(path: string): string {
  const extension = extname(path).toLowerCase()
  if (Object.hasOwn(FORMATS, extension)) return extension
  const [meant] = near(extension, KNOWN)
  const hint = meant === undefined || extension === '' ? '' : `Did you mean ${meant}? `
  throw usage(`--report ${path}: its name does not say what kind it is`, `${hint}Known: ${KNOWN.join(' ')}.`)
}
