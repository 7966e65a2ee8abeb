import { type FileHandle, open } from 'node:fs/promises'
import { EXIT, Failure } from './failure.ts'

const PRIVATE = 0o600

/** A key log that is appended to, as SSLKEYLOGFILE is: private, and never in the way of the traffic. */
export class KeyLogFile {
  readonly #path: string
  readonly #file: FileHandle
  readonly #failed: (error: Failure) => void
  #waiting: Uint8Array[] = []
  #writing: Promise<void> | undefined
  #over = false

  private constructor(path: string, file: FileHandle, failed: (error: Failure) => void) {
    this.#path = path
    this.#file = file
    this.#failed = failed
  }

  /** `failed` is told if writing fails later; that ends the key log, and nothing else. */
  static async open(path: string, failed: (error: Failure) => void): Promise<KeyLogFile> {
    try {
      const file = await open(path, 'a', PRIVATE)
      if ((await file.stat()).isFile()) await file.chmod(PRIVATE)
      return new KeyLogFile(path, file, failed)
    } catch (error) {
      throw cannotWrite(path, error)
    }
  }

  add(line: Uint8Array): void {
    if (this.#over) return
    this.#waiting.push(line)
    this.#writing ??= this.#drain()
  }

  async close(): Promise<void> {
    await this.#writing
    await this.#file.close()
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = Buffer.concat(this.#waiting)
      this.#waiting = []
      try {
        await this.#file.appendFile(lines)
      } catch (error) {
        this.#over = true
        this.#waiting = []
        this.#failed(cannotWrite(this.#path, error))
      }
    }
    this.#writing = undefined
  }
}

function cannotWrite(path: string, error: unknown): Failure {
  return new Failure(`--keylog ${path}: the keys could not be written: ${(error as Error).message}`, {
    exit: EXIT.failed,
    next: 'Give it a file in a directory that you may write to.',
    cause: error,
  })
}
