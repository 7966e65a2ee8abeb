import { hex, Reader } from '../core/index.ts'
import { contentFormatName } from './content-formats.ts'
import { type Block, blockBytes, Option, type Oscore, uintBytes } from './option.ts'
import { readOptions } from './option-read.ts'
import { DATAGRAM_OPTIONS, type OptionDefinition, type OptionSpace, reliableSpace } from './option-table.ts'
import { codeByte } from './tables.ts'

/**
 * What a request's or response's options say, by name: what the JSON and filters have beside the list. Opaque values
 * are hexadecimal. Of an option that may stand once, the first counts [RFC 7252 §5.4.5].
 */
export interface OptionFields {
  readonly ifMatch?: readonly string[]
  readonly uriHost?: string
  readonly etag?: readonly string[]
  readonly ifNoneMatch?: true
  /** In a request 0 registers and 1 deregisters; in a notification it tells the order [RFC 7641 §2]. */
  readonly observe?: number
  readonly uriPort?: number
  /** Segments with `/` between; a `/` or `%` within one is `%2F` or `%25`. The other joined fields likewise. */
  readonly locationPath?: string
  readonly oscore?: Oscore
  readonly uriPath?: string
  readonly contentFormat?: number
  readonly contentFormatName?: string
  readonly maxAge?: number
  readonly uriQuery?: string
  readonly hopLimit?: number
  readonly accept?: number
  readonly acceptName?: string
  readonly qBlock1?: Block
  readonly locationQuery?: string
  readonly edhoc?: true
  readonly block2?: Block
  readonly block1?: Block
  readonly size2?: number
  readonly qBlock2?: readonly Block[]
  readonly proxyUri?: string
  readonly proxyScheme?: string
  readonly size1?: number
  readonly echo?: string
  readonly noResponse?: number
  readonly requestTag?: readonly string[]
  readonly ocfAcceptContentFormatVersion?: number
  readonly ocfContentFormatVersion?: number
}

/** What a signalling message's options say [RFC 8323 §5]. */
export interface SignalFields {
  readonly maxMessageSize?: number
  readonly blockWiseTransfer?: true
  readonly extendedTokenLength?: number
  readonly custody?: true
  readonly alternativeAddress?: readonly string[]
  /** Seconds. */
  readonly holdOff?: number
  readonly badCsmOption?: number
}

/** What an option is made of: its bytes, or what its format says. */
export type PlainOption = readonly [number: number | string, value: Uint8Array | string | number | true | Block]

const encoder = new TextEncoder()
const none: Uint8Array = new Uint8Array(0)

/** A message's options in ascending order. Those that were read are taken apart when first asked for. */
export class Options {
  static readonly none = new Options([], none, 0, 0, DATAGRAM_OPTIONS)

  #list: readonly Option[] | undefined
  readonly #bytes: Uint8Array
  readonly #start: number
  readonly #end: number
  readonly #space: OptionSpace
  #fields: (OptionFields & SignalFields) | undefined

  private constructor(
    list: readonly Option[] | undefined,
    bytes: Uint8Array,
    start: number,
    end: number,
    space: OptionSpace,
  ) {
    this.#list = list
    this.#bytes = bytes
    this.#start = start
    this.#end = end
    this.#space = space
  }

  /** Options by number or name, in any order; those with equal numbers stay as they are. */
  static of(options: readonly PlainOption[], code = '0.01'): Options {
    const space = reliableSpace(codeByte(code))
    return Options.from(options.map(([number, value]) => optionOf(number, value, space)))
  }

  static from(options: readonly Option[]): Options {
    const list = [...options].sort((a, b) => a.number - b.number)
    return new Options(list, none, 0, 0, DATAGRAM_OPTIONS)
  }

  /** Reads what stands between a message's token and its payload; a deep reader takes it apart on the way. */
  static read(reader: Reader, length: number, space: OptionSpace): Options {
    if (length === 0) return Options.none
    const { bytes, position: start } = reader
    const end = start + length
    if (!reader.deep) {
      reader.position = end
      return new Options(undefined, bytes, start, end, space)
    }
    const outer = reader.enter(length, 'options')
    reader.begin('options')
    const list = readOptions(reader, space)
    reader.leave(outer)
    reader.done()
    return new Options(list, bytes, start, end, space)
  }

  get list(): readonly Option[] {
    this.#list ??= readOptions(later.openBytes(this.#bytes, this.#start, this.#end), this.#space)
    return this.#list
  }

  get fields(): OptionFields & SignalFields {
    this.#fields ??= lift(this.list)
    return this.#fields
  }

  /** One text of `fields`, without the rest. */
  joined(field: keyof OptionFields): string | undefined {
    let text: string | undefined
    for (const option of this.list) {
      const { definition } = option
      if (definition?.field === field && option.sound) text = join(text, option.value as string, definition)
    }
    return text
  }

  /** The bytes that they came as; none if they were made here. */
  get wire(): Uint8Array | undefined {
    return this.#end > this.#start ? this.#bytes.subarray(this.#start, this.#end) : undefined
  }

  toJSON(): readonly Option[] {
    return this.list
  }
}

const later = new Reader()

function optionOf(key: number | string, value: PlainOption[1], space: OptionSpace): Option {
  const number = typeof key === 'number' ? key : numberOf(key, space)
  return new Option(number, space.options.get(number), bytesOf(value))
}

function numberOf(name: string, { options }: OptionSpace): number {
  for (const [number, definition] of options) if (definition.name === name) return number
  throw new RangeError(`no option is called ${name}`)
}

function bytesOf(value: PlainOption[1]): Uint8Array {
  if (value instanceof Uint8Array) return value
  if (value === true) return none
  if (typeof value === 'number') return uintBytes(value)
  return typeof value === 'string' ? encoder.encode(value) : blockBytes(value)
}

function lift(options: readonly Option[]): OptionFields & SignalFields {
  const fields: Record<string, unknown> = {}
  for (const { definition, sound, value } of options) {
    if (definition === undefined || !sound) continue
    const { field, format, repeatable, separator, meaning } = definition
    // A structure that could not be made out.
    if (value instanceof Uint8Array && format !== 'opaque') continue
    const shown = value instanceof Uint8Array ? hex(value) : value
    const before = fields[field]
    if (separator !== undefined) fields[field] = join(before as string | undefined, shown as string, definition)
    else if (repeatable === true) {
      if (before === undefined) fields[field] = [shown]
      else (before as unknown[]).push(shown)
    } else if (before === undefined) {
      fields[field] = shown
      if (meaning === 'content-format') fields[`${field}Name`] = contentFormatName(shown as number)
    }
  }
  return fields as OptionFields & SignalFields
}

function join(before: string | undefined, value: string, { separator }: OptionDefinition): string {
  if (separator === undefined) return before ?? value
  const part = distinct(value, separator)
  return before === undefined ? part : before + separator + part
}

/** So that the parts of a joined text can be told from each other. */
const distinct = (part: string, separator: string): string =>
  part.includes(separator) || part.includes('%')
    ? part.replaceAll('%', '%25').replaceAll(separator, `%${hex(encoder.encode(separator)).toUpperCase()}`)
    : part
