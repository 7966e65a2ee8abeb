import type { Message, Payload } from './body.ts'
import type { AmqpMap, Scalar, Value } from './value.ts'
import type { Wire } from './wire.ts'

/** Field names are the specification's, in camel case. A field that is absent is null on the wire, or left out. */
export type Amqp10Frame =
  | ProtocolHeader
  | Open
  | Begin
  | Attach
  | Flow
  | Transfer
  | Disposition
  | Detach
  | End
  | Close
  | SaslMechanisms
  | SaslInit
  | SaslChallenge
  | SaslResponse
  | SaslOutcome
  | Empty
  | Unknown

/** 2.2: the first octets of a connection either way, and again after SASL or TLS. */
export interface ProtocolHeader {
  readonly type: 'protocol-header'
  /** 0 for AMQP, 2 for TLS, 3 for SASL. */
  readonly protocolId: number
  readonly major: number
  readonly minor: number
  readonly revision: number
}

/** 2.3.1 */
interface FrameBase {
  /** What stands between the frame's header and its body, where the data offset makes room for it. */
  readonly extendedHeader?: Uint8Array | undefined
  /** The octets that it was read from: writing keeps the encodings of all that has not been changed. */
  readonly wire?: Wire | undefined
}

interface AmqpFrame extends FrameBase {
  readonly channel: number
}

/** 2.3.2: a frame without a body keeps the connection alive. */
export interface Empty extends AmqpFrame {
  readonly type: 'empty'
}

/** 2.7.1 */
export interface Open extends AmqpFrame {
  readonly type: 'open'
  readonly containerId: string
  readonly hostname?: string | undefined
  readonly maxFrameSize?: number | undefined
  readonly channelMax?: number | undefined
  readonly idleTimeOut?: number | undefined
  readonly outgoingLocales?: readonly string[] | undefined
  readonly incomingLocales?: readonly string[] | undefined
  readonly offeredCapabilities?: readonly string[] | undefined
  readonly desiredCapabilities?: readonly string[] | undefined
  readonly properties?: AmqpMap | undefined
}

/** 2.7.2 */
export interface Begin extends AmqpFrame {
  readonly type: 'begin'
  readonly remoteChannel?: number | undefined
  readonly nextOutgoingId: number
  readonly incomingWindow: number
  readonly outgoingWindow: number
  readonly handleMax?: number | undefined
  readonly offeredCapabilities?: readonly string[] | undefined
  readonly desiredCapabilities?: readonly string[] | undefined
  readonly properties?: AmqpMap | undefined
}

export type Role = 'sender' | 'receiver'

/** 2.7.3 */
export interface Attach extends AmqpFrame {
  readonly type: 'attach'
  readonly name: string
  readonly handle: number
  readonly role: Role
  readonly sndSettleMode?: number | undefined
  readonly rcvSettleMode?: number | undefined
  readonly source?: Source | Composite | Value | undefined
  readonly target?: Target | Composite | Value | undefined
  readonly unsettled?: AmqpMap | undefined
  readonly incompleteUnsettled?: boolean | undefined
  readonly initialDeliveryCount?: number | undefined
  readonly maxMessageSize?: number | bigint | undefined
  readonly offeredCapabilities?: readonly string[] | undefined
  readonly desiredCapabilities?: readonly string[] | undefined
  readonly properties?: AmqpMap | undefined
}

/** 2.7.4 */
export interface Flow extends AmqpFrame {
  readonly type: 'flow'
  readonly nextIncomingId?: number | undefined
  readonly incomingWindow: number
  readonly nextOutgoingId: number
  readonly outgoingWindow: number
  readonly handle?: number | undefined
  readonly deliveryCount?: number | undefined
  readonly linkCredit?: number | undefined
  readonly available?: number | undefined
  readonly drain?: boolean | undefined
  readonly echo?: boolean | undefined
  readonly properties?: AmqpMap | undefined
}

/** 2.7.5 */
export interface Transfer extends AmqpFrame {
  readonly type: 'transfer'
  readonly handle: number
  readonly deliveryId?: number | undefined
  readonly deliveryTag?: Uint8Array | undefined
  readonly messageFormat?: number | undefined
  readonly settled?: boolean | undefined
  readonly more?: boolean | undefined
  readonly rcvSettleMode?: number | undefined
  readonly state?: Composite | Value | undefined
  readonly resume?: boolean | undefined
  readonly aborted?: boolean | undefined
  readonly batchable?: boolean | undefined
  /** Where this one transfer carries all of it. */
  readonly message?: Payload | Message | undefined
  /** Where it carries a part of a message, or what is no message. */
  readonly payload?: Uint8Array | undefined
}

