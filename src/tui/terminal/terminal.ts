import { writeSync } from 'node:fs'
import { Writable } from 'node:stream'
import type { ReadStream, WriteStream } from 'node:tty'
import { Output } from '../../output/index.ts'
import type { Size } from '../kit/screen.ts'
import { type Input, InputReader } from './input.ts'

const ALTERNATE_ON = '\x1b[?1049h'
const HOME = '\x1b[H'
const ALTERNATE_OFF = '\x1b[?1049l'
const CURSOR_ON = '\x1b[?25h'
const COLORS_OFF = '\x1b[0m'
/** Buttons and the wheel (1000), in the form that has no limits (1006); pastes in brackets (2004). */
const MODES_ON = '\x1b[?1000h\x1b[?1006h\x1b[?2004h'
const MODES_OFF = '\x1b[?2004l\x1b[?1006l\x1b[?1000l'
/** All that makes a terminal what it was, whatever state it is in. */
const RESTORE = `${MODES_OFF}${COLORS_OFF}${ALTERNATE_OFF}${CURSOR_ON}`

/** How long an escape may wait for what makes it a sequence, in milliseconds. */
const ESCAPE_WAIT = 40

/** A terminal to write to; Node's types leave out that it has a descriptor. */
export type Screened = WriteStream & { readonly fd: number }

export interface TerminalOptions {
  readonly stdin: ReadStream
  readonly stdout: Screened
  readonly onInput: (inputs: readonly Input[]) => void
  readonly onSize: (size: Size) => void
}

/**
 * The terminal while the UI has it. It is given back whatever happens: at the end, while suspended, and where the
 * program crashes.
 *
 * What is drawn is written while the program goes on: a terminal that stops reading must not stop what is relayed.
 */
export class Terminal {
  readonly #stdin: ReadStream
  readonly #stdout: Screened
  readonly #options: TerminalOptions
  readonly #output: Output
  readonly #reader = new InputReader()
  readonly stream: ScreenStream
  #timer: NodeJS.Timeout | undefined
  #held = false

  constructor(options: TerminalOptions) {
    this.#options = options
    this.#stdin = options.stdin
    this.#stdout = options.stdout
    this.#output = new Output(options.stdout.fd)
    this.stream = new ScreenStream(text => this.write(text), options.stdout)
  }

  get size(): Size {
    return { columns: this.#stdout.columns ?? 80, rows: this.#stdout.rows ?? 24 }
  }

  /** Whether what was drawn last is still being written. */
  get busy(): boolean {
    return this.#output.pending > 0
  }

  take(): void {
    if (this.#held) return
    this.#held = true
    this.#stdin.on('error', ignore)
    this.#stdin.setRawMode(true)
    this.#stdin.setEncoding('utf8')
    this.#stdin.on('data', this.#data)
    this.#stdin.resume()
    this.#stdout.on('resize', this.#resized)
    process.on('uncaughtExceptionMonitor', this.#crashed)
    process.on('exit', this.#crashed)
    this.write(MODES_ON)
  }

  /** Resolves when all was written. */
  async give(): Promise<void> {
    if (!this.#held) return
    this.#letGo()
    this.#output.write(RESTORE)
    await this.#output.end()
  }

  /** Goes nowhere once the terminal was given back: the screen that was there before is not for drawing on. */
  write(text: string): void {
    if (this.#held) this.#output.write(text)
  }

  #letGo(): void {
    this.#held = false
    clearTimeout(this.#timer)
    this.#stdin.off('data', this.#data)
    this.#stdin.pause()
    this.#stdin.setRawMode(false)
    this.#stdin.off('error', ignore)
    this.#stdout.off('resize', this.#resized)
    process.off('uncaughtExceptionMonitor', this.#crashed)
    process.off('exit', this.#crashed)
  }

  /** The last moment: what is told of a crash is told on the screen that was there before. */
  readonly #crashed = (): void => {
    if (!this.#held) return
    this.#letGo()
    try {
      writeSync(this.#stdout.fd, RESTORE)
    } catch {
      // The terminal is gone, and nothing can be told to it.
    }
  }

  readonly #data = (text: string): void => {
    clearTimeout(this.#timer)
    const inputs = this.#reader.push(text)
    if (inputs.length > 0) this.#options.onInput(inputs)
    if (!this.#reader.waiting) return
    this.#timer = setTimeout(() => this.#options.onInput(this.#reader.settle()), ESCAPE_WAIT)
  }

  readonly #resized = (): void => {
    this.stream.emit('resize')
    this.#options.onSize(this.size)
  }
}

/** A terminal that is closed can neither be read nor set back; that it was closed, the signal tells. */
const ignore = (): void => {}

/** What ink takes for the terminal: it goes on while what it wrote is on its way. */
class ScreenStream extends Writable {
  readonly isTTY = true
  readonly #draw: (text: string) => void
  readonly #stdout: WriteStream

  constructor(draw: (text: string) => void, stdout: WriteStream) {
    super({ decodeStrings: false })
    this.#draw = draw
    this.#stdout = stdout
  }

  get columns(): number {
    return this.#stdout.columns ?? 80
  }

  get rows(): number {
    return this.#stdout.rows ?? 24
  }

  override _write(text: string | Uint8Array, _: BufferEncoding, done: () => void): void {
    // The other screen begins with the cursor where it was on the first one, and ink draws from there.
    this.#draw(String(text).replace(ALTERNATE_ON, ALTERNATE_ON + HOME))
    done()
  }
}
