/**
 * Makes a picture of a terminal's screen, as SVG, for the pages:
 *
 *     tmux capture-pane -p -e | node scripts/screen-picture.ts docs/images/tui.svg [TITLE]
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import { columns } from '../src/output/index.ts'

const [file, title = 'mqinspect'] = process.argv.slice(2)
if (file === undefined) {
  console.error('usage: screen-picture.ts FILE.svg [TITLE] < what `tmux capture-pane -p -e` printed')
  process.exit(2)
}

interface Pen {
  front: string | undefined
  ground: string | undefined
  bold: boolean
}

const [PLAIN, GROUND] = ['#e6edf3', '#0d1117']
const [WIDTH, HEIGHT, PADDING] = [7.6, 16, 12]
const ESC = String.fromCharCode(0x1b)
const SGR = new RegExp(`${ESC}\\[([\\d;]*)m`)

/** Colours in full (38;2;r;g;b) and what switches them off: all that the terminal UI sends where it has them. */
function dip(pen: Pen, parameters: string): void {
  const codes = parameters.split(';').map(Number)
  while (codes.length > 0) {
    const code = codes.shift()
    if (code === 0) Object.assign(pen, { front: undefined, ground: undefined, bold: false })
    else if (code === 1) pen.bold = true
    else if (code === 22) pen.bold = false
    else if (code === 39) pen.front = undefined
    else if (code === 49) pen.ground = undefined
    else if ((code === 38 || code === 48) && codes[0] === 2) {
      const [, red = 0, green = 0, blue = 0] = codes.splice(0, 4)
      const color = `#${[red, green, blue].map(part => part.toString(16).padStart(2, '0')).join('')}`
      if (code === 38) pen.front = color
      else pen.ground = color
    } else throw new Error(`the screen has SGR ${parameters}: capture it with COLORTERM=truecolor`)
  }
}

const xml = (part: string): string => part.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')

const lines = readFileSync(0, 'utf8').replace(/\n$/, '').split('\n')
const widest = Math.max(...lines.map(line => columns(stripVTControlCharacters(line))))
const pen: Pen = { front: undefined, ground: undefined, bold: false }
const shapes: string[] = []
lines.forEach((line, row) => {
  let column = 0
  line.split(SGR).forEach((part, index) => {
    if (index % 2 === 1) {
      dip(pen, part)
      return
    }
    const width = columns(part)
    const [x, y] = [PADDING + column * WIDTH, PADDING + row * HEIGHT]
    if (pen.ground !== undefined && width > 0) {
      shapes.push(
        `<rect x="${x.toFixed(1)}" y="${y}" width="${(width * WIDTH).toFixed(1)}" height="${HEIGHT}" fill="${pen.ground}"/>`,
      )
    }
    // Word by word, each at its place: spaces are nothing that every viewer keeps.
    for (const { 0: word, index: at } of part.matchAll(/\S+( \S+)*/g)) {
      const left = x + columns(part.slice(0, at)) * WIDTH
      const weight = pen.bold ? ' font-weight="bold"' : ''
      const length = `textLength="${(columns(word) * WIDTH).toFixed(1)}" lengthAdjust="spacingAndGlyphs"`
      const fill = pen.front ?? PLAIN
      shapes.push(`<text x="${left.toFixed(1)}" y="${y + 12}" ${length} fill="${fill}"${weight}>${xml(word)}</text>`)
    }
    column += width
  })
})
const [width, height] = [widest * WIDTH + 2 * PADDING, lines.length * HEIGHT + 2 * PADDING]
writeFileSync(
  file,
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<title>${xml(title)}</title>
<rect width="100%" height="100%" rx="8" fill="${GROUND}"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="12.6">
${shapes.join('\n')}
</g>
</svg>
`,
)
