import type { TimeUnit } from '../core/index.ts'

/** How an option's value is written [RFC 7252 §3.2]; a block and OSCORE have a structure of their own. */
export type OptionFormat = 'empty' | 'opaque' | 'uint' | 'string' | 'block' | 'oscore'

export interface OptionDefinition {
  readonly name: string
  /** What the frame, the JSON and filters call it. */
  readonly field: string
  readonly format: OptionFormat
  /** Length of the value, in bytes. */
  readonly min: number
  readonly max: number
  /** May stand in a message more than once. */
  readonly repeatable?: boolean
  /** Repeated, the values are parts of one text with this between them. */
  readonly separator?: string
  /** What the number counts. */
  readonly unit?: TimeUnit
  /** What a value stands for. */
  readonly meaning?: 'content-format' | 'no-response'
  /** Where it is defined. */
  readonly section: string
}

/** The options that a message's code brings with it: signalling messages number theirs anew. */
export interface OptionSpace {
  readonly options: ReadonlyMap<number, OptionDefinition>
  /** Where an unknown critical option is forbidden. */
  readonly rule: string
  /** Block sizes above 1024, in messages over a reliable transport [RFC 8323 §6]. */
  readonly bert: boolean
  /** Whether proxies pass them on: signalling goes no further than the peer. */
  readonly forwarded: boolean
}

type Table = Readonly<Record<number, OptionDefinition>>

/** IANA, "CoAP Option Numbers". */
const OPTIONS: Table = {
  1: {
    name: 'If-Match',
    field: 'ifMatch',
    format: 'opaque',
    min: 0,
    max: 8,
    repeatable: true,
    section: 'RFC 7252 §5.10.8.1',
  },
  3: { name: 'Uri-Host', field: 'uriHost', format: 'string', min: 1, max: 255, section: 'RFC 7252 §5.10.1' },
  4: { name: 'ETag', field: 'etag', format: 'opaque', min: 1, max: 8, repeatable: true, section: 'RFC 7252 §5.10.6' },
  5: { name: 'If-None-Match', field: 'ifNoneMatch', format: 'empty', min: 0, max: 0, section: 'RFC 7252 §5.10.8.2' },
  6: { name: 'Observe', field: 'observe', format: 'uint', min: 0, max: 3, section: 'RFC 7641 §2' },
  7: { name: 'Uri-Port', field: 'uriPort', format: 'uint', min: 0, max: 2, section: 'RFC 7252 §5.10.1' },
  8: {
    name: 'Location-Path',
    field: 'locationPath',
    format: 'string',
    min: 0,
    max: 255,
    repeatable: true,
    separator: '/',
    section: 'RFC 7252 §5.10.7',
  },
  9: { name: 'OSCORE', field: 'oscore', format: 'oscore', min: 0, max: 255, section: 'RFC 8613 §2' },
  11: {
    name: 'Uri-Path',
    field: 'uriPath',
    format: 'string',
    min: 0,
    max: 255,
    repeatable: true,
    separator: '/',
    section: 'RFC 7252 §5.10.1',
  },
  12: {
    name: 'Content-Format',
    field: 'contentFormat',
    format: 'uint',
    min: 0,
    max: 2,
    meaning: 'content-format',
    section: 'RFC 7252 §5.10.3',
  },
  14: { name: 'Max-Age', field: 'maxAge', format: 'uint', unit: 's', min: 0, max: 4, section: 'RFC 7252 §5.10.5' },
  15: {
    name: 'Uri-Query',
    field: 'uriQuery',
    format: 'string',
    min: 0,
    max: 255,
    repeatable: true,
    separator: '&',
    section: 'RFC 7252 §5.10.1',
  },
  16: { name: 'Hop-Limit', field: 'hopLimit', format: 'uint', min: 1, max: 1, section: 'RFC 8768 §3' },
  17: {
    name: 'Accept',
    field: 'accept',
    format: 'uint',
    min: 0,
    max: 2,
    meaning: 'content-format',
    section: 'RFC 7252 §5.10.4',
  },
  19: { name: 'Q-Block1', field: 'qBlock1', format: 'block', min: 0, max: 3, section: 'RFC 9177 §4.1' },
  20: {
    name: 'Location-Query',
    field: 'locationQuery',
    format: 'string',
    min: 0,
    max: 255,
    repeatable: true,
    separator: '&',
    section: 'RFC 7252 §5.10.7',
  },
  21: { name: 'EDHOC', field: 'edhoc', format: 'empty', min: 0, max: 0, section: 'RFC 9668 §3.1' },
  23: { name: 'Block2', field: 'block2', format: 'block', min: 0, max: 3, section: 'RFC 7959 §2.1' },
  27: { name: 'Block1', field: 'block1', format: 'block', min: 0, max: 3, section: 'RFC 7959 §2.1' },
  28: { name: 'Size2', field: 'size2', format: 'uint', min: 0, max: 4, section: 'RFC 7959 §4' },
  31: {
    name: 'Q-Block2',
    field: 'qBlock2',
    format: 'block',
    min: 0,
    max: 3,
    repeatable: true,
    section: 'RFC 9177 §4.1',
  },
  35: { name: 'Proxy-Uri', field: 'proxyUri', format: 'string', min: 1, max: 1034, section: 'RFC 7252 §5.10.2' },
  39: { name: 'Proxy-Scheme', field: 'proxyScheme', format: 'string', min: 1, max: 255, section: 'RFC 7252 §5.10.2' },
  60: { name: 'Size1', field: 'size1', format: 'uint', min: 0, max: 4, section: 'RFC 7252 §5.10.9' },
  252: { name: 'Echo', field: 'echo', format: 'opaque', min: 1, max: 40, section: 'RFC 9175 §2.2.1' },
  258: {
    name: 'No-Response',
    field: 'noResponse',
    format: 'uint',
    min: 0,
    max: 1,
    meaning: 'no-response',
    section: 'RFC 7967 §2',
  },
  292: {
    name: 'Request-Tag',
    field: 'requestTag',
    format: 'opaque',
    min: 0,
    max: 8,
    repeatable: true,
    section: 'RFC 9175 §3.2.1',
  },
  2049: {
    name: 'OCF-Accept-Content-Format-Version',
    field: 'ocfAcceptContentFormatVersion',
    format: 'uint',
    min: 0,
    max: 2,
    section: 'OCF Core Specification',
  },
  2053: {
    name: 'OCF-Content-Format-Version',
    field: 'ocfContentFormatVersion',
    format: 'uint',
    min: 0,
    max: 2,
    section: 'OCF Core Specification',
  },
}

