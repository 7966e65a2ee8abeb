import { Worker } from 'node:worker_threads'
import { threadFile } from './thread.ts'

/**
 * Wakes at a moment more exactly than a timer, which knows whole milliseconds: a thread that sleeps until then. Moments
 * are of the clock that all threads share, in milliseconds.
 */
export class Ticker {
  /** Counts wakings; and requests for them. */
  readonly #signals = new Int32Array(new SharedArrayBuffer(8))
  readonly #due = new Float64Array(new SharedArrayBuffer(8))
  readonly #thread: Worker
  readonly #wake: () => void
  #woken = 0

  constructor(wake: () => void) {
    this.#wake = wake
    this.#thread = new Worker(threadFile('ticker-thread'), { workerData: [this.#signals, this.#due] })
    this.#thread.unref()
    this.#listen()
  }

  /** Wakes at `time`, and at no moment that was asked for before. */
  at(time: number): void {
    this.#due[0] = time
    Atomics.add(this.#signals, 1, 1)
    Atomics.notify(this.#signals, 1)
  }

  async end(): Promise<void> {
    await this.#thread.terminate()
  }

  #listen(): void {
    const { async: waits, value } = Atomics.waitAsync(this.#signals, 0, this.#woken)
    if (waits) void value.then(this.#wakeUp)
    else setImmediate(this.#wakeUp)
  }

  readonly #wakeUp = (): void => {
    // Counted before anything is asked for: what comes from then on ends the next wait.
    this.#woken = Atomics.load(this.#signals, 0)
    this.#wake()
    this.#listen()
  }
}
