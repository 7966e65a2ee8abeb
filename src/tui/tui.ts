import { Stage } from './kit/stage.ts'
import type { Action, Effect } from './model/action.ts'
import { Desk } from './model/desk.ts'
import { actionFor, keysIn } from './model/keymap.ts'
import { chosen } from './model/list.ts'
import type { Replays } from './model/replay.ts'
import { startSearch, type TextSearch } from './model/search.ts'
import { initial, type State } from './model/state.ts'
import type { Traffic } from './model/traffic.ts'
import { update } from './model/update.ts'
import { save } from './save.ts'
import type { Input } from './terminal/input.ts'
import type { Surrounding } from './terminal/surroundings.ts'
import { themeFor } from './terminal/theme.ts'
import { screenOf } from './view/screen.ts'
import type { Surroundings } from './view/status.ts'

export interface TuiOptions extends Omit<Surrounding, 'unicode' | 'theme'> {
  readonly traffic: Traffic
  readonly around: Surroundings
  readonly theme: string
  /** For the frames, from the beginning. */
  readonly filter?: string | undefined
  readonly replays?: Replays | undefined
}

/** Rows searched through between two of them take about so long, in milliseconds. */
const SEARCH_BUDGET = 15
/** Lines that one notch of a wheel is. */
const WHEEL = 3

/** The inspector on a terminal: what the user does is an action, and what an action brings about is done here. */
export class Tui {
  /** Resolves when the user has had enough; the screen is still there. */
  readonly left: Promise<void>
  readonly #options: TuiOptions
  readonly #desk: Desk
  readonly #stage: Stage
  #state: State
  #search: TextSearch | undefined
  #leave = (): void => {}
  /** What the screen was drawn from last. */
  #drawn = ''

  constructor(options: TuiOptions) {
    const { traffic, around, theme, depth, filter, replays, stdin, stdout } = options
    this.#options = options
    this.#desk = new Desk(traffic, replays)
    this.#stage = new Stage(
      {
        unicode: around.unicode,
        screen: () => screenOf(this.#state, this.#desk, around),
        theme: () => themeFor(this.#state.theme, depth),
        look: () => this.#look(),
        input: inputs => this.#input(inputs),
        resized: size => this.#do({ type: 'size', size }),
      },
      stdin,
      stdout,
    )
    const enough = new Promise<void>(resolve => {
      this.#leave = resolve
    })
    this.left = Promise.race([enough, this.#stage.over])
    this.#state = initial({ size: this.#stage.size, live: around.live, filter, theme })
    this.#desk.apply(this.#state)
    traffic.onPast = trouble => {
      this.#drawn = ''
      if (trouble !== undefined) this.tell(trouble)
    }
  }

  start(): void {
    this.#stage.start()
  }

  /** Gives the terminal back as it was. */
  async stop(): Promise<void> {
    this.#desk.replay?.stop()
    await this.#stage.stop()
  }

  /** Tells something on the line at the foot. */
  tell(text: string, trouble = true): void {
    this.#do({ type: 'note', text, trouble })
    this.#stage.draw()
  }

  #input(inputs: readonly Input[]): void {
    for (const input of inputs) {
      const meant =
        input.type === 'key' ? keysIn(input.key, this.#state).map(key => ({ type: 'key', key }) as const) : [input]
      for (const each of meant) {
        const action = this.#actionOf(each)
        if (action !== undefined) this.#do(action)
      }
    }
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

  #do(action: Action): void {
    const { state, effect } = update(this.#state, action, this.#desk)
    this.#state = state
    this.#desk.apply(state)
    if (effect !== undefined) this.#bringAbout(effect)
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
        void this.#stage.suspend()
        break
      case 'redraw':
        this.#stage.redraw()
        break
      case 'copy':
        this.#stage.copy(effect.text)
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
        break
      case 'replay':
        void this.#desk.play(effect.flow, effect.text)
        break
      case 'stop-replay':
        this.#desk.replay?.stop()
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

  /** Goes on with what takes time; true where something is to be seen that was not drawn. */
  #look(): boolean {
    this.#desk.work(this.#state)
    const before = this.#state
    if (this.#search !== undefined) this.#searchOn(this.#search)
    const { traffic, around } = this.#options
    const { frames, flows, rates, findings, open } = traffic
    if (around.live) rates.turn(around.second())
    const { waiting, numbers } = this.#desk.table(this.#state.kind)
    const { replay } = this.#desk
    const marks = [frames.store.total, flows.store.total, open, findings, waiting, numbers.length, replay?.progress]
    const drawn = `${marks.join()} ${around.second()} ${around.activity()}`
    if (drawn === this.#drawn && this.#state === before) return false
    this.#drawn = drawn
    return true
  }

  #searchOn(search: TextSearch): void {
    const answer = search.go(SEARCH_BUDGET)
    if (answer === undefined) return
    this.#search = undefined
    if (answer === 'nowhere') this.tell(`no row in memory holds ${this.#state.search}`)
    else this.#do({ type: 'found', number: answer })
  }
}
