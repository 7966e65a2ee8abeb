import { type FileHandle, open } from 'node:fs/promises'
import { EXIT, Failure } from '../failure.ts'
import { Output } from './output.ts'

const PRIVATE = 0o600
const STDOUT = 1

/** Text in a file that nobody else may read, or on standard output. */
export class PrivateFile {
  readonly output: Output
  readonly #file: FileHandle | undefined

  private constructor(output: Output, file: FileHandle | undefined) {
    this.output = output
    this.#file = file
  }

  static async open(path: string): Promise<PrivateFile> {
    if (path === '-') return new PrivateFile(new Output(STDOUT), undefined)
    try {
      const file = await open(path, 'w', PRIVATE)
      if ((await file.stat()).isFile()) await file.chmod(PRIVATE)
      return new PrivateFile(new Output(file.fd), file)
    } catch (cause) {
      throw new Failure(`${path} cannot be written: ${(cause as Error).message}`, {
        exit: EXIT.failed,
        next: 'Name a file in a directory that you may write to.',
        cause,
      })
    }
  }

  async close(): Promise<void> {
    try {
      await this.output.end()
    } finally {
      await this.#file?.close()
    }
  }
}
