import { type FileHandle, open } from 'node:fs/promises'
import { EXIT, Failure } from '../failure.ts'
import type { SessionMeta } from '../metadata.ts'
import { Output } from '../output/index.ts'
import { NdjsonTarget } from './ndjson-target.ts'

const PRIVATE = 0o600
const STDOUT = 1

/** A private file of NDJSON, or standard output. */
export class NdjsonFile {
  readonly #output: Output
  readonly #file: FileHandle | undefined

  private constructor(output: Output, file: FileHandle | undefined) {
    this.#output = output
    this.#file = file
  }

  static async open(path: string): Promise<NdjsonFile> {
    if (path === '-') return new NdjsonFile(new Output(STDOUT), undefined)
    try {
      const file = await open(path, 'w', PRIVATE)
      if ((await file.stat()).isFile()) await file.chmod(PRIVATE)
      return new NdjsonFile(new Output(file.fd), file)
    } catch (cause) {
      throw new Failure(`${path} cannot be written: ${(cause as Error).message}`, {
        exit: EXIT.failed,
        next: 'Name a file in a directory that you may write to.',
        cause,
      })
    }
  }

  target(redaction: () => SessionMeta['redaction']): NdjsonTarget {
    return new NdjsonTarget(this.#output, () => ({ redaction: redaction() }))
  }

  drain(): Promise<void> | undefined {
    return this.#output.ready()
  }

  async close(): Promise<void> {
    try {
      await this.#output.end()
    } finally {
      await this.#file?.close()
    }
  }
}
