import type { ReadStream } from 'node:tty'
import { type Instance, render } from 'ink'
import { createElement } from 'react'
import type { Input } from '../terminal/input.ts'
import { type Screened, Terminal } from '../terminal/terminal.ts'
import type { Theme } from '../terminal/theme.ts'
import { App, type Suspend } from './app.ts'
import type { Screen, Size } from './screen.ts'

/** What is played on the stage. */
export interface Piece {
  readonly unicode: boolean
  /** What is to be seen now. */
  screen(): Screen
  theme(): Theme
  /** Looks at what has arrived, on a timer; true where there is something new to be seen. */
  look(): boolean
  /** What the user did. It is drawn at once. */
  input(inputs: readonly Input[]): void
  resized(size: Size): void
}

/** Between two looks at what has arrived, in milliseconds: twelve times a second. */
const TICK = 80
/**
 * Drawing what has arrived takes no more than this part of the time: where it is slow, it is done less often, but never
 * less often than this many milliseconds apart.
 */
const SHARE = 0.1
const LONGEST = 400
/** A terminal that was behind is looked at again after so many milliseconds. */
const SOON = 5

/**
 * A screen of its own, from its first to its last drawing: what every terminal UI has in common. What arrives is looked
 * at on a timer, however much it is; what the user does is drawn at once. The terminal is given back whatever happens.
 */
export class Stage {
  /** Rejects where drawing fails; resolves when the screen is taken down. */
  readonly over: Promise<void>
  readonly #piece: Piece
  readonly #terminal: Terminal
  readonly #stdin: ReadStream
  #ink: Instance | undefined
  #timer: NodeJS.Timeout | undefined
  #soon: NodeJS.Timeout | undefined
  #suspend: Suspend | undefined
  #close = (): void => {}
  #fail = (_: unknown): void => {}
  /** Until then nothing is drawn but what the user does. */
  #rest = 0
  /** What was to be drawn was not: the terminal was behind. */
  #owed = false

  constructor(piece: Piece, stdin: ReadStream, stdout: Screened) {
    this.#piece = piece
    this.#stdin = stdin
    this.over = new Promise((resolve, reject) => {
      this.#close = resolve
      this.#fail = reject
    })
    this.#terminal = new Terminal({
      stdin,
      stdout,
      onInput: inputs => {
        piece.input(inputs)
        this.draw()
      },
      onSize: size => this.#resized(size),
    })
  }

  get size(): Size {
    return this.#terminal.size
  }

  start(): void {
    this.#terminal.take()
    this.#ink = render(this.#app(), {
      stdout: this.#terminal.stream as unknown as NodeJS.WritableStream,
      stdin: this.#stdin,
      interactive: true,
      alternateScreen: true,
      incrementalRendering: true,
      exitOnCtrlC: false,
      patchConsole: false,
      maxFps: 60,
    })
    // A component that throws ends the UI; whoever waits for it is told.
    this.#ink.waitUntilExit().then(this.#close, this.#fail)
    this.#timer = setInterval(() => this.#tick(), TICK)
  }

  /** Gives the terminal back as it was. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    clearTimeout(this.#soon)
    this.#ink?.unmount()
    this.#ink = undefined
    await this.#terminal.give()
  }

  draw(): void {
    if (this.#ink === undefined) return
    clearTimeout(this.#soon)
    // A terminal that is behind is not given more: the next drawing shows what there is by then.
    this.#owed = this.#terminal.busy
    if (this.#owed) this.#soon = setTimeout(() => this.draw(), SOON)
    else this.#ink.rerender(this.#app())
  }

  /** Draws all of it, whatever is there. */
  redraw(): void {
    this.#ink?.clear()
  }

  /** The terminal puts it on the clipboard, also from the far end of a connection (OSC 52). */
  copy(text: string): void {
    this.#terminal.write(`\x1b]52;c;${Buffer.from(text).toString('base64')}\x07`)
  }

  /** Gives the terminal to the shell, until the shell gives it back. */
  async suspend(): Promise<void> {
    await this.#suspend?.(async () => {
      await this.#terminal.give()
      const back = new Promise<void>(resolve => process.once('SIGCONT', () => resolve()))
      // The whole job, as the terminal does it.
      process.kill(0, 'SIGTSTP')
      await back
      this.#terminal.take()
    })
    this.#resized(this.#terminal.size)
  }

  #resized(size: Size): void {
    this.#piece.resized(size)
    this.draw()
  }

  #tick(): void {
    const began = performance.now()
    if (began < this.#rest) return
    const news = this.#piece.look()
    if (news && !this.#owed) this.draw()
    this.#rest = began + Math.min(LONGEST, (performance.now() - began) / SHARE)
  }

  #app() {
    const { unicode } = this.#piece
    return createElement(App, {
      screen: this.#piece.screen(),
      theme: this.#piece.theme(),
      unicode,
      onReady: this.#ready,
    })
  }

  readonly #ready = (suspend: Suspend): void => {
    this.#suspend = suspend
  }
}
