import type { Exchange } from '../../codecs/core/index.ts'
import type { ExchangeRow } from '../fields/index.ts'
import { type Flow, formatEndpoint, protocolOf } from '../flow.ts'
import type { Clock } from './clock.ts'
import { formatBytes, formatDuration } from './clock.ts'
import { printable } from './escape.ts'
import type { Output } from './output.ts'
import type { Row } from './row.ts'
import { type Paint, painted, type Style } from './style.ts'
import type { View } from './view.ts'
import { columns, cut } from './width.ts'

const NUMBER_WIDTH = 6
/** `06:46:00.123456     12  ` */
const MARGIN = '06:46:00.123456'.length + 1 + NUMBER_WIDTH + 2
/** What stands to the right of the ladder: ` 412 µs since 12`. */
const NOTE = 26
const WIDTH = 120
const NARROWEST = 30

/**
 * A ladder: client to the left, server to the right, a rung a frame. Beside the frame that answers stands what it answers
 * and how long that took.
 */
export class SequenceView implements View {
  readonly needs = 'meaning'
  readonly #output: Output
  readonly #style: Style
  readonly #clock: () => Clock
  readonly #lane: number
  #flow: Flow | undefined
  /** Requests that nobody answered, told when their flow ends. */
  readonly #open = new Map<Flow, Open>()

  constructor(output: Output, style: Style, clock: () => Clock) {
    this.#output = output
    this.#style = style
    this.#clock = clock
    this.#lane = Math.max(NARROWEST, (style.width ?? WIDTH) - MARGIN - NOTE - 2)
  }

  row(row: Row): void {
    if (row.flow !== this.#flow) {
      this.#flow = row.flow
      this.#head(row.flow)
    }
    const { palette } = this.#style
    const time = this.#clock().timeOfDay(row.packet.time)
    const margin = painted(palette.dim, `${time} ${String(row.number).padStart(NUMBER_WIDTH)}  `)
    const ended = (row.tied?.exchange ?? []) as readonly ExchangeRow[]
    this.#output.write(`${margin}│${this.#rung(row)}│${this.#note(ended)}\n`)
  }

  exchange(flow: Flow, exchange: Exchange, _number: number, now?: number): boolean {
    if (now === undefined) return false
    const open = this.#open.get(flow) ?? { said: [], more: 0 }
    this.#open.set(flow, open)
    if (open.said.length < MOST_OPEN) open.said.push(openLine(exchange, now))
    else open.more++
    return false
  }

  closed(flow: Flow): void {
    const open = this.#open.get(flow)
    if (open === undefined) return
    this.#open.delete(flow)
    const { palette } = this.#style
    const more = open.more === 0 ? [] : [`… and ${open.more} more`]
    const lines = [...open.said, ...more].map(line => `  ${painted(palette.warning, line)}\n`)
    this.#output.write(`flow ${flow.id}: not answered\n${lines.join('')}`)
  }

  finish(): void {
    for (const flow of [...this.#open.keys()]) this.closed(flow)
  }

  #head(flow: Flow): void {
    const { palette } = this.#style
    const [client, server] = [flow.client, flow.server].map(formatEndpoint) as [string, string]
    const space = Math.max(1, this.#lane + 2 - columns(client) - columns(server))
    const title = `flow ${flow.id} ${protocolOf(flow)}`
    const ends = `${' '.repeat(Math.max(1, MARGIN - columns(title)))}${client}${' '.repeat(space)}${server}`
    this.#output.write(`${painted(palette.bold, title + ends)}\n`)
  }

  /** `── basic.publish orders/eu.new 61 B ───▶` */
  #rung({ packet, title }: Row): string {
    const { palette } = this.#style
    const lane = this.#lane
    if (packet.kind === 'gap') return painted(palette.warning, centred(`${title}`, lane, '·'))
    const text = ` ${cut(printable(`${title}  ${formatBytes(packet.length)}`), lane - 6)} `
    const rest = '─'.repeat(Math.max(1, lane - columns(text) - 3))
    const paint =
      packet.kind === 'malformed' ? palette.error : packet.side === 'client' ? palette.client : palette.server
    return painted(paint, packet.side === 'client' ? `──${text}${rest}▶` : `◀${rest}${text}──`)
  }

  /** ` 412 µs since 12`, in the colour of how it ended; of several the first, and how many there are. */
  #note(ended: readonly ExchangeRow[]): string {
    const answered = ended.filter(({ reply }) => reply !== null)
    const [first] = answered
    if (first === undefined) return ''
    const { palette } = this.#style
    const elapsed = formatDuration((first.elapsedUs ?? 0) * 1000)
    const more = answered.length > 1 ? ` (+${answered.length - 1})` : ''
    const paint: Paint = first.ok === false ? palette.error : palette.dim
    const why = first.ok === false ? ` ${printable(first.outcome ?? 'failed')}` : ''
    return painted(paint, cut(` ${elapsed} since ${first.request}${more}${why}`, NOTE))
  }
}

interface Open {
  readonly said: string[]
  more: number
}
const MOST_OPEN = 50

function openLine({ kind, key, address = '', request, started }: Exchange, now: number): string {
  const about = [kind, key, printable(address)].filter(part => part !== '').join(' ')
  return `frame ${request}: ${about}, open for ${formatDuration(now - started)}`
}

function centred(text: string, width: number, fill: string): string {
  const shown = ` ${cut(text, width - 4)} `
  const left = Math.floor((width - columns(shown)) / 2)
  return `${fill.repeat(left)}${shown}${fill.repeat(Math.max(0, width - columns(shown) - left))}`
}
