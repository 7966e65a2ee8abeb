import type { AnyCodec } from '../codecs/core/index.ts'
import { codecs } from '../codecs/index.ts'
import { EXIT } from './failure.ts'
import { type Column, Output, painted, styleFor, table } from './output/index.ts'

/** What is supported of one protocol. */
export interface ProtocolRow {
  readonly id: string
  readonly name: string
  readonly spec: string
  readonly transport: AnyCodec['transport']
  readonly ports: readonly number[]
  readonly schemes: readonly string[]
  readonly types: readonly string[]
  /** What is done with it beyond reading and writing its frames. */
  readonly able: readonly string[]
}

function protocolRow(codec: AnyCodec): ProtocolRow {
  return {
    id: codec.id,
    name: codec.name,
    spec: codec.spec,
    transport: codec.transport,
    ports: codec.ports,
    schemes: codec.schemes.map(({ scheme }) => scheme),
    types: Object.keys(codec.frames),
    able: ABILITIES.filter(([, has]) => has(codec)).map(([name]) => name),
  }
}

const ABILITIES: readonly (readonly [string, (codec: AnyCodec) => boolean])[] = [
  ['resynchronise', codec => codec.resync !== undefined],
  ['destination', codec => codec.destination !== undefined],
  ['facts', codec => codec.facts !== undefined],
  ['replay', codec => codec.play !== undefined],
  ['mock', codec => codec.mock !== undefined],
]

const COLUMNS: readonly (Column & { readonly cell: (row: ProtocolRow) => string })[] = [
  { title: 'ID', cell: row => row.id },
  { title: 'PROTOCOL', cell: row => row.name },
  { title: 'PORTS', cell: row => row.ports.join(' ') },
  { title: 'SCHEMES', cell: row => row.schemes.join(' ') },
  { title: 'TYPES', right: true, cell: row => String(row.types.length) },
  { title: 'SPECIFICATION', cell: row => row.spec },
]

export interface ProtocolsRequest {
  readonly json: boolean
  readonly format: 'text' | 'ndjson' | 'json'
  readonly 'no-color': boolean
}

/** Lists what is supported, and how far. Returns the exit code. */
export async function protocols(request: ProtocolsRequest): Promise<number> {
  const rows = codecs.map(protocolRow)
  const output = new Output(1)
  const format = request.json ? 'ndjson' : request.format
  if (format === 'ndjson') for (const row of rows) output.write(`${JSON.stringify(row)}\n`)
  else if (format === 'json') output.write(`${JSON.stringify(rows, null, 2)}\n`)
  else {
    const style = styleFor(process.stdout, request['no-color'])
    const cells = rows.map(row => COLUMNS.map(({ cell }) => cell(row)))
    output.write(table(COLUMNS, cells, style))
    for (const row of rows) {
      output.write(`\n${painted(style.palette.bold, row.name)} (${row.id})\n  ${row.types.join(' ')}\n`)
    }
  }
  await output.end()
  return EXIT.done
}
