/**
 * Makes a picture of what a command really prints, for the README:
 *
 *     node scripts/screenshot.ts docs/images/demo.svg 44 -- demo
 *
 * runs `mqinspect demo` with colours and draws its first 44 lines, what it says and what it shows in the order of
 * arrival, as SVG.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const [file, most, dashes, ...args] = process.argv.slice(2)
if (file === undefined || dashes !== '--') {
  console.error('usage: screenshot.ts FILE.svg LINES -- COMMAND…')
  process.exit(2)
}
const run = fileURLToPath(new URL('../bin/run.js', import.meta.url))
const child = spawn(process.execPath, [run, ...args], { env: { ...process.env, FORCE_COLOR: '1' } })
let text = ''
for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', data => (text += data))
await once(child, 'close')

/** The sixteen colours' part that is used, on a dark ground. */
const COLORS: Readonly<Record<string, string>> = {
  31: '#ff7b72',
  32: '#7ee787',
  33: '#e3b341',
  34: '#79c0ff',
  35: '#d2a8ff',
  36: '#76e3ea',
}
const [PLAIN, DIM, GROUND] = ['#e6edf3', '#7d8590', '#0d1117']
const [WIDTH, HEIGHT, PADDING] = [7.6, 17, 14]

const xml = (part: string): string => part.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')

const ESC = String.fromCharCode(0x1b)
const PAINT = new RegExp(`(${ESC}\\[[\\d;]*m)`, 'g')

/** One line as spans, each with its colour and weight. */
function spans(line: string): string {
  let [color, bold] = [PLAIN, false]
  let out = ''
  for (const part of line.split(PAINT)) {
    const code = part.startsWith(ESC) ? part.slice(2, -1) : undefined
    if (code === undefined) {
      if (part !== '') out += `<tspan fill="${color}"${bold ? ' font-weight="bold"' : ''}>${xml(part)}</tspan>`
    } else if (code === '1') bold = true
    else if (code === '2') color = DIM
    else if (code === '22') [color, bold] = [PLAIN, false]
    else color = COLORS[code] ?? PLAIN
  }
  return out
}

const lines = text.replace(/^\n+/, '').split('\n').slice(0, Number(most))
const columns = Math.max(...lines.map(line => line.replaceAll(PAINT, '').length))
const [width, height] = [columns * WIDTH + 2 * PADDING, lines.length * HEIGHT + 2 * PADDING]
const rows = lines.map((line, at) => `<text x="${PADDING}" y="${PADDING + (at + 0.8) * HEIGHT}">${spans(line)}</text>`)
writeFileSync(
  file,
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<title>mqinspect ${xml(args.join(' '))}</title>
<rect width="100%" height="100%" rx="8" fill="${GROUND}"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="12.6" xml:space="preserve">
${rows.join('\n')}
</g>
</svg>
`,
)
