import {
  type AnyCarrier,
  type AnyCodec,
  type Carried,
  type Conversation,
  concat,
  converse,
  type Joined,
  type Packet,
  type Place,
  type Side,
} from '../../codecs/core/index.ts'
import type { BySide } from '../flow.ts'
import { services } from '../services.ts'
import type { LaneOutput } from './lane.ts'
import { hidden, overwrite, type Redactor, type Secret } from './redact.ts'

/** What waits of one side is asked about from here on, and given up for secret at some point, in bytes. */
const PATIENCE = 64 << 10
const MOST_WAITING = 16 << 20

/** Packets of the carrier that are written together, once it is known what in them is secret. */
interface Unit {
  readonly packets: readonly Packet[]
  /** What they carry, as numbers of the carried stream's bytes. */
  readonly start: number
  readonly end: number
  /** Where that stands in the only packet. */
  readonly place: Place | undefined
  /** What they carry, where it stands nowhere as it is. */
  readonly clear: Uint8Array | undefined
  readonly secrets: Secret[]
  changed: boolean
}

interface Direction {
  readonly units: Unit[]
  /** Bytes in them. */
  waiting: number
  /** Packets whose content comes later. */
  held: Packet[]
  /** Carried bytes so far, and up to where it is known what they are. */
  carried: number
  known: number
  /** Of the message that is being carried, where messages are delivered whole. */
  parts: Uint8Array[]
  /** A compressed message was written in the clear: those after it may refer to what is not there any more. */
  refilled: boolean
}

const fresh = (): Direction => ({ units: [], waiting: 0, held: [], carried: 0, known: 0, parts: [], refilled: false })

/**
 * Looks for secrets in what a carrier carries, and overwrites them where they stand in the carrier's own bytes. Where
 * they stand nowhere (compressed messages) the message is written anew, in the clear, and so are those after it.
 */
export class CarriedSearch {
  readonly #carrier: AnyCarrier
  readonly #redactor: Redactor
  readonly #outer: Conversation
  readonly #inner: Conversation | undefined
  readonly #codec: AnyCodec | undefined
  readonly #unwrapper
  readonly #directions: BySide<Direction> = { client: fresh(), server: fresh() }
  readonly #outputs: BySide<LaneOutput>

  constructor(
    carrier: AnyCarrier,
    codec: AnyCodec | undefined,
    joined: Joined,
    redactor: Redactor,
    outputs: BySide<LaneOutput>,
  ) {
    this.#carrier = carrier
    this.#codec = codec
    this.#redactor = redactor
    this.#outputs = outputs
    this.#outer = converse(carrier.codec, { joined })
    this.#inner = codec === undefined ? undefined : converse(codec, { joined })
    this.#unwrapper = carrier.open(services({ secret: () => undefined }))
  }

