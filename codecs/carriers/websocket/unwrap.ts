import type { Carried, CarrierServices, CarrierStatus, Packet, Side, Unwrapper } from '../../core/index.ts'
import { concat, FrameReader } from '../../core/index.ts'
import { codec } from './codec.ts'
import type { Context } from './dialogue.ts'
import type { DataFrame } from './frames.ts'
import { asksForWebSocket, grantsWebSocket, header } from './head.ts'

/** How much of what was inflated before a compressed message may refer to (RFC 7692 §7.1.2). */
const WINDOW = 32 << 10

/** More compressed bytes in one message than are held until it is whole. */
const MOST_HELD = 16 << 20

/** One direction's message in progress. */
interface Direction {
  /** Frames of a compressed message that is not yet whole. */
  parts: Uint8Array[]
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

  function take(packet: Packet<Context>, out: Carried): void {
    if (packet.kind !== 'frame') lose(packet, out)
    else {
      const { frame } = reader.read(codec, packet)
      if (frame.type === 'http-request') {
        const serverName = header(frame, 'host')
        if (serverName !== undefined) status = { ...status, serverName }
        if (asksForWebSocket(frame)) status = { ...status, name: 'WebSocket' }
      } else if (frame.type === 'http-response') {
        const subprotocol = header(frame, 'sec-websocket-protocol')
        status = { ...status, name: grantsWebSocket(frame) ? 'WebSocket' : 'HTTP' }
        if (subprotocol !== undefined) status = { ...status, subprotocol: subprotocol.toLowerCase() }
      } else if (frame.type === 'continuation' || frame.type === 'text' || frame.type === 'binary') {
        takeData(packet, frame as DataFrame, out)
      }
    }
  }

  function takeData(packet: Packet<Context>, frame: DataFrame, out: Carried): void {
    const { side, time, record, context } = packet
    const direction = directions[side]
    if (frame.type !== 'continuation') direction.compressed = frame.rsv1
    const cut = packet.length - (packet.end - packet.start)
    if (!direction.compressed) {
      if (frame.payload.length > 0 || frame.fin) out.data(side, frame.payload, time, record, frame.fin)
      if (cut > 0) out.gap(side, cut, time, record)
      return
    }
    direction.parts.push(frame.payload)
    direction.held += frame.payload.length
    if (cut > 0 || direction.held > MOST_HELD) {
      direction.parts = []
      direction.window = undefined
    }
    if (!frame.fin) return
    const message = concat([...direction.parts, TAIL])
    direction.parts = []
    direction.held = 0
    const deflate = context.phase === 'frames' ? context.deflate : undefined
    if (deflate?.noContextTakeover[side] === true) direction.window = none
    const inflated = direction.window === undefined ? undefined : inflate(message, direction.window)
    if (inflated === undefined) {
      direction.window = undefined
      status = { ...status, opaque: 'compressed, and what it refers to was lost' }
      out.gap(side, message.length, time, record)
      return
    }
    direction.window = concat([direction.window as Uint8Array, inflated.subarray(-WINDOW)]).slice(-WINDOW)
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
    directions[side].parts = []
    directions[side].window = undefined
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
const fresh = (): Direction => ({ parts: [], held: 0, window: none, compressed: false })

/** What the sender cut off the end of every compressed message (RFC 7692 §7.2.1). */
const TAIL = Uint8Array.of(0x00, 0x00, 0xff, 0xff)
