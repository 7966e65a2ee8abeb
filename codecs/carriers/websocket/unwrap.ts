import type { Carried, CarrierServices, CarrierStatus, Packet, Side, Unwrapper } from '../../core/index.ts'
import { concat, FrameReader, MASK } from '../../core/index.ts'
import { codec } from './codec.ts'
import type { Context } from './dialogue.ts'
import type { DataFrame, HttpResponse } from './frames.ts'
import { asksForWebSocket, grantsWebSocket, header, status as statusOf } from './head.ts'
import { subprotocols } from './tables.ts'

/** How much of what was inflated before a compressed message may refer to (RFC 7692 §7.1.2). */
const WINDOW = 32 << 10

/** More compressed bytes in one message than are held until it is whole. */
const MOST_HELD = 16 << 20

/** One direction's message in progress. */
interface Direction {
  /** A message has begun and is not whole; undefined where bytes were lost that would tell. */
  within: boolean | undefined
  /** Frames of a compressed message that is not yet whole; undefined where one of them is not all there. */
  parts: Uint8Array[] | undefined
  held: number
  /** What the sliding window holds; undefined once bytes were lost that it should hold. */
  window: Uint8Array | undefined
  compressed: boolean
}

/** Takes the carried stream out of data frames: unmasked, inflated, whatever the frames' bounds. */
export function unwrapper(services: CarrierServices): Unwrapper<Context> {
  const reader = new FrameReader()
  const directions: Record<Side, Direction> = { client: fresh(), server: fresh() }
  let status: CarrierStatus = { name: 'HTTP' }
  let asked = false

  function take(packet: Packet<Context>, out: Carried): void {
    if (packet.kind !== 'frame') {
      lose(packet, out)
      return
    }
    const { frame, diagnostics } = reader.read(codec, packet)
    const [wrong] = diagnostics
    if (wrong?.severity === 'error') blame(wrong.message, wrong.rule)
    if (frame.type === 'http-request') {
      const serverName = header(frame, 'host')
      asked = asksForWebSocket(frame)
      status = { name: asked ? 'WebSocket' : 'HTTP', ...(serverName === undefined ? {} : { serverName }) }
    } else if (frame.type === 'http-response') answer(frame)
    else if (frame.type === 'continuation' || frame.type === 'text' || frame.type === 'binary') {
      takeData(packet, frame as DataFrame, out)
    }
  }

  function answer(response: HttpResponse): void {
    if (grantsWebSocket(response)) {
      const subprotocol = header(response, 'sec-websocket-protocol')?.toLowerCase()
      status = { ...status, name: 'WebSocket' }
      // Some servers answer with the token that they were asked with.
      if (subprotocol !== undefined)
        status = { ...status, subprotocol: subprotocols.has(subprotocol) ? subprotocol : MASK }
      return
    }
    // Others of these are no answer yet (RFC 9110 §15.2).
    if (statusOf(response) < 200) return
    status = { ...status, name: 'HTTP' }
    const why = response.startLine.replace(/^\S+\s*/, '').trim()
    if (asked) status = { ...status, opaque: `the server refuses the WebSocket: ${why}` }
  }

  function blame(what: string, rule: string | undefined): void {
    if (status.fault === undefined) status = { ...status, fault: rule === undefined ? what : `${what} (${rule})` }
  }

  function takeData(packet: Packet<Context>, frame: DataFrame, out: Carried): void {
    const { side, time, record } = packet
    const direction = directions[side]
    const goesOn = frame.type === 'continuation'
    if (goesOn !== (direction.within ?? goesOn)) {
      blame(goesOn ? 'a continuation of no message' : 'a message within another', 'RFC 6455 §5.4')
    }
    direction.within = !frame.fin
    if (!goesOn) direction.compressed = frame.rsv1
    const cut = packet.length - (packet.end - packet.start)
    if (direction.compressed) takeCompressed(packet, frame, cut, out)
    else {
      const place = { start: packet.end - packet.start - frame.payload.length, mask: frame.maskingKey }
      if (frame.payload.length > 0 || frame.fin) out.data(side, frame.payload, time, record, frame.fin, place)
      if (cut > 0) out.gap(side, cut, time, record)
    }
  }

  function takeCompressed(packet: Packet<Context>, { payload, fin }: DataFrame, cut: number, out: Carried): void {
    const { side, time, record, context } = packet
    const direction = directions[side]
    const length = direction.held + payload.length + cut
    direction.held = length
    if (cut > 0 || length > MOST_HELD) direction.parts = undefined
    direction.parts?.push(payload)
    if (!fin) {
      out.held?.(side)
      return
    }
    const { parts } = direction
    direction.parts = []
    direction.held = 0
    const deflate = context.phase === 'frames' ? context.deflate : undefined
    if (deflate?.noContextTakeover[side] === true) direction.window = none
    const window = parts === undefined ? undefined : direction.window
    const inflated = window === undefined ? undefined : inflate(concat([...(parts ?? []), TAIL]), window)
    if (inflated === undefined) {
      const why = window === undefined ? 'what it refers to was lost' : 'it does not inflate, or to too much'
      status = { ...status, opaque: `compressed, and ${why}` }
      direction.window = undefined
      out.gap(side, length, time, record)
      return
    }
    direction.window = concat([window as Uint8Array, inflated.subarray(-WINDOW)]).slice(-WINDOW)
    out.data(side, inflated, time, record, true)
  }

  /** What does not inflate is damaged, or not what was agreed on. */
  function inflate(message: Uint8Array, window: Uint8Array): Uint8Array | undefined {
    try {
      return services.inflate(message, window)
    } catch {
      return undefined
    }
  }

  function lose({ side, length, time, record }: Packet<Context>, out: Carried): void {
    directions[side] = { ...fresh(), within: undefined, window: undefined }
    if (status.name === 'WebSocket') out.gap(side, length, time, record)
  }

  return {
    take,
    get status() {
      return status
    },
  }
}

const none: Uint8Array = new Uint8Array(0)
const fresh = (): Direction => ({ within: false, parts: [], held: 0, window: none, compressed: false })

/** What the sender cut off the end of every compressed message (RFC 7692 §7.2.1). */
const TAIL = Uint8Array.of(0x00, 0x00, 0xff, 0xff)