const CUSTODY: Table = {
  2: { name: 'Custody', field: 'custody', format: 'empty', min: 0, max: 0, section: 'RFC 8323 §5.4.1' },
}

/** By the detail of the signalling code; other details have no options yet. */
const SIGNAL_OPTIONS: Readonly<Record<number, Table>> = {
  1: {
    2: {
      name: 'Max-Message-Size',
      field: 'maxMessageSize',
      format: 'uint',
      min: 0,
      max: 4,
      section: 'RFC 8323 §5.3.1',
    },
    4: {
      name: 'Block-Wise-Transfer',
      field: 'blockWiseTransfer',
      format: 'empty',
      min: 0,
      max: 0,
      section: 'RFC 8323 §5.3.2',
    },
    6: {
      name: 'Extended-Token-Length',
      field: 'extendedTokenLength',
      format: 'uint',
      min: 0,
      max: 3,
      section: 'RFC 8974 §2.2.1',
    },
  },
  2: CUSTODY,
  3: CUSTODY,
  4: {
    2: {
      name: 'Alternative-Address',
      field: 'alternativeAddress',
      format: 'string',
      min: 1,
      max: 255,
      repeatable: true,
      section: 'RFC 8323 §5.5',
    },
    4: { name: 'Hold-Off', field: 'holdOff', format: 'uint', unit: 's', min: 0, max: 3, section: 'RFC 8323 §5.5' },
  },
  5: {
    2: { name: 'Bad-CSM-Option', field: 'badCsmOption', format: 'uint', min: 0, max: 2, section: 'RFC 8323 §5.6' },
  },
}

const byNumber = (table: Table): ReadonlyMap<number, OptionDefinition> =>
  new Map(Object.entries(table).map(([number, definition]) => [Number(number), definition]))

/** Their names on frames, in the order of the numbers; a format has its name beside it. */
const fieldsOf = (tables: readonly Table[]): readonly string[] => [
  ...new Set(
    tables
      .flatMap(table => Object.values(table))
      .flatMap(({ field, meaning }) => (meaning === 'content-format' ? [field, `${field}Name`] : [field])),
  ),
]
export const optionFields = fieldsOf([OPTIONS])
export const signalFields = fieldsOf(Object.values(SIGNAL_OPTIONS))

const options = byNumber(OPTIONS)
const UNKNOWN_CRITICAL = 'RFC 7252 §5.4.1'

/** Of requests and responses in datagrams. */
export const DATAGRAM_OPTIONS: OptionSpace = { options, rule: UNKNOWN_CRITICAL, bert: false, forwarded: true }
/** Of requests and responses over a reliable transport. */
export const RELIABLE_OPTIONS: OptionSpace = { options, rule: UNKNOWN_CRITICAL, bert: true, forwarded: true }

const signalSpaces: readonly OptionSpace[] = Array.from({ length: 32 }, (_, detail) => ({
  options: byNumber(SIGNAL_OPTIONS[detail] ?? {}),
  rule: 'RFC 8323 §5.2',
  bert: false,
  forwarded: false,
}))

/** The options that a message of this code, over a reliable transport, may have. */
export const reliableSpace = (code: number): OptionSpace =>
  code >> 5 === 7 ? (signalSpaces[code & 31] as OptionSpace) : RELIABLE_OPTIONS

/** Who does not know it must not act on the message [RFC 7252 §5.4.6]. */
export const isCritical = (number: number): boolean => (number & 1) !== 0
/** A proxy that does not know it must not forward it. */
export const isUnsafe = (number: number): boolean => (number & 2) !== 0
/** Not part of what a cache goes by. */
export const isNoCacheKey = (number: number): boolean => (number & 0x1e) === 0x1c
