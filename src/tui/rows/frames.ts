import {
  type AnyCodec,
  type Diagnostic,
  type Field,
  FrameReader,
  frameShape,
  frameToJson,
  secretRanges,
} from '../../../codecs/core/index.ts'
import { frameFields, type Tied } from '../../fields/index.ts'
import { formatEndpoint } from '../../flow.ts'
import { Clock, formatValue, printable, Row } from '../../output/index.ts'
import type { Payloads } from '../../payload/index.ts'
import { span } from '../kit/text.ts'
import type { Kept, Span } from '../model/kept.ts'
import type { Bytes, Column, Kind, Store } from '../model/kind.ts'
import type { Past } from '../model/past.ts'
import type { Tree } from '../model/tree.ts'
import { flowColumn, sideColumn, timeColumn, timeOfDay } from './cells.ts'
import { SEVERITIES } from './findings.ts'

const VALUE_LIMIT = 240
/** Rows that were looked at and are read again soon. */
const READ = 512

/** The frames that are kept, read when somebody looks at them. */
export class FrameStore implements Store<Row> {
  readonly #kept: Kept
  readonly #secrets: boolean
  readonly #tied: (frame: number) => Tied
  readonly #past: Past | undefined
  readonly #read = new Map<number, Row>()
  #clock = new Clock(0n)
  #passing: Row

  /** `tied`: what a frame completed. `past`: those that are no longer kept. */
  constructor(kept: Kept, secrets: boolean, tied: (frame: number) => Tied, past?: Past) {
    this.#kept = kept
    this.#past = past
    this.#secrets = secrets
    this.#tied = tied
    this.#passing = new Row(this.#clock, secrets)
  }

  get clock(): Clock {
    return this.#clock
  }

  start(origin: bigint): void {
    this.#clock = new Clock(origin)
    this.#passing = new Row(this.#clock, this.#secrets)
  }

  get total(): number {
    return this.#kept.total
  }

  get spans(): readonly Span[] {
    const { total } = this.#kept
    return this.#past === undefined || total === 0 ? this.#kept.spans : [{ first: 1, end: total + 1 }]
  }

  get here(): readonly Span[] {
    return this.#kept.spans
  }

