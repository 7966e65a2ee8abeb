import type { Connack, Connect, MqttFrame, Publish, Suback } from './frames.ts'
import { REASON_CODES, SUBACK_CODES, VERSION_NAMES, type Version } from './tables.ts'

/** One line that says what a packet is about, after its type. Never a password, never a raw control character. */
export function summarize(frame: MqttFrame): string {
  switch (frame.type) {
    case 'connect':
      return summarizeConnect(frame)
    case 'connack':
      return summarizeConnack(frame)
    case 'publish':
      return summarizePublish(frame)
    case 'subscribe':
      return words(
        `id=${frame.packetId}`,
        list(frame.subscriptions.map(one => `${clean(one.topicFilter)} qos=${one.qos}`)),
      )
    case 'unsubscribe':
      return words(`id=${frame.packetId}`, list(frame.topicFilters.map(clean)))
    case 'suback':
      return words(`id=${frame.packetId}`, list(frame.reasonCodes.map(code => granted(code, frame))))
    case 'unsuback':
      return words(
        `id=${frame.packetId}`,
        list((frame.reasonCodes ?? []).map(code => reason(code, REASON_CODES.unsuback.name(code)))),
      )
    case 'pingreq':
    case 'pingresp':
      return ''
    case 'disconnect':
    case 'auth':
      return words(outcome(frame))
    default:
      return frame.reasonCode === undefined ? `id=${frame.packetId}` : words(`id=${frame.packetId}`, outcome(frame))
  }
}

function summarizeConnect(frame: Connect): string {
  const { willTopic, willQos, willRetain, username } = frame
  return words(
    VERSION_NAMES[frame.protocolVersion as Version] ?? `level ${frame.protocolVersion}`,
    frame.bridge === true && 'bridge',
    `client=${clean(frame.clientId)}`,
    frame.cleanStart && 'clean',
    `keepAlive=${frame.keepAlive}`,
    username !== undefined && `user=${clean(username)}`,
    willTopic !== undefined && `will=${clean(willTopic)} qos=${willQos ?? 0}`,
    willRetain === true && 'retain',
  )
}

function summarizeConnack(frame: Connack): string {
  const assigned = frame.properties?.assignedClientIdentifier
  return words(
    outcome(frame),
    frame.sessionPresent && 'session present',
    assigned !== undefined && `client=${clean(assigned)}`,
  )
}

function summarizePublish(frame: Publish): string {
  const topic = clean(frame.topic)
  const id = frame.packetId === undefined ? '' : ` id=${frame.packetId}`
  const marks = (frame.retain ? ' retain' : '') + (frame.dup ? ' dup' : '')
  const about = `qos=${frame.qos}${id} ${frame.payload.length} B${marks}`
  if (frame.aliased === true) return `(${topic}) ${about}`
  return topic === '' ? about : `${topic} ${about}`
}

interface Outcome {
  readonly reasonCode?: number | undefined
  readonly reasonName?: string | undefined
  readonly properties?: { readonly reasonString?: string } | undefined
}

function outcome({ reasonCode, reasonName, properties }: Outcome): string {
  const why = properties?.reasonString
  return reasonCode === undefined ? '' : words(reason(reasonCode, reasonName), why !== undefined && `"${clean(why)}"`)
}

const reason = (code: number, name?: string): string => (name === undefined ? `code ${code}` : `${name} (${code})`)

function granted(code: number, { properties }: Suback): string {
  if (code <= 2) return `qos=${code}`
  return reason(code, (properties === undefined ? SUBACK_CODES : REASON_CODES.suback).name(code))
}

const words = (...parts: readonly (string | false)[]): string =>
  parts.filter(part => part !== false && part !== '').join(' ')

/** The first few, and how many more. */
function list(items: readonly string[]): string {
  const shown = items.slice(0, SHOWN).join(', ')
  return items.length > SHOWN ? `${shown} and ${items.length - SHOWN} more` : shown
}
const SHOWN = 8

const LONGEST = 120
const plain = /^[\x20-\x7e]*$/
const unsafe = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}]/gu

/** As it can be shown in one line of a terminal. */
function clean(text: string): string {
  if (text.length <= LONGEST && plain.test(text)) return text
  const short = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
  return short.replace(unsafe, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
