import type { ReadStream } from 'node:tty'
import { type Instance, render } from 'ink'
import { createElement } from 'react'
import type { Action, Effect } from './model/action.ts'
import { Desk } from './model/desk.ts'
import { actionFor, keysIn } from './model/keymap.ts'
import { chosen } from './model/list.ts'
import { startSearch, type TextSearch } from './model/search.ts'
import { initial, type State } from './model/state.ts'
import type { Traffic } from './model/traffic.ts'
import { update } from './model/update.ts'
import { save } from './save.ts'
import type { Input } from './terminal/input.ts'
import { type Screened, Terminal } from './terminal/terminal.ts'
import { type Depth, themeFor } from './terminal/theme.ts'
import { App, type Suspend } from './view/app.ts'
import { screenOf } from './view/screen.ts'
import type { Surroundings } from './view/status.ts'

export interface TuiOptions {
  readonly traffic: Traffic
  readonly around: Surroundings
  readonly theme: string
  readonly depth: Depth
  /** For the frames, from the beginning. */
  readonly filter?: string | undefined
  readonly stdin: ReadStream
  readonly stdout: Screened
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
/** Rows searched through between two of them take about so long, in milliseconds. */
const SEARCH_BUDGET = 15

/**
 * The terminal UI, from its first to its last drawing. What arrives is looked at on a timer, however much it is; what
 * the user does is drawn at once.
 */
export class Tui {
  /** Resolves when the user has had enough; the screen is still there. */
  readonly left: Promise<void>
  readonly #options: TuiOptions
  readonly #desk: Desk
  readonly #terminal: Terminal
  #state: State
  #ink: Instance | undefined
  #timer: NodeJS.Timeout | undefined
  #soon: NodeJS.Timeout | undefined
  #suspend: Suspend | undefined
  #search: TextSearch | undefined
  #leave = (): void => {}
  #fail = (_: unknown): void => {}
  /** What the screen was drawn from last. */
  #drawn = ''
  #drawnState: State | undefined
  /** Until then nothing is drawn but what the user does. */
  #rest = 0

