import { Deferred, type Packet, type Room, type Tracked } from '../../core/index.ts'
import type { Payload } from '../body.ts'
import type { Context } from '../dialogue.ts'
import type { Transfer } from '../frames.ts'
import { readMessage, sectionAt } from '../message.ts'
import { Value } from '../value.ts'
import { Assembly } from './assembly.ts'
import { Delivery, type Link } from './link.ts'
import { AssembledMessage, WholeMessage } from './message.ts'

/** Transfers, put together and told as messages; and what waits for their settlement. */
export class Deliveries {
  readonly #out: Tracked
  readonly #room: Room
  /** Links of deliveries that ended, each once. */
  readonly #changed: Link[] = []

  constructor(out: Tracked, room: Room) {
    this.#out = out
    this.#room = room
  }

  transfer(link: Link, packet: Packet<Context>, frame: Transfer, number: number): void {
    const { deliveryId } = frame
    const { current } = link
    if (current !== undefined) {
      // Transfers after the first may leave out the delivery-id, but have no other [2.7.5].
      if (deliveryId === undefined || current.deliveryId === undefined || deliveryId === current.deliveryId) {
        this.#goOn(link, current, packet, frame, number)
        return
      }
      this.cut(link, packet.time)
    }
    if (deliveryId !== undefined) this.#spend(link, packet, number)
    if (deliveryId === undefined || frame.more === true || frame.aborted === true) {
      link.current = new Assembly(frame, packet, this.#room.bytes, deliveryId === undefined)
      this.#goOn(link, link.current, packet, frame, number)
      return
    }
    const payload = (frame.message as Payload | undefined) ?? contentOf(frame.payload)
    let { address } = link
    if (payload !== undefined && !link.coordinator) {
      const message = new WholeMessage(address, payload, frame, packet, number)
      this.#out.message(message)
      address ??= message.address
    }
    if (frame.settled !== true) this.#begin(link, address, payload, packet, deliveryId, number, number)
  }

  /** A transfer of a delivery that takes several. */
  #goOn(link: Link, assembly: Assembly, packet: Packet<Context>, frame: Transfer, number: number): void {
    assembly.add(frame, packet, number)
    if (frame.aborted === true) this.#abort(link, assembly, packet, number)
    else if (frame.more !== true) {
      const { deliveryId, settled, frames } = assembly
      const { payload, address } = this.#finish(link, assembly, packet.time)
      if (deliveryId === undefined || settled) return
      this.#begin(link, address, payload, packet, deliveryId, frames[0] as number, number)
    }
  }

  /** What is aborted is no message, and settled [2.6.14]. */
  #abort(link: Link, assembly: Assembly, packet: Packet, number: number): void {
    const { deliveryId, settled, frames } = assembly
    link.current = undefined
    assembly.drop()
    if (deliveryId === undefined || settled) return
    this.#begin(link, link.address, undefined, packet, deliveryId, frames[0] as number, number)
    link.sender.unsettled.abandon(deliveryId, packet.time, 'aborted')
    this.levels(packet, number)
  }

  /** Tells of a delivery that goes on no further, as far as it came. */
  cut(link: Link, time: number): void {
    const { current } = link
    if (current === undefined) return
    current.whole = false
    this.#finish(link, current, time)
  }

  #finish(link: Link, assembly: Assembly, time: number): Finished {
    link.current = undefined
    const bytes = assembly.finish()
    if (bytes.length < assembly.size) assembly.whole = false
    // Sections stand one after the other from the beginning: where that was not seen there is nothing to go by.
    const payload = assembly.first === undefined ? bytes : contentOf(bytes)
    if (link.coordinator) return { payload, address: undefined }
    const message = new AssembledMessage(link.address, payload, assembly, link.sender.side, time)
    this.#out.message(message)
    return message
  }

  /** One delivery takes one unit of credit [2.6.7]. */
  #spend(link: Link, packet: Packet, number: number): void {
    link.deliveryCount = (link.deliveryCount + 1) >>> 0
    if (link.credit === undefined) return
    link.credit--
    this.#out.level(link.subject, 'credit', link.credit, packet, number)
  }

  /** What is not settled waits to be. `first` is the frame that began it. */
  #begin(
    link: Link,
    address: string | undefined,
    payload: Payload | Uint8Array | undefined,
    packet: Packet,
    id: number,
    first: number,
    number: number,
  ): void {
    const { unsettled, scope } = link.sender
    const options = link.coordinator
      ? { ...transaction(payload), id, scope }
      : { kind: packet.side === 'client' ? 'publish-confirm' : 'deliver-ack', id, scope, address }
    unsettled.begin(id, new Delivery(link, options, packet, first))
    link.unsettled++
    this.#out.level(link.subject, 'unsettled', link.unsettled, packet, number)
  }

  /** A delivery waits no more, whyever. */
  ended({ link }: Delivery): void {
    link.unsettled--
    if (link.changed) return
    link.changed = true
    this.#changed.push(link)
  }

  /** Tells of the links whose deliveries ended since it last did. */
  levels(packet: Packet, number: number): void {
    for (let link = this.#changed.pop(); link !== undefined; link = this.#changed.pop()) {
      link.changed = false
      this.#out.level(link.subject, 'unsettled', link.unsettled, packet, number)
    }
  }
}

interface Finished {
  readonly payload: Payload | Uint8Array
  readonly address: string | undefined
}

/** A payload as sections, where it has such. */
function contentOf<P extends Uint8Array | undefined>(payload: P): Payload | P {
  if (payload === undefined || sectionAt(payload, 0, payload.length) === 0) return payload
  return new Deferred(readMessage, payload, 0, payload.length)
}

/** What a message to a transaction coordinator asks for [4.2, 4.3]. */
function transaction(payload: Payload | Uint8Array | undefined): { kind: string; address: string | undefined } {
  const [asked] = payload instanceof Deferred ? (payload.value.body?.sections ?? []) : []
  if (asked === undefined || asked instanceof Value) return { kind: 'transaction', address: undefined }
  const address = asked.type === 'discharge' ? (asked.fail === true ? 'rollback' : 'commit') : undefined
  return { kind: `transaction.${asked.type}`, address }
}
