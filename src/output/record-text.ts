import type { Severity, Side } from '../../codecs/core/index.ts'
import type { ExchangeRow, FindingRow, LevelRow, MessageRow } from '../fields/index.ts'
import { formatBytes, formatDuration } from './clock.ts'
import { printable } from './escape.ts'
import { constant, type Lines, NEWLINE, SPACE } from './lines.ts'
import type { Output } from './output.ts'
import { formatPayload } from './payload.ts'
import type { RecordFormat } from './record.ts'
import { type Palette, painted, type Style } from './style.ts'
import { columns, cut } from './width.ts'

/** How the rows of messages, exchanges, findings and levels are written for people. */

const NUMBER_WIDTH = 6
const FLOW_WIDTH = 4
const PROTOCOL_WIDTH = 8
const INDENT = ' '.repeat(NUMBER_WIDTH + 2)

interface Place {
  readonly time: string
  readonly flow: number
  readonly protocol: string
}

/** `    12  06:46:00.123456   #3 → amqp091 ` */
function place(number: number, { time, flow, protocol }: Place, side: Side | undefined, style: Style): string {
  const { palette } = style
  const arrow =
    side === undefined ? ' ' : side === 'client' ? painted(palette.client, '→') : painted(palette.server, '←')
  const clock = time.slice(time.indexOf('T') + 1, -4)
  const head = `${String(number).padStart(NUMBER_WIDTH)}  ${clock}`
  return `${painted(palette.dim, head)} ${`#${flow}`.padStart(FLOW_WIDTH)} ${arrow} ${protocol.padEnd(PROTOCOL_WIDTH)} `
}
/** The same, as bytes: of messages there are very many. */
function writePlace(
  lines: Lines,
  number: number,
  { time, flow, protocol }: Place,
  arrow: Uint8Array,
  { dim }: Palette,
): void {
  lines.ascii(dim.before)
  lines.number(number, NUMBER_WIDTH, SPACE)
  lines.ascii('  ')
  lines.ascii(time.slice(time.indexOf('T') + 1, -4))
  lines.ascii(dim.after)
  lines.byte(SPACE)
  for (let left = FLOW_WIDTH - 1 - String(flow).length; left > 0; left--) lines.byte(SPACE)
  lines.byte(HASH)
  lines.number(flow)
  lines.raw(arrow)
  lines.ascii(protocol)
  for (let left = PROTOCOL_WIDTH - protocol.length; left >= 0; left--) lines.byte(SPACE)
}
const HASH = 0x23

/** Columns that `place` takes. */
const PLACE = NUMBER_WIDTH + 2 + '06:46:00.123456'.length + 1 + FLOW_WIDTH + 3 + PROTOCOL_WIDTH + 1

function each<R>(output: Output, text: (row: R) => string): RecordFormat<R> {
  return {
    write: rows => {
      for (const row of rows) output.write(text(row))
    },
  }
}

const fitted = (text: string, style: Style): string =>
  style.width === undefined ? text : cut(text, Math.max(1, style.width - PLACE))

export function messageText(output: Output, style: Style): RecordFormat<MessageRow> {
  const inner = style.width === undefined ? style : { ...style, width: Math.max(1, style.width - INDENT.length) }
  const { palette } = style
  const what = { publish: `${painted(palette.bold, 'publish')} `, deliver: `${painted(palette.bold, 'deliver')} ` }
  const arrows = {
    client: constant(` ${painted(palette.client, '→')} `),
    server: constant(` ${painted(palette.server, '←')} `),
  }
  const one = (row: MessageRow, lines: Lines): void => {
    const { message, from, direction, address = '?', contentType } = row
    writePlace(lines, message, row, arrows[from], palette)
    lines.ascii(direction === 'publish' ? what.publish : what.deliver)
    if (style.width === undefined) {
      lines.printable(address)
      lines.ascii('  ')
      lines.ascii(formatBytes(row.size))
      lines.ascii('  ')
      if (contentType !== undefined) {
        lines.printable(contentType)
        lines.ascii('  ')
      }
      lines.ascii(row.whole === false ? 'not whole  frames ' : 'frames ')
      writeSpans(lines, row.frames)
    } else {
      const type = contentType === undefined ? '' : `  ${contentType}`
      const whole = row.whole === false ? '  not whole' : ''
      const rest = `  ${formatBytes(row.size)}${type}${whole}  frames ${spans(row.frames)}`
      lines.text(fitted(printable(address + rest), style))
    }
    lines.byte(NEWLINE)
    for (const text of formatPayload(row.content, inner)) {
      lines.ascii(INDENT)
      lines.text(text)
      lines.byte(NEWLINE)
    }
  }
  return {
    write: rows => {
      for (const row of rows) {
        if (!output.accepts()) continue
        one(row, output.lines)
        output.wrote()
      }
    },
  }
}

