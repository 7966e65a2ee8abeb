import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { isMissing } from '../interop/brokers.ts'

export const noTmux = isMissing('tmux')

const ROOT = new URL('../..', import.meta.url).pathname

export interface TerminalOptions {
  readonly columns: number
  readonly rows: number
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
}

/** What a shell on the screen says before it takes a command. */
const PROMPT = 'ready$'

/** A real terminal with a shell in it, in a server of its own that no configuration changes. */
export class TmuxTerminal {
  readonly #socket: string

  constructor({ columns, rows, env = {}, cwd = ROOT }: TerminalOptions) {
    const folder = mkdtempSync(join(tmpdir(), 'mqinspect-tmux-'))
    chmodSync(folder, 0o700)
    this.#socket = join(folder, 'socket')
    const settings = { PATH: process.env.PATH ?? '', HOME: folder, LANG: 'C.UTF-8', ...env }
    const size = ['-x', String(columns), '-y', String(rows)]
    const variables = Object.entries(settings).flatMap(([name, value]) => ['-e', `${name}=${value}`])
    execFileSync('tmux', ['-S', this.#socket, '-f', '/dev/null', 'new-session', '-d', ...size, ...variables, 'sh'], {
      cwd,
      env: { PATH: process.env.PATH, LANG: 'C.UTF-8' },
    })
    this.#tmux('set-option', '-s', 'set-clipboard', 'on')
    onTestFinished(() => {
      spawnSync('tmux', ['-S', this.#socket, 'kill-server'])
      rmSync(folder, { recursive: true, force: true })
    })
  }

  /** Runs a command of the shell; `mqinspect` is what is compiled. */
  run(command: string): void {
    this.keys(
      `PS1='${PROMPT} '; mqinspect() { ${process.execPath} ${ROOT}bin/run.js "$@"; }`,
      'Enter',
      'clear',
      'Enter',
      command,
      'Enter',
    )
  }

  /** Keys by tmux's names, or text. */
  keys(...keys: readonly string[]): void {
    this.#tmux('send-keys', ...keys)
  }

  /** Bytes that the terminal sends. */
  bytes(text: string): void {
    this.#tmux('send-keys', '-H', ...Buffer.from(text).toString('hex').match(/../g)!)
  }

  resize(columns: number, rows: number): void {
    this.#tmux('resize-window', '-x', String(columns), '-y', String(rows))
  }

  /** The screen's text, without what is blank at the ends of its lines. */
  screen(): string {
    return this.#tmux('capture-pane', '-p')
  }

  /** The same with its colours. */
  colours(): string {
    return this.#tmux('capture-pane', '-p', '-e')
  }

  /** tmux's word for a state of the terminal: `alternate_on`, `mouse_any_flag`, `cursor_flag` … */
  state(name: string): string {
    return this.#tmux('display-message', '-p', `#{${name}}`).trim()
  }

  /** Its window is closed: the shell and what runs in it are told by SIGHUP, and can neither read nor write any more. */
  close(): void {
    this.#tmux('kill-session')
  }

  /** The process that the shell waits for. */
  child(): number {
    return Number(execFileSync('pgrep', ['-P', this.state('pane_pid')], { encoding: 'utf8' }))
  }

  /** What was copied last (OSC 52). */
  clipboard(): string {
    return this.#tmux('show-buffer')
  }

  async shows(wanted: RegExp | string): Promise<string> {
    return this.#until(
      () => {
        const screen = this.screen()
        return (typeof wanted === 'string' ? screen.includes(wanted) : wanted.test(screen)) ? screen : undefined
      },
      () => `the screen never showed ${wanted}:\n${this.screen()}`,
    )
  }

  /** The same once nothing moves any more: what is drawn may come in several parts. */
  async settles(wanted: RegExp | string): Promise<string> {
    let before = await this.shows(wanted)
    for (;;) {
      await sleep(50)
      const screen = await this.shows(wanted)
      if (screen === before) return screen
      before = screen
    }
  }

  async becomes(name: string, value: string): Promise<void> {
    await this.#until(
      () => (this.state(name) === value ? true : undefined),
      () => `${name} stayed ${this.state(name)}`,
    )
  }

  async #until<T>(look: () => T | undefined, trouble: () => string): Promise<T> {
    const end = Date.now() + 25_000
    for (;;) {
      const found = look()
      if (found !== undefined) return found
      if (Date.now() > end) throw new Error(trouble())
      await sleep(50)
    }
  }

  #tmux(...args: readonly string[]): string {
    return execFileSync('tmux', ['-S', this.#socket, ...args], { encoding: 'utf8' })
  }
}
