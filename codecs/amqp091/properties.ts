import { Reader, type Writer } from '../core/index.ts'
import { type Named, readValue, type Value, writeValue } from './arguments.ts'
import type { Table } from './field-table.ts'
import type { Text } from './strings.ts'
import { properties } from './tables.ts'
import { timeOf } from './time.ts'

/** What a message says of itself [1.8.2]. All may be absent. */
export interface Properties {
  readonly contentType?: Text | undefined
  readonly contentEncoding?: Text | undefined
  readonly headers?: Table | undefined
  /** 1 transient, 2 persistent. */
  readonly deliveryMode?: number | undefined
  readonly priority?: number | undefined
  readonly correlationId?: Text | undefined
  readonly replyTo?: Text | undefined
  readonly expiration?: Text | undefined
  readonly messageId?: Text | undefined
  /** As sent: seconds by the specification, milliseconds and worse in practice. See `timeOf`. */
  readonly timestamp?: number | bigint | undefined
  readonly type?: Text | undefined
  readonly userId?: Text | undefined
  readonly appId?: Text | undefined
  readonly clusterId?: Text | undefined
}

/** Set in a flags word that another follows. No property is defined that far. */
const CONTINUES = 0x0001
const UNASSIGNED = 0x0002

interface Row extends Named {
  readonly name: keyof Properties
  readonly flag: number
}

const rows: readonly Row[] = Object.entries(properties).map(([name, type], at) => ({
  name: name as keyof Properties,
  lengthName: `${name}Length`,
  type,
  flag: 0x8000 >> at,
}))

/** For what is read after its frame. Reading properties asks for no other properties, so one will do. */
const later = new Reader()

/**
 * The properties of a message off the wire: taken apart when the first is asked for, written back as they came.
 * To change one, spread `values`; the properties themselves are getters, which a spread does not see.
 */
export class WireProperties implements Properties {
  readonly #bytes: Uint8Array
  readonly #start: number
  readonly #end: number
  #values: Properties | undefined

  constructor(bytes: Uint8Array, start: number, end: number, values?: Properties) {
    this.#bytes = bytes
    this.#start = start
    this.#end = end
    this.#values = values
  }

  get values(): Properties {
    if (this.#values === undefined) this.#values = parse(later.openBytes(this.#bytes, this.#start, this.#end))
    return this.#values
  }

  /** Flags and values as they came. */
  get wire(): Uint8Array {
    return this.#bytes.subarray(this.#start, this.#end)
  }

  toJSON(): Properties {
    return this.values
  }

  get contentType(): Text | undefined {
    return this.values.contentType
  }
  get contentEncoding(): Text | undefined {
    return this.values.contentEncoding
  }
  get headers(): Table | undefined {
    return this.values.headers
  }
  get deliveryMode(): number | undefined {
    return this.values.deliveryMode
  }
  get priority(): number | undefined {
    return this.values.priority
  }
  get correlationId(): Text | undefined {
    return this.values.correlationId
  }
  get replyTo(): Text | undefined {
    return this.values.replyTo
  }
  get expiration(): Text | undefined {
    return this.values.expiration
  }
  get messageId(): Text | undefined {
    return this.values.messageId
  }
  get timestamp(): number | bigint | undefined {
    return this.values.timestamp
  }
  get type(): Text | undefined {
    return this.values.type
  }
  get userId(): Text | undefined {
    return this.values.userId
  }
  get appId(): Text | undefined {
    return this.values.appId
  }
  get clusterId(): Text | undefined {
    return this.values.clusterId
  }
}

/** Properties as far as the section that the reader is in. */
export function readProperties(reader: Reader): WireProperties {
  const start = reader.position
  const end = reader.limit
  if (!reader.deep) {
    reader.position = end
    return new WireProperties(reader.bytes, start, end)
  }
  reader.begin('properties')
  const values = parse(reader)
  const outer = reader.enter(reader.remaining, 'properties')
  reader.leave(outer)
  reader.done()
  return new WireProperties(reader.bytes, start, end, values)
}

function parse(reader: Reader): Properties {
  const flags = reader.u16('propertyFlags')
  if ((flags & UNASSIGNED) !== 0) reader.flag('warning', 'unknown-property', 'flag 0x0002 has no meaning', '4.2.6.1')
  for (let more = flags; (more & CONTINUES) !== 0; more = reader.u16('propertyFlags')) {
    reader.flag('warning', 'unknown-property', 'flags go on, for properties that nobody defined', '4.2.6.1')
  }
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at] as Row
    if ((flags & row.flag) === 0) {
      slots[at] = undefined
      continue
    }
    const value = readValue(reader, row)
    slots[at] = value
    if (reader.traced) reader.label(meaning(row.name, value))
  }
  return named(slots as Partial<InOrder>)
}

/** Where the values being read are gathered. Never holds two: no property has properties of its own. */
const slots: (Value | undefined)[] = rows.map(() => undefined)

/** One shape for all, whichever properties there are. */
type InOrder = [Text, Text, Table, number, number, Text, Text, Text, Text, number | bigint, Text, Text, Text, Text]
const named = (values: Partial<InOrder>): Properties => ({
  contentType: values[0],
  contentEncoding: values[1],
  headers: values[2],
  deliveryMode: values[3],
  priority: values[4],
  correlationId: values[5],
  replyTo: values[6],
  expiration: values[7],
  messageId: values[8],
  timestamp: values[9],
  type: values[10],
  userId: values[11],
  appId: values[12],
  clusterId: values[13],
})

function meaning(name: keyof Properties, value: Value): string | undefined {
  if (name === 'timestamp') return timeOf(value as number | bigint)?.toISOString()
  return name === 'deliveryMode' ? deliveryModes[value as number] : undefined
}

const deliveryModes: readonly (string | undefined)[] = [undefined, 'transient', 'persistent']

export function writeProperties(writer: Writer, from: Properties): void {
  if (from instanceof WireProperties) {
    writer.raw(from.wire)
    return
  }
  const at = writer.position
  let flags = 0
  writer.u16(0)
  for (const { name, type, flag } of rows) {
    const value = from[name]
    if (value === undefined) continue
    flags |= flag
    writeValue(writer, type, value)
  }
  writer.patch16(at, flags)
}
