import type { Properties } from './properties.ts'
import type { PacketType } from './tables.ts'

/**
 * The control packets, in the words of MQTT 5.0 also where 3.1 and 3.1.1 called the same thing otherwise (Clean Session
 * is `cleanStart`, a return code is a `reasonCode`).
 */
export type MqttFrame =
  | Connect
  | Connack
  | Publish
  | Acknowledgement
  | Subscribe
  | Suback
  | Unsubscribe
  | Unsuback
  | Pingreq
  | Pingresp
  | Disconnect
  | Auth

interface ControlPacket {
  readonly type: PacketType
  /**
   * The low four bits of the first byte, where they are not what the type asks for: malformed, but for the DUP bit
   * that MQTT 3.1 has on PUBREL, SUBSCRIBE and UNSUBSCRIBE. A PUBLISH has them as `dup`, `qos` and `retain`.
   */
  readonly flags?: number | undefined
  /** As read; writing works it out. */
  readonly remainingLength?: number | undefined
}

/** 3.1 CONNECT: the client opens the conversation. */
export interface Connect extends ControlPacket {
  readonly type: 'connect'
  /** `MQTT`, or `MQIsdp` in MQTT 3.1. */
  readonly protocolName: string
  /** 3, 4 or 5; whatever else the client says is kept. */
  readonly protocolVersion: number
  /** The bit 0x80 of the protocol level, with which a Mosquitto bridge says that it is one. */
  readonly bridge?: boolean | undefined
  readonly cleanStart: boolean
  /** Seconds; 0 is none. */
  readonly keepAlive: number
  /** MQTT 5. */
  readonly properties?: Properties | undefined
  readonly clientId: string
  /** Without a will topic there is no will, and none of the other will fields. */
  readonly willTopic?: string | undefined
  readonly willPayload?: Uint8Array | undefined
  readonly willQos?: number | undefined
  readonly willRetain?: boolean | undefined
  /** MQTT 5. */
  readonly willProperties?: Properties | undefined
  readonly username?: string | undefined
  readonly password?: Uint8Array | undefined
}

/** 3.2 CONNACK: the server takes or refuses the connection. */
export interface Connack extends ControlPacket {
  readonly type: 'connack'
  readonly sessionPresent: boolean
  readonly reasonCode: number
  readonly reasonName?: string | undefined
  /** MQTT 5. Absent also where a server of an older version turns a newer client away. */
  readonly properties?: Properties | undefined
}

/** 3.3 PUBLISH: an application message, either way. */
export interface Publish extends ControlPacket {
  readonly type: 'publish'
  readonly dup: boolean
  readonly qos: number
  readonly retain: boolean
  /** Also where a topic alias stands for it, as far as the connection told; else empty. */
  readonly topic: string
  /** The topic is not on the wire, but a topic alias that stands for it. */
  readonly aliased?: boolean | undefined
  /** At QoS 1 and 2. */
  readonly packetId?: number | undefined
  /** MQTT 5. */
  readonly properties?: Properties | undefined
  readonly payload: Uint8Array
}

/** 3.4 PUBACK, 3.5 PUBREC, 3.6 PUBREL, 3.7 PUBCOMP. */
export interface Acknowledgement extends ControlPacket {
  readonly type: 'puback' | 'pubrec' | 'pubrel' | 'pubcomp'
  readonly packetId: number
  /** MQTT 5. Left out on the wire it means 0, success. */
  readonly reasonCode?: number | undefined
  readonly reasonName?: string | undefined
  /** MQTT 5. May be left out. */
  readonly properties?: Properties | undefined
}

export interface Subscription {
  readonly topicFilter: string
  readonly qos: number
  /** MQTT 5, as the next two. */
  readonly noLocal?: boolean | undefined
  readonly retainAsPublished?: boolean | undefined
  readonly retainHandling?: number | undefined
}

/** 3.8 SUBSCRIBE. */
export interface Subscribe extends ControlPacket {
  readonly type: 'subscribe'
  readonly packetId: number
  /** MQTT 5. */
  readonly properties?: Properties | undefined
  readonly subscriptions: readonly Subscription[]
}

/** 3.9 SUBACK: one reason code per subscription, in the same order. */
export interface Suback extends ControlPacket {
  readonly type: 'suback'
  readonly packetId: number
  /** MQTT 5. */
  readonly properties?: Properties | undefined
  readonly reasonCodes: readonly number[]
}

/** 3.10 UNSUBSCRIBE. */
export interface Unsubscribe extends ControlPacket {
  readonly type: 'unsubscribe'
  readonly packetId: number
  /** MQTT 5. */
  readonly properties?: Properties | undefined
  readonly topicFilters: readonly string[]
}

/** 3.11 UNSUBACK. */
export interface Unsuback extends ControlPacket {
  readonly type: 'unsuback'
  readonly packetId: number
  /** MQTT 5, as the next. */
  readonly properties?: Properties | undefined
  readonly reasonCodes?: readonly number[] | undefined
}

/** 3.12 PINGREQ. */
export interface Pingreq extends ControlPacket {
  readonly type: 'pingreq'
}

/** 3.13 PINGRESP. */
export interface Pingresp extends ControlPacket {
  readonly type: 'pingresp'
}

/** 3.14 DISCONNECT: the client leaves; in MQTT 5 the server may say so too. */
export interface Disconnect extends ControlPacket {
  readonly type: 'disconnect'
  /** MQTT 5. Left out on the wire it means 0, normal disconnection. */
  readonly reasonCode?: number | undefined
  readonly reasonName?: string | undefined
  /** MQTT 5. May be left out. */
  readonly properties?: Properties | undefined
}

/** 3.15 AUTH, of MQTT 5: a step of enhanced authentication. */
export interface Auth extends ControlPacket {
  readonly type: 'auth'
  /** Left out on the wire it means 0, success. */
  readonly reasonCode?: number | undefined
  readonly reasonName?: string | undefined
  readonly properties?: Properties | undefined
}
