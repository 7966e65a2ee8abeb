import type { Plate } from '../../codecs/core/index.ts'
import type { BodyPlan, PublishPlan, RecordedBody } from './plan.ts'
import { placeOf, type StampPlace } from './stamp.ts'
import { type Names, Template } from './template.ts'

/** A message as it is sent: again and again, with its plate, where nothing in it differs. */
export interface Prepared {
  /** Of the plan's destinations, which. */
  readonly to: number
  readonly destination: Template
  /** A template where it differs from message to message. */
  readonly body: Uint8Array | Template
  readonly contentType: string | undefined
  readonly stampsFront: boolean
  /** Of a body that does not differ. */
  readonly stamp: StampPlace | undefined
  /** Whether it is encoded once for a connection. */
  readonly isKept: boolean
  plate: Plate | undefined
}

/** What one client publishes, one after the other. */
export class Messages {
  readonly destinations: readonly Template[]
  readonly #plan: PublishPlan
  readonly #prepared: readonly Prepared[]
  readonly #recorded: readonly RecordedBody[]
  readonly #first: number
  readonly #step: number
  #next = 0

  /** `clients`: of the group, which share a recording's messages. */
  constructor(plan: PublishPlan, names: Names, clients: number, random: () => number) {
    this.#plan = plan
    this.destinations = plan.destinations.map(template => new Template(template, names))
    this.#recorded = plan.bodies.filter(body => 'bytes' in body)
    this.#first = names.client
    this.#step = clients
    const bodies = plan.bodies.flatMap(body =>
      'bytes' in body ? [] : { plan: body, body: bodyOf(body, names, random) },
    )
    // Every destination with every body, in turn.
    this.#prepared = bodies.flatMap(({ plan: each, body }) =>
      this.destinations.map((_, to) => this.#prepare(to, body, plan.contentType, plan.stampsFront || 'size' in each)),
    )
  }

  next(): Prepared {
    const at = this.#next++
    if (this.#recorded.length === 0) return this.#prepared[at % this.#prepared.length] as Prepared
    // All clients together go through the recording in its order.
    const { bytes, contentType, destination } = this.#recorded[
      (this.#first + at * this.#step) % this.#recorded.length
    ] as RecordedBody
    return this.#prepare(
      destination ?? at % this.destinations.length,
      bytes,
      contentType,
      this.#plan.stampsFront,
      false,
    )
  }

  /** What was encoded for the last connection may not fit the next. */
  renew(): void {
    for (const prepared of this.#prepared) prepared.plate = undefined
  }

  #prepare(
    to: number,
    body: Uint8Array | Template,
    contentType: string | undefined,
    stampsFront: boolean,
    // So many and large as there are in a recording, each client is not to keep all of them.
    keeps = true,
  ): Prepared {
    const destination = this.destinations[to] as Template
    const differs = body instanceof Template
    const stamp = differs ? undefined : placeOf(body, stampsFront)
    const isKept = keeps && !differs && !destination.isDynamic
    return { to, destination, body, contentType, stampsFront, stamp, isKept, plate: undefined }
  }
}

const encoder = new TextEncoder()

function bodyOf(body: Exclude<BodyPlan, RecordedBody>, names: Names, random: () => number): Uint8Array | Template {
  // Nothing that could be compressed.
  if ('size' in body) return Uint8Array.from({ length: body.size }, () => Math.floor(random() * 256))
  const template = new Template(body.text, names)
  return template.isDynamic ? template : encoder.encode(template.text)
}