/** 2.7.6 */
export interface Disposition extends AmqpFrame {
  readonly type: 'disposition'
  readonly role: Role
  readonly first: number
  readonly last?: number | undefined
  readonly settled?: boolean | undefined
  readonly state?: Composite | Value | undefined
  readonly batchable?: boolean | undefined
}

/** 2.7.7 */
export interface Detach extends AmqpFrame {
  readonly type: 'detach'
  readonly handle: number
  readonly closed?: boolean | undefined
  readonly error?: AmqpError | Value | undefined
}

/** 2.7.8 */
export interface End extends AmqpFrame {
  readonly type: 'end'
  readonly error?: AmqpError | Value | undefined
}

/** 2.7.9 */
export interface Close extends AmqpFrame {
  readonly type: 'close'
  readonly error?: AmqpError | Value | undefined
}

/** 5.3.3.1 */
export interface SaslMechanisms extends FrameBase {
  readonly type: 'sasl-mechanisms'
  readonly saslServerMechanisms: readonly string[]
}

/** 5.3.3.2 */
export interface SaslInit extends FrameBase {
  readonly type: 'sasl-init'
  readonly mechanism: string
  readonly initialResponse?: Uint8Array | undefined
  readonly hostname?: string | undefined
}

/** 5.3.3.3 */
export interface SaslChallenge extends FrameBase {
  readonly type: 'sasl-challenge'
  readonly challenge: Uint8Array
}

/** 5.3.3.4 */
export interface SaslResponse extends FrameBase {
  readonly type: 'sasl-response'
  readonly response: Uint8Array
}

/** 5.3.3.5 */
export interface SaslOutcome extends FrameBase {
  readonly type: 'sasl-outcome'
  readonly code: number
  readonly additionalData?: Uint8Array | undefined
}

/** A frame whose body is none that the specification knows. */
export interface Unknown extends AmqpFrame {
  readonly type: 'unknown'
  readonly body: Value
}

/** 2.8.14 */
export interface AmqpError {
  readonly condition: string
  readonly description?: string | undefined
  readonly info?: AmqpMap | undefined
}

/** 3.5.3, 3.5.4 */
interface Terminus {
  readonly address?: string | undefined
  readonly durable?: number | undefined
  readonly expiryPolicy?: string | undefined
  readonly timeout?: number | undefined
  readonly dynamic?: boolean | undefined
  readonly dynamicNodeProperties?: AmqpMap | undefined
  readonly capabilities?: readonly string[] | undefined
}

export interface Source extends Terminus {
  readonly distributionMode?: string | undefined
  readonly filter?: AmqpMap | undefined
  readonly defaultOutcome?: Composite | Value | undefined
  readonly outcomes?: readonly string[] | undefined
}

export type Target = Terminus

/** Composite values that say by their `type` which they are, where a field may hold several. */
export type Composite =
  | { readonly type: 'accepted' | 'released' }
  | { readonly type: 'received'; readonly sectionNumber: number; readonly sectionOffset: number | bigint }
  | { readonly type: 'rejected'; readonly error?: AmqpError | Value | undefined }
  | {
      readonly type: 'modified'
      readonly deliveryFailed?: boolean | undefined
      readonly undeliverableHere?: boolean | undefined
      readonly messageAnnotations?: AmqpMap | undefined
    }
  | { readonly type: 'coordinator'; readonly capabilities?: readonly string[] | undefined }
  | { readonly type: 'declare'; readonly globalId?: Composite | Value | undefined }
  | { readonly type: 'discharge'; readonly txnId: Uint8Array; readonly fail?: boolean | undefined }
  | { readonly type: 'declared'; readonly txnId: Uint8Array }
  | {
      readonly type: 'transactional-state'
      readonly txnId: Uint8Array
      readonly outcome?: Composite | Value | undefined
    }
  | ({ readonly type: 'error' } & AmqpError)
  | ({ readonly type: 'source' } & Source)
  | ({ readonly type: 'target' } & Target)

/** 3.2.1 */
export interface Header {
  readonly durable?: boolean | undefined
  readonly priority?: number | undefined
  readonly ttl?: number | undefined
  readonly firstAcquirer?: boolean | undefined
  readonly deliveryCount?: number | undefined
}

/** 3.2.4 */
export interface Properties {
  /** A ulong, uuid, binary or string. */
  readonly messageId?: Value | undefined
  readonly userId?: Uint8Array | undefined
  readonly to?: string | undefined
  readonly subject?: string | undefined
  readonly replyTo?: string | undefined
  readonly correlationId?: Value | undefined
  readonly contentType?: string | undefined
  readonly contentEncoding?: string | undefined
  readonly absoluteExpiryTime?: Scalar | undefined
  readonly creationTime?: Scalar | undefined
  readonly groupId?: string | undefined
  readonly groupSequence?: number | undefined
  readonly replyToGroupId?: string | undefined
}