  push(side: Side, bytes: Uint8Array): void {
    this.#outer.push(side, bytes, 0)
    this.#drain()
    if (this.#directions[side].waiting > PATIENCE) this.#decide(side)
    this.#write()
  }

  gap(side: Side, length: number): void {
    this.#outer.gap(side, length, 0)
    this.#drain()
    this.#write()
  }

  /** Nothing more comes from this side: what waits is written, as a secret where it may be one. */
  end(side: Side): void {
    this.#outer.end(side)
    this.#drain()
    this.#inner?.end(side)
    this.#look()
    this.#giveUp(side)
    this.#write()
  }

  #drain(): void {
    for (let packet = this.#outer.next(); packet !== undefined; packet = this.#outer.next()) this.#take(packet.kept())
  }

  #take(packet: Packet): void {
    const direction = this.#directions[packet.side]
    if (packet.kind !== 'frame') {
      this.#skip(direction, packet)
      return
    }
    let last: Unit | undefined
    let held = false
    const out: Carried = {
      data: (side, bytes, _time, _record, ends, place) => {
        const packets = place === undefined ? [...direction.held.splice(0), packet] : [packet]
        last = queue(direction, packets, { bytes, place })
        this.#carry(side, bytes, ends)
      },
      held: () => {
        held = true
      },
      gap: (side, length) => {
        if (last === undefined) {
          // What nobody can read is not written.
          const bytes = new Uint8Array(length).fill(STAR)
          last = queue(direction, [...direction.held.splice(0), packet], { bytes, changed: true })
        } else direction.carried += length
        this.#inner?.gap(side, length, 0)
        this.#look()
      },
    }
    this.#unwrapper.take(packet, out)
    if (held) direction.held.push(packet)
    else if (last === undefined) {
      queue(direction, [packet], { secrets: this.#redactor.anyIn(this.#carrier.codec, packet) })
    }
  }

  /** A hole, or what fits no frame. */
  #skip(direction: Direction, packet: Packet): void {
    let lost = 0
    const out: Carried = {
      data: () => {},
      gap: (_, length) => {
        lost += length
      },
    }
    this.#unwrapper.take(packet, out)
    hideHeld(direction)
    queue(direction, [packet], { secrets: this.#redactor.anyIn(this.#carrier.codec, packet) })
    if (lost === 0) return
    direction.carried += lost
    this.#inner?.gap(packet.side, lost, 0)
    this.#look()
  }

  #carry(side: Side, bytes: Uint8Array, last: boolean): void {
    const inner = this.#inner
    const direction = this.#directions[side]
    if (inner === undefined) direction.known = direction.carried
    else if (this.#codec?.transport !== 'message') inner.push(side, bytes, 0)
    else {
      direction.parts.push(bytes)
      if (!last) return
      inner.push(side, concat(direction.parts), 0)
      direction.parts = []
    }
    this.#look()
  }

  /** Learns what the carried bytes are. */
  #look(): void {
    const codec = this.#codec
    if (codec === undefined) return
    for (let packet = this.#inner?.next(); packet !== undefined; packet = this.#inner?.next()) {
      const direction = this.#directions[packet.side]
      direction.known = packet.offset + packet.length
      for (const secret of this.#redactor.secretsOf(codec, packet)) hide(direction, secret)
    }
  }

  /** Much of one frame waits: either its type holds nothing secret, or it is given up for secret at some point. */
  #decide(side: Side): void {
    const direction = this.#directions[side]
    const partial = this.#inner?.partial(side)
    const whole = partial !== undefined && partial.offset <= direction.known
    if (whole && this.#codec !== undefined && this.#redactor.isHarmless(this.#codec, partial)) {
      direction.known = direction.carried
    } else if (direction.waiting > MOST_WAITING) this.#giveUp(side)
  }

  #giveUp(side: Side): void {
    const direction = this.#directions[side]
    hideHeld(direction)
    if (direction.known < direction.carried) hide(direction, hidden(direction.known, direction.carried))
    direction.known = direction.carried
  }

  #write(): void {
    for (const side of sides) {
      const direction = this.#directions[side]
      let written = 0
      for (const unit of direction.units) {
        if (unit.end > direction.known) break
        this.#put(this.#outputs[side], direction, unit)
        direction.waiting -= lengthOf(unit)
        written++
      }
      direction.units.splice(0, written)
    }
  }

  #put(output: LaneOutput, direction: Direction, unit: Unit): void {
    const { packets, clear, secrets } = unit
    if (clear !== undefined && (unit.changed || direction.refilled)) {
      direction.refilled = true
      const bytes = this.#carrier.refill?.(packets, clear) as Uint8Array
      output.data(bytes, packets[0]?.offset ?? 0, [])
      return
    }
    for (const { kind, bytes, offset, length } of packets) {
      if (kind === 'gap') output.gap(length)
      else {
        output.data(bytes, offset, secrets)
        // Of what is huge only the head was kept.
        if (length > bytes.length) output.lost(length - bytes.length)
      }
    }
  }
}

function queue(
  direction: Direction,
  packets: readonly Packet[],
  { bytes = EMPTY, place, secrets = [], changed = false }: Content,
): Unit {
  const start = direction.carried
  direction.carried += bytes.length
  const clear = place === undefined && bytes.length > 0 ? bytes.slice() : undefined
  const unit: Unit = { packets, start, end: direction.carried, place, clear, secrets: [...secrets], changed }
  direction.units.push(unit)
  direction.waiting += lengthOf(unit)
  return unit
}

interface Content {
  readonly bytes?: Uint8Array
  readonly place?: Place | undefined
  readonly secrets?: readonly Secret[]
  readonly changed?: boolean
}

const lengthOf = ({ packets }: Unit): number => packets.reduce((sum, { length }) => sum + length, 0)

/** Parts of a message that will not become whole. */
function hideHeld(direction: Direction): void {
  for (const packet of direction.held.splice(0)) {
    queue(direction, [packet], { secrets: [hidden(packet.offset, packet.offset + packet.length)] })
  }
}

/** Marks bytes of the carried stream, where they stand. */
function hide(direction: Direction, secret: Secret): void {
  for (const unit of direction.units) {
    const { start, end, place, clear, packets } = unit
    const from = Math.max(start, secret.start)
    const to = Math.min(end, secret.end)
    if (from >= to) continue
    if (clear !== undefined) {
      unit.changed = true
      overwrite(clear, 0, clear.length, start, [secret])
    } else if (place !== undefined) {
      const by = new Uint8Array(to - from)
      overwrite(by, 0, by.length, from, [secret])
      const { mask } = place
      if (mask !== undefined) for (let at = 0; at < by.length; at++) by[at]! ^= mask[(from - start + at) & 3] as number
      const raw = (packets[0] as Packet).offset + place.start + from - start
      unit.secrets.push({ start: raw, end: raw + by.length, by })
    }
  }
}

const STAR = 0x2a
const EMPTY: Uint8Array = new Uint8Array(0)
const sides: readonly Side[] = ['client', 'server']
