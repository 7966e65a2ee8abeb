import type { Reader, Severity, Side } from '../core/index.ts'
import { isConnecting } from './dialect.ts'
import type { CommandFrame } from './frames.ts'
import { CR } from './layout.ts'
import { definitionOf, type Requirement, standard, type Version } from './tables.ts'

/** What is wrong with a frame that was read whole, as far as one frame shows it. */
export function check(
  reader: Reader,
  frame: CommandFrame,
  version: Version | undefined,
  spec: string,
  side: Side,
): void {
  const { type, headers, body } = frame
  const flag = (severity: Severity, code: string, message: string, section: string, start = 0, end = type.length) =>
    reader.flag(severity, code, message, `${spec}, ${section}`, start, end)

  const definition = definitionOf(type)
  if (definition === undefined) {
    flag('warning', 'unknown-command', `${type} is no command of any version`, 'Augmented BNF')
    return
  }
  const section = definition.section ?? type
  if (definition.from !== side) {
    const chapter = isConnecting(type) ? 'Connecting' : definition.from === 'client' ? 'Client Frames' : 'Server Frames'
    flag('warning', 'wrong-direction', `a ${type} frame from the ${side}`, chapter)
  }
  if (definition.since !== undefined && version !== undefined && version < definition.since) {
    flag('warning', 'not-in-version', `${type} came with STOMP ${definition.since}`, 'Augmented BNF')
  }
  for (const requirement of definition.requires ?? []) {
    const { header, or, mild } = requirement
    if (!applies(requirement, version) || headers.get(header) !== undefined) continue
    if (or !== undefined && headers.get(or) !== undefined) continue
    const missing = or === undefined ? `no ${header} header` : `no ${header} header and no ${or} header`
    flag(mild === true ? 'note' : 'error', 'missing-header', `${type} has ${missing}`, section)
  }
  if (definition.body !== true && body !== undefined) {
    const end = reader.ranOut ? reader.offset : reader.offset - 1
    const where = version === '1.2' || version === undefined ? 'Body' : version === '1.1' ? 'Value Encoding' : type
    flag('warning', 'unexpected-body', `a body, which ${type} must not have`, where, end - body.length, end)
  }
  checkValues(reader, frame, version, spec)
  if ((version === '1.0' || version === '1.1') && hasCrLf(frame)) {
    flag('warning', 'crlf', 'lines that end in CR LF, as only STOMP 1.2 has them', 'Augmented BNF')
  }
}

/** Where the version is not known, only what all of them require. */
const applies = ({ since, until }: Requirement, version: Version | undefined): boolean =>
  version === undefined
    ? since === undefined && until === undefined
    : (since === undefined || version >= since) && (until === undefined || version <= until)

interface Rule {
  readonly field: 'ack' | 'heartBeat' | 'contentLength' | 'receipt'
  /** The frames where the header has this meaning. */
  readonly on: (type: string) => boolean
  readonly holds: (value: string, version: Version | undefined) => boolean
  readonly severity: Severity
  readonly code: string
  readonly message: (value: string) => string
  readonly section: string
}

const rules: readonly Rule[] = [
  {
    field: 'ack',
    on: type => type === 'SUBSCRIBE',
    holds: (value, version) =>
      value === 'auto' || value === 'client' || (value === 'client-individual' && version !== '1.0'),
    severity: 'warning',
    code: 'unknown-ack-mode',
    message: value => `${value} is no acknowledgement mode of this version`,
    section: 'SUBSCRIBE',
  },
  {
    field: 'heartBeat',
    on: isConnecting,
    holds: value => /^\d+,\d+$/.test(value),
    severity: 'error',
    code: 'malformed-heart-beat',
    message: value => `heart-beat is ${value}, not two numbers with a comma between them`,
    section: 'Heart-beating',
  },
  {
    field: 'contentLength',
    on: () => true,
    holds: value => /^ *\d{1,15} *$/.test(value),
    severity: 'error',
    code: 'malformed-content-length',
    message: value => `content-length is ${value}, not a number of octets`,
    section: 'Header content-length',
  },
  {
    field: 'receipt',
    on: type => type === 'CONNECT' || type === 'STOMP',
    holds: () => false,
    severity: 'warning',
    code: 'receipt-for-connect',
    message: () => 'CONNECT is answered by CONNECTED, not by a receipt',
    section: 'Header receipt',
  },
]

function checkValues(
  reader: Reader,
  { type, headers }: CommandFrame,
  version: Version | undefined,
  spec: string,
): void {
  for (const { field, on, holds, severity, code, message, section } of rules) {
    const name = standard[field].header
    const value = headers.get(name)
    if (value === undefined || !on(type) || holds(value, version)) continue
    const entry = headers.entries.find(entry => entry.name === name)
    const base = reader.position - reader.offset
    const [start, end] = [(entry?.start ?? base) - base, (entry?.end ?? base) - base]
    reader.flag(severity, code, message(JSON.stringify(value)), `${spec}, ${section}`, start, end)
  }
}

/** Brokers take CR LF in every version, so it is read as one line end. */
const hasCrLf = ({ headers, crlf }: CommandFrame): boolean =>
  crlf === true || headers.entries.some(({ end = 0 }) => headers.wire?.bytes[end - 2] === CR)
