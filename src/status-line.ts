import { counted } from '../codecs/core/index.ts'
import { formatBytes } from './output/index.ts'

const EVERY = 500
const CLEAR = '\r\x1b[2K'

export interface Status {
  readonly path: string
  /** Bytes on the disk. */
  readonly size: number
  readonly flows: number
  readonly frames: number
  /** Whether nothing more is recorded. */
  readonly over: boolean
}

/** One line on a terminal, rewritten in place, that says how far a recording has come. */
export class StatusLine {
  readonly #stream: NodeJS.WriteStream
  readonly #status: () => Status
  readonly #timer: NodeJS.Timeout
  readonly #began = performance.now()

  constructor(stream: NodeJS.WriteStream, status: () => Status) {
    this.#stream = stream
    this.#status = status
    this.#timer = setInterval(() => this.#show(), EVERY)
    this.#show()
  }

  /** Takes the line away, for good or for what is to be said. */
  clear(): void {
    this.#stream.write(CLEAR)
  }

  end(): void {
    clearInterval(this.#timer)
    this.clear()
  }

  #show(): void {
    const { path, size, flows, frames, over } = this.#status()
    const seconds = Math.floor((performance.now() - this.#began) / 1000)
    const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
    const what = over ? 'not recording any more' : `recording to ${path}`
    const parts = [`${what} ${clock}`, formatBytes(size), counted(flows, 'connection'), counted(frames, 'frame')]
    this.#stream.write(`${CLEAR}${parts.join(', ').slice(0, Math.max(1, this.#stream.columns - 1))}`)
  }
}
