import type { AnyCodec } from '../codecs/core/index.ts'
import type { Observer } from './inspector.ts'
import { Output, type ShowOptions, show } from './output/index.ts'
import { loadPayloads, type PayloadOptions } from './payload/index.ts'
import { tell } from './tell.ts'
import type { Again, Replays, ThemeName } from './tui/index.ts'

/** How live traffic is shown: printed, or on a screen of its own. */
export interface Display {
  readonly observer: Observer
  /** The observer keeps views of what it is shown, so the bytes must stay as they are. */
  readonly keeps: boolean
  /** Resolves when whoever looks has seen enough. */
  readonly enough: Promise<void>
  /** The traffic begins, which comes this way. */
  start?(source: string): void
  /** Trouble, and what to do about it. */
  tell(what: string, next?: string): void
  /** Gives the terminal back, where it had it, while connections are being ended. */
  release?(): Promise<void>
  /** Nothing more comes; resolves when all of it is shown. */
  finish(): Promise<void>
  /** What could not be followed or shown, each a sentence. */
  omissions(): readonly string[]
}

const STDOUT = 1
/** Bytes of output that may wait for a slow reader before rows are dropped. */
const BEHIND = 8 << 20

/** Rows on standard output. */
export function printed(options: ShowOptions): Display {
  let stop = (): void => {}
  const enough = new Promise<void>(resolve => {
    stop = resolve
  })
  const output = new Output(STDOUT, { dropAbove: BEHIND, onGone: stop })
  const viewer = show(output, { ...options, onEnough: stop })
  return {
    observer: viewer,
    keeps: viewer.keeps,
    enough,
    tell,
    async finish() {
      viewer.finish()
      await output.end()
    },
    omissions() {
      const { dropped } = output
      const behind = `${dropped} rows were not shown, as the output could not keep up`
      return dropped > 0 ? [...viewer.omissions, behind] : viewer.omissions
    },
  }
}

export interface ScreenRequest extends PayloadOptions {
  readonly filter?: string | undefined
  readonly flow?: readonly string[] | undefined
  readonly 'show-secrets': boolean
  readonly 'no-color': boolean
  readonly theme?: ThemeName | undefined
  readonly write?: string | undefined
}

/** Of what was told while the screen was there, so much is told again below it. */
const TOLD_AGAIN = 50

/**
 * The terminal UI. `again` reads what was recorded, where it is. What is told meanwhile is told once more when the
 * screen is gone.
 */
export async function onScreen(
  request: ScreenRequest,
  codecs: readonly AnyCodec[],
  again: Again | undefined,
  replays: Replays | undefined,
): Promise<Display> {
  const { openScreen } = await import('./tui/index.ts')
  let shown = false
  let source = ''
  const told: string[][] = []
  const screen = openScreen({
    codecs,
    live: true,
    source: () => source,
    activity: () => '',
    recording: request.write,
    filter: screenFilter(request),
    secrets: request['show-secrets'],
    payloads: await loadPayloads(request),
    noColor: request['no-color'],
    theme: request.theme,
    again,
    replays,
  })
  return {
    observer: screen.observer,
    keeps: true,
    enough: screen.left,
    start(from) {
      shown = true
      source = from
      screen.start()
    },
    tell(what, next) {
      if (!shown) return tell(what, next)
      screen.tell(what)
      told.push(next === undefined ? [what] : [what, next])
      if (told.length > TOLD_AGAIN) told.shift()
    },
    async release() {
      shown = false
      await screen.stop()
      for (const [what = '', next] of told.splice(0)) tell(what, next)
    },
    finish: async () => screen.finish(),
    omissions: () => screen.omissions(),
  }
}

/** `-Y` and `--flow` as one filter, to be seen and changed. */
export function screenFilter({ filter, flow }: Pick<ScreenRequest, 'filter' | 'flow'>): string | undefined {
  if (flow === undefined) return filter
  const only = flow.length === 1 ? `flow == ${flow[0]}` : `flow in {${flow.join(', ')}}`
  return filter === undefined ? only : `${only} && (${filter})`
}