  get(number: number): Row | undefined {
    const known = this.#read.get(number)
    if (known !== undefined) return known
    const kept = this.#kept.get(number) ?? this.#past?.get(number)
    if (kept === undefined) return undefined
    if (this.#read.size >= READ) this.#read.clear()
    const row = new Row(this.#clock, this.#secrets).load(number, kept.flow, kept.packet, this.#tied(number))
    this.#read.set(number, row)
    return row
  }

  glance(number: number): Row | undefined {
    const kept = this.#kept.view(number)
    return kept && this.#passing.load(number, kept.flow, kept.packet, this.#tied(number))
  }

  want(number: number): void {
    this.#past?.want(number)
  }

  pin(on: boolean): void {
    if (on) this.#kept.pin()
    else this.#kept.unpin()
  }
}

/** Frames as rows. `store` tells the time. */
export function framesKind(
  codecs: readonly AnyCodec[],
  store: { readonly clock: Clock },
  payloads: Payloads,
): Kind<Row> {
  const reader = new FrameReader()
  const traced = (row: Row): Field => reader.trace(row.codec, row.packet).field
  return {
    id: 'frames',
    title: 'frames',
    columns: COLUMNS,
    fields: frameFields(codecs),
    sign(row) {
      const [first, ...rest] = row.diagnostics
      if (first === undefined) return row.packet.kind === 'frame' ? undefined : SEVERITIES.error
      const worst = rest.reduce((worst, { severity }) => {
        return SEVERITIES[severity].rank > SEVERITIES[worst].rank ? severity : worst
      }, first.severity)
      return SEVERITIES[worst]
    },
    details: row => [
      envelope(row, store.clock),
      ...(row.packet.kind === 'frame' ? [fieldTree(traced(row), row.secrets)] : []),
      ...diagnosticTrees(row.diagnostics),
    ],
    bytes(row): Bytes {
      const hidden = row.packet.kind === 'frame' && !row.secrets ? secretRanges(traced(row)) : []
      return { bytes: row.packet.bytes, hidden }
    },
    body(row) {
      const bytes = bodyOf(row)
      return bytes && { bytes, content: payloads.decode({ bytes }) }
    },
    flow: row => row.flow,
    frames: row => [row.number],
    json: row => ({
      frame: row.number,
      ...(row.packet.record === 0 ? {} : { packet: row.packet.record }),
      time: row.time,
      flow: row.flow.id,
      from: row.from,
      protocol: row.protocol,
      type: row.type,
      length: row.packet.length,
      summary: row.title,
      ...(row.frame === undefined ? {} : { [row.codec.id]: frameToJson(row.codec, row.frame, row) }),
      ...(row.diagnostics.length === 0 ? {} : { diagnostics: row.diagnostics }),
    }),
  }
}

const COLUMNS: readonly Column<Row>[] = [
  {
    title: 'No.',
    width: 7,
    right: true,
    cell: row => span(String(row.number), 'dim'),
    key: row => row.number,
  },
  timeColumn(
    ({ packet }) => packet.time,
    ({ clock }) => clock,
  ),
  flowColumn(({ flow }) => flow.id),
  sideColumn(({ from }) => from),
  { title: 'Protocol', width: 8, spare: 3, cell: row => span(row.protocol), key: row => row.protocol },
  {
    title: 'Type',
    width: 18,
    cell: row => span(printable(row.type), row.packet.kind === 'frame' ? 'bold' : 'error'),
    key: row => row.type,
  },
  {
    title: 'Length',
    width: 7,
    right: true,
    spare: 1,
    cell: row => span(String(row.packet.length)),
    key: row => row.packet.length,
  },
  { title: 'Info', width: 12, grow: true, cell: row => span(printable(row.summary)), key: row => row.summary },
]

function envelope(row: Row, clock: Clock): Tree {
  const { packet, flow } = row
  const to = row.from === 'client' ? 'server' : 'client'
  const from = flow[row.from]
  const length = packet.length === packet.end - packet.start ? '' : `, ${packet.end - packet.start} of them kept`
  return {
    name: 'frame',
    value: `${row.number}, ${formatEndpoint(from)} → ${formatEndpoint(flow[to])}, ${packet.length} bytes`,
    folded: true,
    children: [
      { name: 'time', value: `${timeOfDay(clock, packet.time)} (${clock.iso(packet.time)})` },
      { name: 'flow', value: String(flow.id) },
      { name: 'from', value: `${row.from} ${formatEndpoint(from)}` },
      { name: 'protocol', value: row.protocol },
      { name: 'length', value: `${packet.length} bytes${length}` },
      { name: 'offset', value: `byte ${packet.offset} of what the ${row.from} sent` },
      ...(packet.record === 0 ? [] : [{ name: 'packet', value: String(packet.record) }]),
    ],
  }
}

/** The tree that reading named, as `--format tree` shows it. */
function fieldTree(field: Field, secrets: boolean): Tree {
  const { name, start, end, mask, children } = field
  const value = formatValue(field, secrets, VALUE_LIMIT)
  return {
    name: printable(name),
    value,
    start,
    end,
    mask,
    look: field.secret === true ? 'warning' : undefined,
    children: children?.map(child => fieldTree(child, secrets)),
  }
}

function diagnosticTrees(diagnostics: readonly Diagnostic[]): Tree[] {
  return diagnostics.map(({ severity, code, message, rule, start, end }) => ({
    name: `${SEVERITIES[severity].text} ${severity} ${code}`,
    value: printable(rule === undefined ? message : `${message} (${rule})`),
    look: severity,
    start,
    end,
  }))
}

/** The longest run of bytes among a frame's own fields: payload, body. */
function bodyOf(row: Row): Uint8Array | undefined {
  const { frame, packet } = row
  if (frame === undefined) return packet.kind === 'malformed' ? packet.bytes : undefined
  const values = frame as unknown as Readonly<Record<string, unknown>>
  let longest: Uint8Array | undefined
  for (const [name, shape] of Object.entries(frameShape(row.codec, row.type)?.fields ?? {})) {
    const value = values[name]
    if (shape.kind !== 'bytes' || (shape.secret === true && !row.secrets) || !(value instanceof Uint8Array)) continue
    if (value.length > (longest?.length ?? 0)) longest = value
  }
  return longest
}
