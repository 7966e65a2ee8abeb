import { type Deferred, type Reader, type Side, textAt, validUtf8 } from '../core/index.ts'
import { clause } from './clauses.ts'
import type { Publish } from './frames.ts'
import { type MqttContext, noteGuess, readPacketId, readRemainingLength } from './header.ts'
import { passString, readString } from './primitives.ts'
import { deferProperties, type Properties } from './properties.ts'
import { PUBLISH, VERSION_NAMES, type Version } from './tables.ts'

/**
 * A PUBLISH as read: by far the most frequent packet, so what may never be asked for (the topic as a string, the
 * payload's view, the properties) is made when it is.
 */
class ReadPublish implements Publish {
  readonly type = 'publish' as const
  readonly packetId: number | undefined
  readonly remainingLength: number
  readonly #flags: number
  readonly #properties: Deferred<Properties> | undefined
  readonly #bytes: Uint8Array
  readonly #topicAt: number
  readonly #topicEnd: number
  readonly #payloadAt: number
  readonly #end: number
  #topic: string | undefined
  #payload: Uint8Array | undefined

  constructor(
    flags: number,
    remainingLength: number,
    topicAt: number,
    topicEnd: number,
    aliased: string | undefined,
    packetId: number | undefined,
    properties: Deferred<Properties> | undefined,
    bytes: Uint8Array,
    payloadAt: number,
    end: number,
  ) {
    this.packetId = packetId
    this.remainingLength = remainingLength
    this.#flags = flags
    this.#properties = properties
    this.#bytes = bytes
    this.#topicAt = topicAt
    this.#topicEnd = topicEnd
    this.#payloadAt = payloadAt
    this.#end = end
    this.#topic = aliased
    this.#payload = undefined
  }

  get dup(): boolean {
    return (this.#flags & 8) !== 0
  }

  get qos(): number {
    return (this.#flags >> 1) & 3
  }

  get retain(): boolean {
    return (this.#flags & 1) !== 0
  }

  get topic(): string {
    this.#topic ??= textAt(this.#bytes, this.#topicAt, this.#topicEnd)
    return this.#topic
  }

  get aliased(): true | undefined {
    return this.#topicAt === this.#topicEnd && this.topic !== '' ? true : undefined
  }

  get properties(): Properties | undefined {
    return this.#properties?.value
  }

  get payload(): Uint8Array {
    this.#payload ??= this.#bytes.subarray(this.#payloadAt, this.#end)
    return this.#payload
  }
}

/** 3.3 PUBLISH. */
export function readPublish(reader: Reader, context: MqttContext, side: Side): Publish {
  const { version } = context
  const flags = reader.u8('fixedHeader') & 0x0f
  if (reader.traced) nameFlags(reader)
  const qos = (flags >> 1) & 3
  if (qos === 3 || (flags & 0b1110) === 0b1000) checkFlags(reader, qos, version)
  const remainingLength = readRemainingLength(reader, version)
  const end = reader.position + remainingLength

  const topicAt = reader.position + 2
  if (reader.deep) readTopic(reader, context)
  else passString(reader, 'topicLength', 'topic')
  const topicEnd = reader.position
  const packetId =
    qos === 0 ? undefined : readPacketId(reader, version, side === 'client' ? 'packetId' : 'serverPacketId')
  const properties = version === 5 ? deferProperties(reader, PUBLISH, side) : undefined
  if (topicEnd <= topicAt && properties !== undefined && reader.deep) checkAlias(reader, properties.value, context)

  const payloadAt = reader.position
  if (reader.deep || end > reader.limit) {
    const payload = reader.take(Math.max(0, end - payloadAt), 'payload')
    if (properties !== undefined && reader.deep) checkPayload(reader, properties.value, payload)
  } else reader.position = end
  if (context.guessed) noteGuess(reader, context, VERSION_NAMES[version])
  return new ReadPublish(
    flags,
    remainingLength,
    Math.min(topicAt, topicEnd),
    topicEnd,
    context.topic,
    packetId,
    properties,
    reader.bytes,
    payloadAt,
    reader.position,
  )
}

function readTopic(reader: Reader, { version, topic: aliased }: MqttContext): void {
  const topic = readString(reader, 'topicLength', 'topic', version, 'topicWildcard')
  reader.label(aliased)
  if (topic === '' && version !== 5 && !reader.ranOut) {
    reader.flag('error', 'empty-topic', 'a topic has at least one character', clause('emptyTopic', version))
  }
}

function nameFlags(reader: Reader): void {
  reader.bits('packetType', 0xf0)
  reader.label('PUBLISH')
  reader.bit('dup', 0x08)
  reader.bits('qos', 0x06)
  reader.bit('retain', 0x01)
}

function checkFlags(reader: Reader, qos: number, version: Version): void {
  if (qos === 3) reader.flag('error', 'qos', 'there is no QoS 3', clause('qos', version))
  else if (version !== 3) {
    reader.flag('error', 'dup-at-qos-0', 'DUP is set at QoS 0', clause('dupAtQos0', version))
  }
}

/** An empty topic stands for what a topic alias stands for [3.3.2.3.4]. */
function checkAlias(reader: Reader, properties: Properties, context: MqttContext): void {
  const alias = properties.topicAlias
  if (reader.ranOut) return
  if (alias === undefined) {
    const message = 'neither a topic nor a topic alias'
    reader.flag('error', 'empty-topic', message, clause('emptyTopic', 5))
  } else if (context.topic === undefined && !context.guessed) {
    const message = `topic alias ${alias} was not given a topic before`
    reader.flag('warning', 'unknown-topic-alias', message, clause('topicAlias', 5))
  }
}

function checkPayload(reader: Reader, properties: Properties, payload: Uint8Array): void {
  if (properties.payloadFormatIndicator === 1 && !reader.ranOut && validUtf8(payload) === undefined) {
    const message = 'the payload is said to be UTF-8 and is not'
    reader.flag('warning', 'payload-format', message, clause('payloadFormat', 5))
  }
}
