import { openSync } from 'node:fs'
import { isatty, ReadStream } from 'node:tty'
import { wantsColor } from '../../output/index.ts'
import type { ThemeName } from '../kit/themes.ts'
import type { Screened } from './terminal.ts'
import { colorDepth, type Depth, drawsUnicode, groundOf } from './theme.ts'

/** The terminal that this program runs in, and what it can show. */
export interface Surrounding {
  readonly stdin: ReadStream
  readonly stdout: Screened
  readonly theme: ThemeName
  readonly depth: Depth
  readonly unicode: boolean
}

export function surrounding(noColor: boolean, theme?: ThemeName): Surrounding {
  const { env, stdout } = process
  return {
    stdin: keys(),
    stdout: stdout as Screened,
    theme: theme ?? groundOf(env),
    depth: wantsColor(stdout, noColor, env) ? colorDepth(env) : 0,
    unicode: drawsUnicode(env),
  }
}

/** Where keys come from: standard input, unless that is what is being read. */
function keys(): ReadStream {
  return isatty(0) ? (process.stdin as ReadStream) : new ReadStream(openSync('/dev/tty', 'r'))
}
