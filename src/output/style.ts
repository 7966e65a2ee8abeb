import { styleText } from 'node:util'

/** What is written before and after text to colour it; nothing where there are no colours. */
export interface Paint {
  readonly before: string
  readonly after: string
}

export interface Palette {
  readonly dim: Paint
  readonly bold: Paint
  readonly client: Paint
  readonly server: Paint
  readonly error: Paint
  readonly warning: Paint
  readonly note: Paint
  /** Neighbouring fields of a dump take turns. */
  readonly fields: readonly Paint[]
}

/** How text is laid out for whoever reads it. */
export interface Style {
  readonly palette: Palette
  /** Columns of the terminal; undefined where rows are never cut. */
  readonly width: number | undefined
}

export interface Terminal {
  readonly isTTY?: boolean
  readonly columns?: number
}

/** `--no-color` first, then FORCE_COLOR, NO_COLOR (https://no-color.org), a dumb terminal, and whether it is one. */
export function wantsColor(stream: Terminal, noColor: boolean, env: NodeJS.ProcessEnv = process.env): boolean {
  if (noColor) return false
  const force = env.FORCE_COLOR
  if (force !== undefined) return force !== '0' && force !== 'false'
  if (env.NO_COLOR || env.TERM === 'dumb') return false
  return stream.isTTY === true
}

export function styleFor(stream: Terminal, noColor: boolean, env: NodeJS.ProcessEnv = process.env): Style {
  return {
    palette: wantsColor(stream, noColor, env) ? coloured() : PLAIN,
    width: stream.isTTY === true ? stream.columns : undefined,
  }
}

const asIs: Paint = { before: '', after: '' }

export const painted = ({ before, after }: Paint, text: string): string => before + text + after

const PLAIN: Palette = {
  dim: asIs,
  bold: asIs,
  client: asIs,
  server: asIs,
  error: asIs,
  warning: asIs,
  note: asIs,
  fields: [asIs],
}

/** Neither colours nor a width: what goes into pipes and files. */
export const PLAIN_STYLE: Style = { palette: PLAIN, width: undefined }

function coloured(): Palette {
  return {
    dim: paint('dim'),
    bold: paint('bold'),
    client: paint('cyan'),
    server: paint('magenta'),
    error: paint('red'),
    warning: paint('yellow'),
    note: paint('blue'),
    fields: [paint('cyan'), paint('yellow'), paint('green'), paint('magenta'), paint('blue'), paint('red')],
  }
}

function paint(format: Parameters<typeof styleText>[0]): Paint {
  const [before = '', after = ''] = styleText(format, '\0', { validateStream: false }).split('\0')
  return { before, after }
}
