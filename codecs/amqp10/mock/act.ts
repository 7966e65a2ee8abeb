import { type Act, fnv, toJson } from '../../core/index.ts'
import { stateText } from '../describe.ts'
import type { Amqp10Frame, Attach, Disposition, Open, Properties, Role, SaslInit, Transfer } from '../frames.ts'
import { credentials } from '../play/login.ts'
import { propertiesOf, sectionOf } from '../readdress.ts'
import { Value } from '../value.ts'

/** A frame; a message, once it is whole; one settlement of a delivery, of which a disposition has many. */
export interface Amqp10Act extends Act {
  readonly frame: Amqp10Frame
  /** The client's, of what is said in a session; else 0. */
  readonly channel: number
  /** The client's, of what is said of a link; else -1. */
  readonly handle: number
  /** Of a message, its delivery-id; of a settlement, the delivery's; else -1. */
  readonly id: number
  /** What replies refer to. */
  readonly properties?: Pick<Properties, 'messageId' | 'correlationId' | 'replyTo'> | undefined
  /** A message as it came; absent where it is too large to be kept. */
  readonly content?: Uint8Array | undefined
}

/** A name as the recording has it, for one of now. */
export type Recorded = (name: string) => string

/** What a link is for the client. */
export interface ClientLink {
  readonly role: Role
  /** Of the node at the server's end. */
  readonly address: string | undefined
  readonly coordinator: boolean
}

type Plain = Pick<Amqp10Act, 'frame' | 'channel' | 'handle' | 'id'>

const plain = (frame: Amqp10Frame, channel = 'channel' in frame ? frame.channel : 0, handle = -1, id = -1): Plain => ({
  frame,
  channel,
  handle,
  id,
})

/** A frame that is an act by itself, about `address` where it is about something. */
export function frameAct(frame: Amqp10Frame, address?: string): Amqp10Act {
  const handle = 'handle' in frame ? (frame.handle ?? -1) : -1
  const signature = address === undefined ? frame.type : `${frame.type} ${address}`
  const farewell = FAREWELLS.has(frame.type)
  const { type } = frame
  return { ...plain(frame, undefined, handle), type, address, signature, detail: '', farewell, ...likeness(frame) }
}

const FAREWELLS: ReadonlySet<string> = new Set(['detach', 'end', 'close'])

function likeness(frame: Amqp10Frame): Pick<Act, 'likeness'> {
  switch (frame.type) {
    case 'protocol-header':
      return { likeness: {} }
    case 'sasl-init':
      return { likeness: saslLikeness(frame) }
    case 'open':
      return { likeness: openLikeness(frame) }
    default:
      return {}
  }
}

/** Who sends no password is told by its container. */
function saslLikeness({ mechanism, initialResponse }: SaslInit): Readonly<Record<string, string>> {
  const known = mechanism === 'PLAIN' && initialResponse !== undefined ? credentials(initialResponse) : undefined
  if (known === undefined) return {}
  return { user: known.user, password: String(fnv(new TextEncoder().encode(known.password))) }
}

const openLikeness = ({ containerId, hostname }: Open): Readonly<Record<string, string>> => ({
  container: containerId ?? '',
  ...(hostname === undefined ? {} : { hostname }),
})

/** Which of AMQP and SASL is to follow it. */
export const headerAct = (frame: Amqp10Frame & { readonly type: 'protocol-header' }): Amqp10Act => ({
  ...frameAct(frame),
  signature: `${frame.type} ${frame.protocolId}`,
})

export function attachAct(frame: Attach, link: ClientLink, recorded: Recorded): Amqp10Act {
  const { address } = link
  const end = link.role === 'sender' ? frame.target : frame.source
  const made = end !== undefined && 'dynamic' in end && end.dynamic === true
  const node = link.coordinator ? 'coordinator' : made ? 'dynamic' : recorded(address ?? '')
  const signature = ['attach', link.role, node, ...(link.role === 'receiver' ? selection(frame) : [])].join(' ')
  return { ...plain(frame, undefined, frame.handle), type: 'attach', address, signature, detail: signature }
}

/** Which of a node's messages are asked for, and whether they stay there [3.5.3]. */
function selection({ source }: Attach): string[] {
  if (source === undefined || source instanceof Value || 'type' in source) return []
  const { filter, distributionMode } = source
  const words = filter === undefined ? [] : [JSON.stringify(toJson(filter))]
  return distributionMode === 'copy' ? [...words, distributionMode] : words
}

/** `content` is what was kept of `size` octets. */
export function transferAct(
  first: Transfer,
  settled: boolean,
  content: Uint8Array,
  size: number,
  link: ClientLink,
  recorded: Recorded,
): Amqp10Act {
  const { channel, handle, deliveryId = -1 } = first
  const properties = propertiesOf(content)
  const address = link.address ?? properties?.to
  const node = link.coordinator ? 'coordinator' : recorded(address ?? '')
  const body = content.subarray(bodyAt(content))
  return {
    // Frames hold on to what they were read from.
    ...plain({ type: 'transfer', channel, handle, deliveryId, settled }, channel, handle, deliveryId),
    type: 'transfer',
    address,
    signature: `transfer${settled ? ' settled' : ''} ${node}`,
    detail: `${body.length} ${fnv(body)}`,
    properties: properties && pick(properties),
    content: content.length < size ? undefined : content,
  }
}

const pick = ({ messageId, correlationId, replyTo }: Properties): Amqp10Act['properties'] => ({
  messageId,
  correlationId,
  replyTo,
})

/** What its sender says of a message differs from run to run, its body less so. */
function bodyAt(content: Uint8Array): number {
  for (const code of BODIES) {
    const at = sectionOf(content, code)
    if (at >= 0) return at
  }
  return 0
}
const BODIES = [0x75, 0x76, 0x77]

export function settleAct(frame: Disposition, id: number, address: string): Amqp10Act {
  const { state } = frame
  const outcome = state === undefined ? 'settled' : state instanceof Value ? 'other' : state.type
  const signature = `${frame.type} ${outcome} ${address}`
  return { ...plain(frame, undefined, -1, id), type: frame.type, address, signature, detail: stateText(state) ?? '' }
}