/** `12 13-17`: frames that follow each other are named by the first and the last. */
export function spans(numbers: readonly number[]): string {
  if (numbers.length === 1) return String(numbers[0])
  const parts: string[] = []
  for (let at = 0; at < numbers.length; ) {
    let end = at
    while (numbers[end + 1] === (numbers[end] as number) + 1) end++
    parts.push(end === at ? String(numbers[at]) : `${numbers[at]}-${numbers[end]}`)
    at = end + 1
  }
  return parts.join(' ')
}

/** The same, as bytes. */
function writeSpans(lines: Lines, numbers: readonly number[]): void {
  if (numbers.length === 1) lines.number(numbers[0] as number)
  else lines.ascii(spans(numbers))
}

const KIND_WIDTH = 18
const ELAPSED_WIDTH = 8

export const exchangeText = (output: Output, style: Style): RecordFormat<ExchangeRow> =>
  each(output, row => {
    const { palette } = style
    const { exchange, from, kind, key, address, request, reply, elapsedUs, openUs = 0, ok, outcome } = row
    const way = [request, ...stepsOf(row), reply ?? '?'].join('→')
    const about = [key, address].filter(part => part !== undefined && part !== '').join(' ')
    const elapsed = formatDuration((elapsedUs ?? openUs) * 1000).padStart(ELAPSED_WIDTH)
    const paint = reply === null ? palette.warning : ok === false ? palette.error : palette.bold
    const state = reply === null ? 'open' : ok === false ? 'failed' : 'ok'
    const end = `${state}${outcome === undefined ? '' : ` ${outcome}`}`
    const line = `${kind.padEnd(KIND_WIDTH)} ${elapsed}  ${printable(`${end}  ${about}`)}  ${way}`
    return `${place(exchange, row, from, style)}${painted(paint, fitted(line, style))}\n`
  })

/** The frames between; of very many, the first and how many more. */
function stepsOf({ source: { steps = [] } }: ExchangeRow): (number | string)[] {
  const frames = steps.map(({ frame }) => frame)
  return frames.length <= MOST_STEPS
    ? frames
    : [...frames.slice(0, MOST_STEPS - 1), `…${frames.length - MOST_STEPS + 1} more`]
}
const MOST_STEPS = 4

const SEVERITIES: readonly Severity[] = ['error', 'warning', 'note']
const SEVERITY_WIDTH = Math.max(...SEVERITIES.map(({ length }) => length))

/** Why it matters and what to do is the same of all findings of a rule, and told with the first. */
export function findingText(output: Output, style: Style): RecordFormat<FindingRow> {
  const explained = new Set<string>()
  return each(output, ({ severity, finding, flow, frames, message, why, fix }) => {
    const { palette } = style
    const where = `#${flow}${frames.length === 0 ? '' : ` frame${frames.length === 1 ? '' : 's'} ${spans(frames)}`}`
    const head = `${painted(palette[severity], severity.padEnd(SEVERITY_WIDTH))} ${painted(palette.bold, finding)}`
    const paragraph = (name: string, text: string): string =>
      wrapped(`${name}${printable(text)}`, style)
        .map(line => `${line}\n`)
        .join('')
    const told = `${head}  ${painted(palette.dim, where)}\n${paragraph('', message)}`
    if (explained.has(finding)) return told
    explained.add(finding)
    return told + paragraph('why: ', why) + paragraph('fix: ', fix)
  })
}

export const levelText = (output: Output, style: Style): RecordFormat<LevelRow> =>
  each(output, row => {
    const { frame, subject, level, value } = row
    return `${place(frame, row, undefined, style)}${fitted(printable(`${subject}  ${level} ${value}`), style)}\n`
  })

/** A paragraph below a line that begins with a severity. */
export function wrapped(text: string, { width = 100 }: Style): string[] {
  const margin = ' '.repeat(SEVERITY_WIDTH + 1)
  return wrap(text, width - margin.length).map(line => margin + line)
}

/** Breaks text at its spaces, to lines of at most `width` columns where its words allow. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && columns(line) + 1 + columns(word) > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}
