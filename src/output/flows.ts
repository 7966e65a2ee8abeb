import type { AnyCodec, CarrierStatus, FieldShape } from '../../codecs/core/index.ts'
import { type Fields, objectFields } from '../fields/index.ts'
import { type BySide, type Ending, type Flow, formatEndpoint, protocolOf } from '../flow.ts'
import { type Clock, formatBytes, formatDuration } from './clock.ts'
import { printable } from './escape.ts'
import type { RecordFormat } from './record.ts'
import type { Column } from './table.ts'
import type { View } from './view.ts'

/** What is told of one connection. */
export interface FlowRow {
  readonly flow: number
  /** Of a carrier where what it carries cannot be told: `tls`, `http`. `unknown` where the bytes are none of ours. */
  readonly protocol: string
  /** What carries it, from the outside in. */
  readonly carriers?: readonly CarrierStatus[]
  readonly client: string
  readonly server: string
  readonly start: string
  readonly end: string
  readonly durationUs: number
  readonly frames: BySide<number>
  readonly bytes: BySide<number>
  /** The client's software, as it names itself. */
  readonly product?: string
  readonly serverProduct?: string
  readonly protocolVersion?: string
  readonly clientId?: string
  readonly user?: string
  readonly virtualHost?: string
  /** Runs of bytes that fit no frame. */
  readonly malformed: number
  /** Bytes that were sent but not captured. */
  readonly lost: number
  /** `open` where it was still going on. */
  readonly ending: Ending | 'open'
}

const text: FieldShape = { kind: 'text' }
const uint: FieldShape = { kind: 'uint' }
const bySide: FieldShape = { kind: 'object', fields: { client: uint, server: uint } }

const SHAPES: Readonly<Record<keyof FlowRow, FieldShape>> = {
  flow: uint,
  protocol: text,
  carriers: {
    kind: 'list',
    fields: { name: text, subprotocol: text, serverName: text, cipher: text, opaque: text, fault: text },
  },
  client: text,
  server: text,
  start: { kind: 'time' },
  end: { kind: 'time' },
  durationUs: { kind: 'uint', unit: 'us' },
  frames: bySide,
  bytes: bySide,
  product: text,
  serverProduct: text,
  protocolVersion: text,
  clientId: text,
  user: text,
  virtualHost: text,
  malformed: uint,
  lost: uint,
  ending: text,
}

export const flowColumns: readonly string[] = Object.keys(SHAPES)

/** What filters know of connections. */
export const flowFields = (codecs: readonly AnyCodec[]): Fields<FlowRow> =>
  objectFields(SHAPES, [...new Set(codecs.map(({ id }) => id))])

export function flowRow(flow: Flow, clock: Clock): FlowRow {
  const { client, server } = flow.facts
  const { product: _, ...rest } = { ...server, ...client }
  return {
    flow: flow.id,
    protocol: protocolOf(flow),
    ...(flow.carriers.length === 0 ? {} : { carriers: flow.carriers }),
    client: formatEndpoint(flow.client),
    server: formatEndpoint(flow.server),
    start: clock.iso(flow.started),
    end: clock.iso(flow.ended),
    durationUs: Math.round((flow.ended - flow.started) / 1000),
    frames: { ...flow.frames },
    bytes: { ...flow.bytes },
    ...(client.product === undefined ? {} : { product: client.product }),
    ...(server.product === undefined ? {} : { serverProduct: server.product }),
    ...rest,
    malformed: flow.malformed,
    lost: flow.lost,
    ending: flow.ending ?? 'open',
  }
}

/** `mqtt in WebSocket in TLS 1.3`, `tls (no keys)`. */
function describe({ protocol, carriers = [] }: FlowRow): string {
  const notes = carriers.flatMap(({ opaque, fault }) => opaque ?? fault ?? [])
  const names = [protocol, ...carriers.map(({ name }) => name).reverse()]
  const [own, ...rest] = names.filter((name, at) => at === 0 || !name.toLowerCase().startsWith(protocol))
  return [own, ...rest].join(' in ') + (notes.length === 0 ? '' : ` (${notes.join('; ')})`)
}

/** Connections held to be put in order: so many, and no more, however many there are. */
const BATCH = 100_000
/** Rows written at once: a row takes several times the memory of its connection. */
const ROWS = 10_000

/** One row a connection, sorted by flow: all of them at the end, or, where there are very many, in batches. */
export class FlowsView implements View {
  readonly needs = 'frames'
  readonly #format: RecordFormat<FlowRow>
  readonly #batch: number
  readonly #clock: () => Clock
  readonly #open = new Map<number, Flow>()
  #held: Flow[] = []

  constructor(format: RecordFormat<FlowRow>, clock: () => Clock, batch = BATCH) {
    this.#format = format
    this.#clock = clock
    this.#batch = batch
  }

  open(): void {
    this.#format.open?.()
  }

  opened(flow: Flow): void {
    this.#open.set(flow.id, flow)
  }

  closed(flow: Flow): void {
    this.#open.delete(flow.id)
    this.#hold(flow)
  }

  finish(): void {
    for (const flow of this.#open.values()) this.#hold(flow)
    this.#emit()
    this.#format.close?.()
  }

  #hold(flow: Flow): void {
    this.#held.push(flow)
    if (this.#held.length >= this.#batch) this.#emit()
  }

  #emit(): void {
    const flows = this.#held.sort((a, b) => a.id - b.id)
    this.#held = []
    const clock = this.#clock()
    for (let at = 0; at < flows.length; at += ROWS) {
      this.#format.write(flows.slice(at, at + ROWS).map(flow => flowRow(flow, clock)))
    }
  }
}

export const flowTable: readonly (Column & { readonly cell: (row: FlowRow) => string })[] = [
  { title: 'FLOW', right: true, cell: row => String(row.flow) },
  { title: 'PROTOCOL', cell: row => printable(describe(row)) },
  { title: 'CLIENT', cell: row => row.client },
  { title: 'SERVER', cell: row => row.server },
  { title: 'START', cell: row => row.start.slice(row.start.indexOf('T') + 1, -4) },
  { title: 'DURATION', right: true, cell: row => formatDuration(row.durationUs * 1000) },
  { title: 'FRAMES →', right: true, cell: row => String(row.frames.client) },
  { title: '←', right: true, cell: row => String(row.frames.server) },
  { title: 'BYTES →', right: true, cell: row => formatBytes(row.bytes.client) },
  { title: '←', right: true, cell: row => formatBytes(row.bytes.server) },
  { title: 'ENDING', cell: row => row.ending },
  { title: 'MALFORMED', right: true, cell: row => (row.malformed === 0 ? '' : String(row.malformed)) },
  { title: 'LOST', right: true, cell: row => (row.lost === 0 ? '' : formatBytes(row.lost)) },
  { title: 'PRODUCT', cell: row => printable(row.product ?? '') },
]
