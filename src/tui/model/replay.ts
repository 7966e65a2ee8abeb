import type { Flow } from '../../flow.ts'
import type { KeptFrame, Run } from '../../replay/index.ts'

/** How the program plays a connection again. */
export interface Replays {
  /** Whom to play it to, where that need not be written: on this machine. */
  suggest(flow: Flow): string | undefined
  /** Throws what is wrong with what was written: an address, and how it is played. */
  check(text: string): void
  /** `frames`: all of the connection, where memory has it. Throws what can be told. */
  start(flow: Flow, frames: readonly KeptFrame[] | undefined, text: string, watching: Watching): Promise<Playing>
}

export interface Watching {
  readonly signal: AbortSignal
  readonly tell: (what: string) => void
}

export interface Playing {
  readonly run: Run
  /** Without credentials. */
  readonly to: string
  /** It is done, or was stopped. */
  readonly over: Promise<void>
}

/** `stopped`: by the user. */
export type ReplayState = 'running' | 'done' | 'stopped' | 'failed'

/** More of what was left out, skipped, and did not come is not told. */
const MOST_TOLD = 50

/** A connection being played again, or one that was: what the pane of that name shows. */
export class Replay {
  readonly flow: number
  state: ReplayState = 'running'
  playing: Playing | undefined
  /** What went otherwise than it should, in the order in which it was found. */
  readonly told: string[] = []
  readonly #end = new AbortController()

  constructor(flow: number) {
    this.flow = flow
  }

  get running(): boolean {
    return this.state === 'running'
  }

  /** Other than before where there is something new to be seen. */
  get progress(): string {
    return `${this.state} ${this.playing?.run.frames} ${this.told.length}`
  }

  async go(flow: Flow, frames: readonly KeptFrame[] | undefined, text: string, replays: Replays): Promise<void> {
    const { signal } = this.#end
    try {
      this.playing = await replays.start(flow, frames, text, { signal, tell: what => this.#tell(what) })
      await this.playing.over
      if (signal.aborted) this.state = 'stopped'
      else if (this.playing.run.connections > 0) this.state = 'done'
      else {
        this.state = 'failed'
        for (const [why] of this.playing.run.leftOut) this.#tell(`it cannot be played: ${why}`)
        if (this.told.length === 0) this.#tell(`flow ${this.flow} is not in what was recorded`)
      }
    } catch (error) {
      this.state = 'failed'
      const { message, next } = error as Error & { readonly next?: string }
      this.#tell(message)
      if (next !== undefined) this.#tell(next)
    }
  }

  stop(): void {
    this.#end.abort()
  }

  #tell(what: string): void {
    if (this.told.length < MOST_TOLD) this.told.push(what)
  }
}
