import { openSync } from 'node:fs'
import { isatty, ReadStream } from 'node:tty'
import v8 from 'node:v8'
import type { AnyCodec } from '../../codecs/core/index.ts'
import type { Observer } from '../inspector.ts'
import { wantsColor } from '../output/index.ts'
import type { Payloads } from '../payload/index.ts'
import { type KeptLimits, LIVE_LIMITS } from './model/kept.ts'
import type { Again } from './model/past.ts'
import { THEMES, type ThemeName } from './model/theme.ts'
import { Traffic } from './model/traffic.ts'
import type { Screened } from './terminal/terminal.ts'
import { colorDepth, drawsUnicode, groundOf } from './terminal/theme.ts'

export { type Again, THEMES, type ThemeName }

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
}

/** The terminal UI as commands use it. */
export interface Screen {
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

export async function openScreen(options: ScreenOptions): Promise<Screen> {
  collectEarly()
  const { Tui } = await import('./tui.ts')
  const { codecs, live, source, activity, recording, filter, secrets, payloads, noColor, theme, again } = options
  const { env, stdout } = process
  const traffic = new Traffic({ codecs, secrets, payloads, again, limits: options.limits ?? LIVE_LIMITS })
  const began = Date.now()
  const tui = new Tui({
    traffic,
    around: {
      live,
      source,
      activity,
      recording,
      unicode: drawsUnicode(env),
      second: () => Math.floor((Date.now() - began) / 1000) + 1,
    },
    theme: theme ?? groundOf(env),
    depth: wantsColor(stdout, noColor, env) ? colorDepth(env) : 0,
    filter,
    stdin: keys(),
    stdout: stdout as Screened,
  })
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
  if (Number.parseInt(process.versions.node, 10) <= 24) v8.setFlagsFromString('--heap-growing-percent=50')
}

/** Where keys come from: standard input, unless that is what is being read. */
function keys(): ReadStream {
  return isatty(0) ? (process.stdin as ReadStream) : new ReadStream(openSync('/dev/tty', 'r'))
}
