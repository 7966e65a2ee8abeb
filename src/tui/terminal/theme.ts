import type { Line, Look } from '../kit/text.ts'
import type { ThemeName } from '../kit/themes.ts'

/** How many colours the terminal has: none, its own sixteen, 256, or all. */
export type Depth = 0 | 16 | 256 | 16_777_216

/** What a look is on a terminal: the parameters of SGR (ECMA-48 §8.3.117). */
export type Theme = Readonly<Record<Look, string>>

type Rgb = readonly [number, number, number]

/** A look's colours, and what of it is left where there are none: bold 1, faint 2, underlined 4, reversed 7. */
interface Style {
  readonly front?: Rgb
  readonly ground?: Rgb
  /** Of the terminal's own sixteen: SGR parameters. */
  readonly basic: string
  readonly bare: string
}

const DARK: Readonly<Record<Look, Style>> = {
  plain: { basic: '', bare: '' },
  dim: { front: [125, 133, 144], basic: '2', bare: '' },
  bold: { front: [230, 237, 243], basic: '1', bare: '1' },
  title: { front: [121, 192, 255], basic: '1;36', bare: '1' },
  client: { front: [118, 227, 234], basic: '36', bare: '' },
  server: { front: [210, 168, 255], basic: '35', bare: '' },
  error: { front: [255, 123, 114], basic: '31', bare: '1' },
  warning: { front: [227, 179, 65], basic: '33', bare: '' },
  note: { front: [121, 192, 255], basic: '34', bare: '' },
  good: { front: [126, 231, 135], basic: '32', bare: '' },
  accent: { front: [165, 214, 255], basic: '36', bare: '' },
  key: { front: [255, 166, 87], basic: '1;33', bare: '1' },
  selected: { front: [255, 255, 255], ground: [31, 82, 139], basic: '7', bare: '7' },
  divider: { front: [125, 133, 144], basic: '2', bare: '' },
  marked: { ground: [38, 44, 54], basic: '1', bare: '1' },
  range: { front: [255, 255, 255], ground: [102, 77, 0], basic: '1;33', bare: '1' },
  cursor: { front: [13, 17, 23], ground: [227, 179, 65], basic: '7', bare: '7' },
}

const LIGHT: Readonly<Record<Look, Style>> = {
  ...DARK,
  dim: { front: [101, 109, 118], basic: '2', bare: '' },
  bold: { front: [31, 35, 40], basic: '1', bare: '1' },
  title: { front: [9, 105, 218], basic: '1;34', bare: '1' },
  client: { front: [27, 124, 131], basic: '36', bare: '' },
  server: { front: [130, 80, 223], basic: '35', bare: '' },
  error: { front: [207, 34, 46], basic: '31', bare: '1' },
  warning: { front: [154, 103, 0], basic: '33', bare: '' },
  note: { front: [9, 105, 218], basic: '34', bare: '' },
  good: { front: [26, 127, 55], basic: '32', bare: '' },
  accent: { front: [5, 80, 174], basic: '34', bare: '' },
  key: { front: [188, 76, 0], basic: '1;31', bare: '1' },
  selected: { front: [0, 0, 0], ground: [173, 214, 255], basic: '7', bare: '7' },
  divider: { front: [101, 109, 118], basic: '2', bare: '' },
  marked: { ground: [234, 238, 242], basic: '1', bare: '1' },
  range: { front: [0, 0, 0], ground: [255, 223, 128], basic: '1;4', bare: '1' },
  cursor: { front: [255, 255, 255], ground: [188, 76, 0], basic: '7', bare: '7' },
}

/** Looks that stay bold in colours too. */
const BOLD: ReadonlySet<Look> = new Set(['bold', 'title', 'key', 'range'])

export function themeFor(name: string, depth: Depth): Theme {
  const styles = name === 'light' ? LIGHT : DARK
  const shown = name === 'plain' ? 0 : depth
  const looks = Object.entries(styles) as [Look, Style][]
  return Object.fromEntries(looks.map(([look, style]) => [look, parameters(look, style, shown)])) as Record<
    Look,
    string
  >
}

function parameters(look: Look, { front, ground, basic, bare }: Style, depth: Depth): string {
  if (depth === 0) return bare
  if (depth === 16) return basic
  const color = (rgb: Rgb | undefined, kind: 38 | 48): string[] =>
    rgb === undefined ? [] : [depth === 256 ? `${kind};5;${indexOf(rgb)}` : `${kind};2;${rgb.join(';')}`]
  return [...(BOLD.has(look) ? ['1'] : []), ...color(front, 38), ...color(ground, 48)].join(';')
}

const LEVELS = [0, 95, 135, 175, 215, 255]

/** The nearest of the 6×6×6 cube and the 24 greys that follow it. */
function indexOf([red, green, blue]: Rgb): number {
  const nearest = (value: number): number =>
    LEVELS.reduce(
      (best, level, at) => (Math.abs(level - value) < Math.abs((LEVELS[best] as number) - value) ? at : best),
      0,
    )
  const spread = Math.max(red, green, blue) - Math.min(red, green, blue)
  if (spread < 20 && red > 8 && red < 238) return 232 + Math.round((red - 8) / 10)
  return 16 + 36 * nearest(red) + 6 * nearest(green) + nearest(blue)
}

/** A line as the terminal takes it. What lies under all of it is under each of its spans. */
export function painted({ spans, look }: Line, theme: Theme): string {
  const under = look === undefined ? '' : theme[look]
  // Colours on a reversed ground are hard to read: there, a chosen row is one piece.
  const uniform = under === '7'
  let text = ''
  let now = ''
  for (const span of spans) {
    // What is faint cannot be read on the ground of a chosen row.
    const plain = look === 'selected' && (uniform ? span.look !== 'cursor' : span.look === 'dim')
    const wanted =
      span.look === 'divider'
        ? theme.divider
        : [under, plain ? '' : theme[span.look]].filter(part => part !== '').join(';')
    if (wanted !== now) text += `\x1b[0${wanted === '' ? '' : `;${wanted}`}m`
    now = wanted
    text += span.text
  }
  return now === '' ? text : `${text}\x1b[0m`
}

/** FORCE_COLOR, COLORTERM and TERM, as terminals and people set them; NO_COLOR is asked before. */
export function colorDepth(env: NodeJS.ProcessEnv): Depth {
  const forced = { '0': 0, false: 0, '1': 16, '2': 256, '3': 16_777_216 } as const
  if (env.FORCE_COLOR !== undefined && Object.hasOwn(forced, env.FORCE_COLOR)) {
    return forced[env.FORCE_COLOR as keyof typeof forced]
  }
  if (/^(truecolor|24bit)$/i.test(env.COLORTERM ?? '')) return 16_777_216
  return /256|kitty|alacritty|direct/i.test(env.TERM ?? '') ? 256 : 16
}

/** `dark`, unless the terminal says that its ground is light: COLORFGBG ends in the number of the ground's colour. */
export function groundOf(env: NodeJS.ProcessEnv): ThemeName {
  const ground = /;(\d+)$/.exec(env.COLORFGBG ?? '')?.[1]
  return ground === '7' || ground === '15' ? 'light' : 'dark'
}

/** Whether the terminal draws more than ASCII, as its locale says. */
export function drawsUnicode(env: NodeJS.ProcessEnv): boolean {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || ''
  return (
    env.TERM !== 'linux' && (process.platform === 'darwin' || process.platform === 'win32' || /utf-?8/i.test(locale))
  )
}
