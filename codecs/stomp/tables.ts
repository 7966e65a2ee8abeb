import type { FieldShape, Side } from '../core/index.ts'

export const versions = ['1.0', '1.1', '1.2'] as const
export type Version = (typeof versions)[number]

const CLIENT_COMMANDS = [
  'CONNECT',
  'STOMP',
  'SEND',
  'SUBSCRIBE',
  'UNSUBSCRIBE',
  'ACK',
  'NACK',
  'BEGIN',
  'COMMIT',
  'ABORT',
  'DISCONNECT',
] as const
const SERVER_COMMANDS = ['CONNECTED', 'MESSAGE', 'RECEIPT', 'ERROR'] as const

export type Command = (typeof CLIENT_COMMANDS)[number] | (typeof SERVER_COMMANDS)[number]
export const commands: readonly Command[] = [...CLIENT_COMMANDS, ...SERVER_COMMANDS]

const text: FieldShape = { kind: 'text', optional: true }

/** The headers that the specifications define, as fields. Every other header belongs to a broker or to an application. */
export const standard = {
  acceptVersion: { header: 'accept-version', shape: text },
  version: { header: 'version', shape: text },
  host: { header: 'host', shape: text },
  login: { header: 'login', shape: text },
  passcode: { header: 'passcode', shape: { ...text, secret: true } },
  heartBeat: { header: 'heart-beat', shape: text },
  session: { header: 'session', shape: text },
  server: { header: 'server', shape: text },
  destination: { header: 'destination', shape: text },
  id: { header: 'id', shape: text },
  ack: { header: 'ack', shape: text },
  messageId: { header: 'message-id', shape: text },
  subscription: { header: 'subscription', shape: text },
  transaction: { header: 'transaction', shape: text },
  receipt: { header: 'receipt', shape: text },
  receiptId: { header: 'receipt-id', shape: text },
  message: { header: 'message', shape: text },
  contentType: { header: 'content-type', shape: text },
  contentLength: { header: 'content-length', shape: { kind: 'uint', optional: true } },
} as const satisfies Record<string, { readonly header: string; readonly shape: FieldShape }>

export type StandardField = keyof typeof standard

/** What brokers add. Listed only so that reading them makes no new string each time. */
export const BROKERS_HEADERS = [
  'browser',
  'correlation-id',
  'delivery-mode',
  'durable',
  'expiration',
  'expires',
  'persistent',
  'prefetch-count',
  'priority',
  'redelivered',
  'reply-to',
  'selector',
  'timestamp',
  'type',
]

/** A header that a command must have, in the versions from `since` to `until`. */
export interface Requirement {
  readonly header: string
  /** Serves as well. */
  readonly or?: string
  readonly since?: Version
  readonly until?: Version
  /** SHOULD rather than MUST. */
  readonly mild?: boolean
}

interface Definition {
  readonly from: Side
  /** The section of the specification that is called so, where that is not the command itself. */
  readonly section?: string
  readonly since?: Version
  /** May have a body. */
  readonly body?: boolean
  readonly facts?: boolean
  readonly fields: readonly StandardField[]
  readonly requires?: readonly Requirement[]
}

const connect: Definition = {
  from: 'client',
  section: 'CONNECT or STOMP Frame',
  facts: true,
  fields: ['acceptVersion', 'host', 'login', 'passcode', 'heartBeat'],
  requires: [{ header: 'host', since: '1.1' }],
}
const acknowledge: Definition = {
  from: 'client',
  fields: ['id', 'messageId', 'subscription', 'transaction', 'receipt'],
  requires: [
    { header: 'message-id', until: '1.1' },
    { header: 'subscription', since: '1.1', until: '1.1' },
    { header: 'id', since: '1.2' },
  ],
}
const transaction: Definition = {
  from: 'client',
  fields: ['transaction', 'receipt'],
  requires: [{ header: 'transaction' }],
}

export const definitions: Readonly<Record<Command, Definition>> = {
  CONNECT: connect,
  STOMP: { ...connect, since: '1.1' },
  CONNECTED: {
    from: 'server',
    section: 'CONNECTED Frame',
    facts: true,
    fields: ['version', 'session', 'server', 'heartBeat'],
  },
  SEND: {
    from: 'client',
    body: true,
    fields: ['destination', 'transaction', 'receipt', 'contentType', 'contentLength'],
    requires: [{ header: 'destination' }],
  },
  SUBSCRIBE: {
    from: 'client',
    fields: ['destination', 'id', 'ack', 'receipt'],
    requires: [{ header: 'destination' }, { header: 'id', since: '1.1' }],
  },
  UNSUBSCRIBE: {
    from: 'client',
    fields: ['id', 'destination', 'receipt'],
    requires: [
      { header: 'id', or: 'destination', until: '1.0' },
      { header: 'id', since: '1.1' },
    ],
  },
  ACK: acknowledge,
  NACK: { ...acknowledge, since: '1.1' },
  BEGIN: transaction,
  COMMIT: transaction,
  ABORT: transaction,
  DISCONNECT: { from: 'client', fields: ['receipt'] },
  MESSAGE: {
    from: 'server',
    body: true,
    fields: ['destination', 'messageId', 'subscription', 'ack', 'contentType', 'contentLength'],
    requires: [{ header: 'destination' }, { header: 'message-id' }, { header: 'subscription', since: '1.1' }],
  },
  RECEIPT: { from: 'server', fields: ['receiptId'], requires: [{ header: 'receipt-id' }] },
  ERROR: {
    from: 'server',
    body: true,
    fields: ['message', 'receiptId', 'version', 'contentType', 'contentLength'],
    requires: [{ header: 'message', mild: true }],
  },
}

export const definitionOf = (type: string): Definition | undefined =>
  Object.hasOwn(definitions, type) ? definitions[type as Command] : undefined