  constructor(options: TuiOptions) {
    this.#options = options
    this.left = new Promise((resolve, reject) => {
      this.#leave = resolve
      this.#fail = reject
    })
    this.#desk = new Desk(options.traffic)
    this.#terminal = new Terminal({
      stdin: options.stdin,
      stdout: options.stdout,
      onInput: inputs => this.#input(inputs),
      onSize: size => this.#do({ type: 'size', size }),
    })
    const { filter, theme, around } = options
    this.#state = initial({ size: this.#terminal.size, live: around.live, filter, theme })
    this.#desk.apply(this.#state)
    options.traffic.onPast = trouble => {
      this.#drawn = ''
      if (trouble !== undefined) this.tell(trouble)
    }
  }

  start(): void {
    this.#terminal.take()
    this.#ink = render(this.#app(), {
      stdout: this.#terminal.stream as unknown as NodeJS.WritableStream,
      stdin: this.#options.stdin,
      interactive: true,
      alternateScreen: true,
      incrementalRendering: true,
      exitOnCtrlC: false,
      patchConsole: false,
      maxFps: 60,
    })
    // A component that throws ends the UI; whoever waits for it is told.
    this.#ink.waitUntilExit().then(this.#leave, this.#fail)
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

  /** Tells something on the line at the foot. */
  tell(text: string, trouble = true): void {
    this.#do({ type: 'note', text, trouble })
  }

  #input(inputs: readonly Input[]): void {
    for (const input of inputs) {
      const inputs =
        input.type === 'key' ? keysIn(input.key, this.#state).map(key => ({ type: 'key', key }) as const) : [input]
      for (const each of inputs) {
        const action = this.#actionOf(each)
        if (action !== undefined) this.#do(action, false)
      }
    }
    this.#draw()
  }

  #actionOf(input: Input): Action | undefined {
    switch (input.type) {
      case 'key':
        return actionFor(input.key, this.#state)
      case 'paste':
        return this.#state.prompt === undefined
          ? undefined
          : { type: 'type', text: input.text.replaceAll(/[\p{Cc}\s]+/gu, ' ') }
      case 'mouse': {
        const { action, x, y } = input
        if (action === 'press') return { type: 'press', x, y }
        return { type: 'wheel', x, y, by: action === 'wheel-up' ? -WHEEL : WHEEL }
      }
    }
  }

  #do(action: Action, draw = true): void {
    const { state, effect } = update(this.#state, action, this.#desk)
    this.#state = state
    this.#desk.apply(state)
    if (effect !== undefined) this.#bringAbout(effect)
    if (draw) this.#draw()
  }

  #bringAbout(effect: Effect): void {
    switch (effect.type) {
      case 'quit':
        this.#leave()
        break
      case 'interrupt':
        // As the terminal would have done it, were it not in raw mode.
        process.kill(process.pid, 'SIGINT')
        break
      case 'suspend':
        void this.#suspended()
        break
      case 'redraw':
        this.#ink?.clear()
        break
      case 'copy':
        // OSC 52: the terminal puts it on the clipboard, also from the far end of a connection.
        this.#terminal.write(`\x1b]52;c;${Buffer.from(effect.text).toString('base64')}\x07`)
        break
      case 'search': {
        const { kind, lists } = this.#state
        const table = this.#desk.table(kind)
        const from = chosen(table.numbers, lists[kind])
        this.#search = from === undefined ? undefined : startSearch(table, from, effect.text, effect.by)
        break
      }
      case 'save':
        void this.#save(effect.path, effect.rows)
    }
  }

  async #save(path: string, rows: 'chosen' | 'shown'): Promise<void> {
    const state = this.#state
    const list = rows === 'shown' ? state.kind : state.subject
    const table = this.#desk.table(list)
    const number = chosen(table.numbers, state.lists[list])
    try {
      const { count, away } = await save(path, table, rows === 'shown' || number === undefined ? undefined : [number])
      const rest = away === 0 ? '' : `; ${away} before them are only in ${this.#options.around.recording ?? 'the file'}`
      this.tell(`${count} ${count === 1 ? 'row' : 'rows'} in ${path}${rest}`, away > 0)
    } catch (error) {
      this.tell((error as Error).message)
    }
  }

  async #suspended(): Promise<void> {
    await this.#suspend?.(async () => {
      await this.#terminal.give()
      const back = new Promise<void>(resolve => process.once('SIGCONT', () => resolve()))
      // The whole job, as the terminal does it.
      process.kill(0, 'SIGTSTP')
      await back
      this.#terminal.take()
    })
    this.#do({ type: 'size', size: this.#terminal.size })
  }

  #tick(): void {
    const began = performance.now()
    if (began < this.#rest) return
    this.#look()
    this.#rest = began + Math.min(LONGEST, (performance.now() - began) / SHARE)
  }

  #look(): void {
    this.#desk.work(this.#state)
    if (this.#search !== undefined) this.#searchOn(this.#search)
    const { traffic, around } = this.#options
    const { frames, flows, rates, findings } = traffic
    if (around.live) rates.turn(around.second())
    const table = this.#desk.table(this.#state.kind)
    const marks = [frames.store.total, flows.store.total, traffic.open, findings, table.waiting, table.numbers.length]
    const drawn = `${marks.join()} ${around.second()} ${around.activity()}`
    if (drawn === this.#drawn && this.#state === this.#drawnState) return
    this.#drawn = drawn
    this.#draw()
  }

  #searchOn(search: TextSearch): void {
    const answer = search.go(SEARCH_BUDGET)
    if (answer === undefined) return
    this.#search = undefined
    if (answer === 'nowhere') this.tell(`no row in memory holds ${this.#state.search}`)
    else this.#do({ type: 'found', number: answer })
  }

  #draw(): void {
    // A terminal that is behind is not given more: the next drawing shows what there is by then.
    if (this.#ink === undefined) return
    clearTimeout(this.#soon)
    if (this.#terminal.busy) {
      this.#drawn = ''
      this.#soon = setTimeout(() => this.#draw(), SOON)
      return
    }
    this.#drawnState = this.#state
    this.#ink.rerender(this.#app())
  }

  #app() {
    const { around, depth } = this.#options
    const screen = screenOf(this.#state, this.#desk, around)
    const theme = themeFor(this.#state.theme, depth)
    return createElement(App, { screen, theme, unicode: around.unicode, onReady: this.#ready })
  }

  readonly #ready = (suspend: Suspend): void => {
    this.#suspend = suspend
  }
}

/** Lines that one notch of a wheel is. */
const WHEEL = 3
