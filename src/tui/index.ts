import v8 from 'node:v8'
import type { AnyCodec } from '../../codecs/core/index.ts'
import type { Observer } from '../inspector.ts'
import type { Payloads } from '../payload/index.ts'
import { THEMES, type ThemeName } from './kit/themes.ts'
import { type KeptLimits, LIVE_LIMITS } from './model/kept.ts'
import type { Again } from './model/past.ts'
import type { Replays } from './model/replay.ts'
import { Traffic } from './model/traffic.ts'
import { surrounding } from './terminal/surroundings.ts'
import { Tui } from './tui.ts'

export { type ChartOptions, chart, fitted, fittedLine, justified, progressBar, sparkline } from './kit/cells.ts'
export { keyName } from './kit/keys.ts'
export { type BarItem, bar, framed, type PaneView, type Rect, roomOf, type Screen, type Size } from './kit/screen.ts'
export { type Block, stacked } from './kit/stack.ts'
export { type Piece, Stage } from './kit/stage.ts'
export { EMPTY, type Line, type Look, line, type Span, span } from './kit/text.ts'
export type { Input } from './terminal/input.ts'
export { type Surrounding, surrounding } from './terminal/surroundings.ts'
export { type Theme, themeFor } from './terminal/theme.ts'
export { type Again, type Replays, THEMES, type ThemeName }

export interface ScreenOptions {
  readonly codecs: readonly AnyCodec[]
  /** Live traffic is followed, a file is read from its beginning. */
  readonly live: boolean
  /** The routes, or the file. */
  readonly source: () => string
  /** What is being done, in a few words, as it is now. */
  readonly activity: () => string
  /** Where it is recorded. */
  readonly recording?: string | undefined
  readonly filter?: string | undefined
  readonly secrets: boolean
  readonly payloads: Payloads
  readonly noColor: boolean
  readonly theme?: ThemeName | undefined
  readonly limits?: KeptLimits
  /** Reads it all again from the disk, for what memory does not hold. */
  readonly again?: Again | undefined
  /** Plays connections again; absent where none can be. */
  readonly replays?: Replays | undefined
}

/** The terminal UI as commands use it. */
export interface Inspecting {
  /** What is shown is told to it. */
  readonly observer: Observer
  /** Resolves when the user leaves. */
  readonly left: Promise<void>
  start(): void
  /** Nothing more comes: what waits for an answer will have none. */
  finish(): void
  /** What could not be followed, each a sentence. */
  omissions(): readonly string[]
  /** Gives the terminal back as it was. */
  stop(): Promise<void>
  /** One line, at the foot. */
  tell(text: string): void
}

export function openScreen(options: ScreenOptions): Inspecting {
  collectEarly()
  const { codecs, live, source, activity, recording, filter, secrets, payloads, noColor, again, replays } = options
  const { stdin, stdout, theme, depth, unicode } = surrounding(noColor, options.theme)
  const traffic = new Traffic({
    codecs,
    secrets,
    payloads,
    again,
    limits: options.limits ?? LIVE_LIMITS,
    sampled: live,
  })
  const began = Date.now()
  const second = (): number => Math.floor((Date.now() - began) / 1000) + 1
  const around = { live, source, activity, recording, unicode, second }
  const tui = new Tui({ traffic, around, theme, depth, filter, replays, stdin, stdout })
  return {
    observer: traffic.observer,
    left: tui.left,
    start: () => tui.start(),
    finish: () => traffic.finish(),
    omissions: () => traffic.omissions,
    stop: () => tui.stop(),
    tell: text => tui.tell(text),
  }
}

/**
 * What lists remember lives for a second or two and makes room for others. V8 would let four times as much lie about
 * before it collects. As in `bin/run.js`: only versions that are known to know the flag.
 */
function collectEarly(): void {
  if (Number.parseInt(process.versions.node, 10) <= 24) v8.setFlagsFromString('--heap-growing-percent=40')
}
