import type { Plate } from '../../codecs/core/index.ts'
import { Cycle } from './cycle.ts'
import { partOfNames } from './names.ts'
import type { BodyPlan, PublishPlan, RecordedBody } from './plan.ts'
import { placeOf, type StampPlace } from './stamp.ts'
import { type MessageNames, type Names, Template } from './template.ts'

/** A message as it is sent: again and again, with its plate, where nothing in it differs. */
export interface Prepared {
  /** Of the client's destinations, which. */
  readonly to: number
  readonly destination: Template
  /** A function where it differs from message to message. */
  readonly body: Uint8Array | MakeBody
  /** As it was recorded. */
  readonly contentType: string | undefined
  readonly stampsFront: boolean
  /** Of a body that does not differ. */
  readonly stamp: StampPlace | undefined
  /** Whether it is encoded once for a connection. */
  readonly isKept: boolean
  plate: Plate | undefined
}

export type MakeBody = (message: MessageNames) => Uint8Array

/** What one client publishes, one after the other. */
export class Messages {
  /** Of the plan's, those that are its own. */
  readonly destinations: readonly Template[]
  readonly #plan: PublishPlan
  readonly #prepared: Cycle<readonly Prepared[]>
  /** All of it, where that does not change over time. */
  readonly #always: readonly Prepared[] | undefined
  readonly #all: readonly Prepared[]
  readonly #recorded: readonly RecordedBody[]
  readonly #first: number
  readonly #step: number
  readonly #differs: boolean
  /** Milliseconds of the run's clock. */
  #start = 0
  #next = 0

  /** `clients`: of the group, which share a recording's messages. `differs`: what is said beside bodies does. */
  constructor(plan: PublishPlan, names: Names, clients: number, differs: boolean, random: () => number) {
    this.#plan = plan
    this.#differs = differs
    const own = plan.spread ? partOfNames(plan.destinations, names.client, clients) : plan.destinations
    this.destinations = own.map(template => new Template(template, names))
    this.#recorded = plan.bodies.flatMap(({ value }) => value.filter(body => 'bytes' in body))
    this.#first = names.client
    // Clients do not all begin with the same.
    this.#next = this.#recorded.length === 0 ? names.client : 0
    this.#step = clients
    const prepared = plan.bodies.map(({ value, seconds }) => ({
      value: value.flatMap(body => ('bytes' in body ? [] : this.#prepareAll(body, names, random))),
      seconds,
    }))
    this.#all = prepared.flatMap(({ value }) => value)
    this.#prepared = new Cycle(prepared)
    this.#always = prepared.length === 1 ? prepared[0]?.value : undefined
  }

  /** The run starts at `at`, milliseconds of its clock. */
  starts(at: number): void {
    this.#start = at
  }

  /** `due`: when it is, by the same clock. */
  next(due: number): Prepared {
    const at = this.#next++
    if (this.#recorded.length === 0) {
      const prepared = this.#always ?? this.#prepared.at((due - this.#start) / 1000)
      return prepared[at % prepared.length] as Prepared
    }
    // All clients together go through the recording in its order.
    const { bytes, contentType, destination } = this.#recorded[
      (this.#first + at * this.#step) % this.#recorded.length
    ] as RecordedBody
    const to = destination ?? at % this.destinations.length
    // So many and large as there are in a recording, each client is not to keep all of them.
    return this.#prepare(to, bytes, this.#plan.stampsFront, false, contentType)
  }

  /** What was encoded for the last connection may not fit the next. */
  renew(): void {
    for (const prepared of this.#all) prepared.plate = undefined
  }

  /** For every destination. */
  #prepareAll(plan: Exclude<BodyPlan, RecordedBody>, names: Names, random: () => number): Prepared[] {
    const body = bodyOf(plan, names, random)
    return this.destinations.map((_, to) => this.#prepare(to, body, this.#plan.stampsFront || 'size' in plan, true))
  }

  #prepare(
    to: number,
    body: Uint8Array | MakeBody,
    stampsFront: boolean,
    keeps: boolean,
    contentType?: string,
  ): Prepared {
    const destination = this.destinations[to] as Template
    const made = typeof body === 'function'
    const stamp = made ? undefined : placeOf(body, stampsFront)
    const isKept = keeps && !made && !this.#differs && !destination.isDynamic
    return { to, destination, body, contentType, stampsFront, stamp, isKept, plate: undefined }
  }
}

const encoder = new TextEncoder()

function bodyOf(body: Exclude<BodyPlan, RecordedBody>, names: Names, random: () => number): Uint8Array | MakeBody {
  if ('text' in body) {
    const template = new Template(body.text, names)
    return template.isDynamic ? message => encoder.encode(template.fill(message)) : encoder.encode(template.text)
  }
  const { least, most } = body.size
  // Nothing that could be compressed.
  const bytes = Uint8Array.from({ length: most }, () => Math.floor(random() * 256))
  if (least === most) return bytes
  return message => bytes.subarray(0, least + Math.floor(message.random() * (most - least + 1)))
}
