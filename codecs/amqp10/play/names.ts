import { concat, type PlayOptions, Reader, utf8, Writer } from '../../core/index.ts'
import { writeObject } from '../compose.ts'
import { readDescriptor, readObject } from '../composite.ts'
import type { Attach, Properties } from '../frames.ts'
import { sectionAt } from '../message.ts'
import { fieldAt } from '../peek.ts'
import { rowNamed } from '../schema.ts'
import { dataEnd, skip } from '../types.ts'
import { Value } from '../value.ts'

/** Nodes that a peer made up: an address for replies is one connection's, and used on others [3.5.3]. */
const NODE = 'amqp10 node'
const PROPERTIES = 0x73
/** Their places in a message's properties [3.2.4]. */
const TO = 2
const REPLY_TO = 4
const STR8 = 0xa1
const STR32 = 0xb1

/** What things are called in this run. */
export class Names {
  readonly #options: PlayOptions
  readonly #writer = new Writer(256)

  constructor(options: PlayOptions) {
    this.#options = options
  }

  address(recorded: string): string {
    return String(this.#options.names.live(NODE, recorded) ?? this.#options.address(recorded))
  }

  /** The peer made up a name then, and another now. */
  learn(then: string | undefined, now: string | undefined): void {
    if (then !== undefined && now !== undefined) this.#options.names.learn(NODE, then, now)
  }

  /** A name of our own making, which copies must not share. */
  own(name: string): string {
    const { copy } = this.#options
    return copy === 0 || name === '' ? name : `${name}-${copy}`
  }

  attach(frame: Attach): Attach {
    const [source, target] = [this.#terminus(frame.source), this.#terminus(frame.target)]
    return source === frame.source && target === frame.target ? frame : { ...frame, source, target }
  }

  #terminus<T extends Attach['source']>(terminus: T): T {
    if (terminus === undefined || terminus instanceof Value || !('address' in terminus)) return terminus
    const { address } = terminus
    const live = address === undefined ? undefined : this.address(address)
    return live === address ? terminus : { ...terminus, address: live }
  }

  /** A message, or the beginning of one, with its `to` and `reply-to`; itself where they are what they were. */
  content(bytes: Uint8Array): Uint8Array {
    const at = propertiesAt(bytes)
    if (at < 0) return bytes
    const [to, replyTo] = [this.#renamed(bytes, at, TO), this.#renamed(bytes, at, REPLY_TO)]
    if (to === undefined && replyTo === undefined) return bytes
    const row = rowNamed('properties')
    const end = skip(bytes, at, bytes.length)
    const reader = new Reader().openBytes(bytes, at, end)
    readDescriptor(reader, row.name)
    const properties = readObject(reader, row, {}) as Properties
    const changed = { ...properties, to: to ?? properties.to, replyTo: replyTo ?? properties.replyTo }
    writeObject(this.#writer, row, changed, new Reader().openBytes(bytes, at, end))
    return concat([bytes.subarray(0, at), this.#writer.take(), bytes.subarray(end)])
  }

  #renamed(bytes: Uint8Array, at: number, field: number): string | undefined {
    const recorded = stringAt(bytes, at, field)
    if (recorded === undefined || recorded === '') return undefined
    const live = this.address(recorded)
    return live === recorded ? undefined : live
  }
}

/** Where a message says that replies are to go. */
export function replyToOf(bytes: Uint8Array): string | undefined {
  const at = propertiesAt(bytes)
  return at < 0 ? undefined : stringAt(bytes, at, REPLY_TO)
}

/** Where its properties stand; -1 where there are none, or not all of them. */
function propertiesAt(bytes: Uint8Array): number {
  const end = bytes.length
  for (let at = 0; at >= 0 && at < end; at = skip(bytes, at, end)) {
    const section = sectionAt(bytes, at, end)
    if (section === PROPERTIES) return skip(bytes, at, end) < 0 ? -1 : at
    if (section === 0 || section > PROPERTIES) return -1
  }
  return -1
}

function stringAt(bytes: Uint8Array, properties: number, field: number): string | undefined {
  const at = fieldAt(bytes, properties, bytes.length, field)
  const code = bytes[at]
  if (at < 0 || (code !== STR8 && code !== STR32)) return undefined
  const end = dataEnd(bytes, code, at + 1, bytes.length)
  return end > bytes.length ? undefined : utf8(bytes, at + (code === STR8 ? 2 : 5), end)
}
