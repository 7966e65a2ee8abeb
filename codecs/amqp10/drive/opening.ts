import type { DriveOptions, DriveSettings } from '../../core/index.ts'
import type { AmqpError, Attach, Begin, Open, ProtocolHeader, SaslInit } from '../frames.ts'
import { Value } from '../value.ts'
import { filterOf } from './filter.ts'

/** What a connection begins with, before and after its security layer [2.2, 5.3.1]. */
export const AMQP_HEADER: ProtocolHeader = { type: 'protocol-header', protocolId: 0, major: 1, minor: 0, revision: 0 }
export const SASL_HEADER: ProtocolHeader = { ...AMQP_HEADER, protocolId: 3 }

/** The one session. */
export const CHANNEL = 0
/** What every peer takes [2.4.1]. */
export const LEAST_FRAME_SIZE = 512
/** More transfers than are under way before the peer hears from us again. */
export const WINDOW = 0x7fff_ffff

export const mechanismOf = ({ settings, user, token }: DriveOptions): string =>
  String(settings.mechanism ?? (user === undefined && token !== true ? 'ANONYMOUS' : 'PLAIN'))

export const saslInit = (
  { virtualHost, host }: DriveOptions,
  mechanism: string,
  initialResponse: Uint8Array,
): SaslInit => ({ type: 'sasl-init', mechanism, initialResponse, hostname: virtualHost ?? host })

export const openOf = ({ clientId, virtualHost, host, keepAlive, settings }: DriveOptions): Open => ({
  type: 'open',
  channel: 0,
  containerId: clientId,
  hostname: virtualHost ?? host,
  maxFrameSize: Math.max(LEAST_FRAME_SIZE, Number(settings.maxFrameSize ?? 1 << 20)),
  channelMax: 0,
  ...(keepAlive === 0 ? {} : { idleTimeOut: keepAlive * 1000 }),
})

/** Transfers that the peer may send before it hears from us again. */
export const windowOf = ({ incomingWindow }: DriveSettings): number => Math.max(1, Number(incomingWindow ?? WINDOW))

export const beginOf = ({ settings }: DriveOptions): Begin => ({
  type: 'begin',
  channel: CHANNEL,
  nextOutgoingId: 0,
  incomingWindow: windowOf(settings),
  outgoingWindow: WINDOW,
})

/** 2.7.3: settlement of the sender, and of the receiver as soon as it knows the outcome. */
const UNSETTLED = 0
const SETTLED = 1
const FIRST = 0

const nodeOf = ({ settings: { node } }: DriveOptions) => (node === undefined ? {} : { capabilities: [String(node)] })

const common = (options: DriveOptions, handle: number) =>
  ({
    type: 'attach',
    channel: CHANNEL,
    name: `${options.clientId}-${handle}`,
    handle,
    rcvSettleMode: FIRST,
  }) as const

/** A link to send on; without an address, each message says where it goes (the anonymous terminus). */
export const senderOf = (
  options: DriveOptions,
  handle: number,
  address: string | undefined,
  settled: boolean,
): Attach => ({
  ...common(options, handle),
  role: 'sender',
  sndSettleMode: settled ? SETTLED : UNSETTLED,
  source: {},
  target: address === undefined ? {} : { address, ...nodeOf(options) },
  initialDeliveryCount: 0,
})

/** Where answers come; undefined where the peer makes an address for them. */
export const answersOf = ({ settings: { replies }, clientId }: DriveOptions): string | undefined =>
  replies === undefined ? undefined : `${replies}${clientId}`

/** A link to receive from; without an address, from a node that the peer makes for it (a dynamic source). */
export const receiverOf = (
  options: DriveOptions,
  handle: number,
  address: string | undefined,
  settled: boolean,
  answers: boolean,
): Attach => {
  const filter = answers ? undefined : filterOf(options.settings)
  return {
    ...common(options, handle),
    role: 'receiver',
    sndSettleMode: settled ? SETTLED : UNSETTLED,
    source: address === undefined ? { dynamic: true } : { address, ...nodeOf(options), ...(filter && { filter }) },
    target: {},
  }
}

/** 2.8.14, in words. */
export function reasonOf(error: AmqpError | Value | undefined): string | undefined {
  if (error === undefined || error instanceof Value) return undefined
  return error.description === undefined ? error.condition : `${error.condition}: ${error.description}`
}
