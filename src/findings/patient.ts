import type {
  AnyCodec,
  AnyRule,
  Exchange,
  Frame,
  LevelChange,
  Message,
  Packet,
  Report,
  Severity,
  Side,
  TopologyChange,
  Watched,
  Watcher,
} from '../../codecs/core/index.ts'
import type { Flow } from '../flow.ts'

export type Found = (rule: AnyRule, flow: Flow, message: string, frames: readonly number[], severity: Severity) => void

type Handler = keyof Watcher

/** One connection under the rules of its protocol. A rule's watcher is made when something comes that it looks at. */
export class Patient implements Watched {
  readonly codec: AnyCodec
  readonly #flow: Flow
  readonly #ward: Ward
  /** In the order of the rules, as far as they were made. */
  readonly #watchers: (Watcher | undefined)[]
  #open: Exchange[] | undefined
  readonly last: Record<Side, number>

  constructor(flow: Flow, codec: AnyCodec, ward: Ward) {
    this.#flow = flow
    this.codec = codec
    this.#ward = ward
    this.#watchers = new Array(ward.size)
    this.last = { client: flow.started, server: flow.started }
  }

  get joined(): Watched['joined'] {
    return this.#flow.joined
  }

  get encrypted(): boolean {
    return this.#flow.carriers.some(({ encrypted }) => encrypted === true)
  }

  get server(): Watched['server'] {
    return this.#flow.server
  }

  get ending(): Watched['ending'] {
    return this.#flow.ending
  }

  get started(): number {
    return this.#flow.started
  }

  packet(packet: Packet, frame: Frame | undefined, number: number): void {
    if (frame === undefined) for (const at of this.#seen('unread')) this.#watcher(at).unread?.(packet, number)
    else {
      this.#ward.examined = this.#flow
      const { watching, leaving } = this.#ward.seeing(frame.type)
      for (const at of watching) this.#watcher(at).frame?.(frame, packet, number)
      for (const at of leaving) this.#watchers[at] = undefined
    }
    this.last[packet.side] = packet.time
  }

  message(message: Message): void {
    for (const at of this.#seen('message')) this.#watcher(at).message?.(message)
  }

  began(exchange: Exchange): void {
    for (const at of this.#seen('began', exchange.kind)) this.#watcher(at).began?.(exchange)
  }

  ended(exchange: Exchange): void {
    for (const at of this.#seen('ended', exchange.kind)) this.#watcher(at).ended?.(exchange)
  }

  unanswered(exchange: Exchange): void {
    this.#open ??= []
    this.#open.push(exchange)
  }

  topology(change: TopologyChange): void {
    for (const at of this.#seen('topology', change.kind)) this.#watcher(at).topology?.(change)
  }

  level(change: LevelChange): void {
    for (const at of this.#seen('level')) this.#watcher(at).level?.(change)
  }

  end(time: number): void {
    for (const at of this.#seen('end')) this.#watcher(at).end?.(time, this.#open ?? [])
  }

  #seen(handler: Exclude<Handler, 'frame'>, kind = ''): readonly number[] {
    this.#ward.examined = this.#flow
    return this.#ward.having(handler, kind)
  }

  #watcher(at: number): Watcher {
    return (this.#watchers[at] ??= this.#ward.watch(at, this))
  }
}

interface Seeing {
  /** Who sees a frame, by their places in the list of rules. */
  readonly watching: readonly number[]
  /** Who is let go of after it. */
  readonly leaving: readonly number[]
}

/**
 * The rules of a protocol, and all of them that is the same for every connection: there may be very many. Rules go by
 * their place in the list.
 */
export class Ward {
  /** The connection that something has come of: what is reported now is of it. */
  examined: Flow | undefined
  readonly #rules: readonly AnyRule[]
  readonly #reports: readonly Report[]
  readonly #specimens: readonly Watcher[]
  readonly #having: Readonly<Record<Handler, Map<string, readonly number[]>>>
  /** Who sees frames of a type: found when a type first comes. */
  readonly #byType = new Map<string, Seeing>()

  constructor(rules: readonly AnyRule[], found: Found) {
    this.#rules = rules
    this.#reports = rules.map(rule => (message, frames, severity = rule.severity) => {
      if (this.examined !== undefined) found(rule, this.examined, message, frames, severity)
    })
    this.#specimens = rules.map(rule => rule.watch(NOBODY, () => {}))
    this.#having = {
      frame: new Map(),
      unread: new Map(),
      message: new Map(),
      began: new Map(),
      ended: new Map(),
      topology: new Map(),
      level: new Map(),
      end: new Map(),
    }
  }

  /** How many rules there are. */
  get size(): number {
    return this.#rules.length
  }

  /** Whose watchers have a function, and look at this kind of what is given to it. */
  having(handler: Handler, kind: string): readonly number[] {
    const known = this.#having[handler]
    let having = known.get(kind)
    if (having === undefined) {
      having = this.#rules.flatMap((rule, at) => {
        const wanted = CHOSEN_BY[handler]?.(rule)?.includes(kind) !== false
        return wanted && this.#specimens[at]?.[handler] !== undefined ? [at] : []
      })
      if (known.size < MOST_TYPES) known.set(kind, having)
    }
    return having
  }

  watch(at: number, patient: Watched): Watcher {
    return (this.#rules[at] as AnyRule).watch(patient, this.#reports[at] as Report)
  }

  seeing(type: string): Seeing {
    let seeing = this.#byType.get(type)
    if (seeing === undefined) {
      const watching = this.having('frame', type)
      seeing = { watching, leaving: watching.filter(at => this.#rules[at]?.until === type) }
      if (this.#byType.size < MOST_TYPES) this.#byType.set(type, seeing)
    }
    return seeing
  }
}

/** What a rule says of the kinds that a function is to see. */
const CHOSEN_BY: Readonly<Partial<Record<Handler, (rule: AnyRule) => readonly string[] | undefined>>> = {
  frame: ({ types }) => types,
  began: ({ exchanges }) => exchanges,
  ended: ({ exchanges }) => exchanges,
  topology: ({ things }) => things,
}

/** STOMP's commands are the sender's own words. */
const MOST_TYPES = 256

/** No connection: to see what a rule's watcher looks at. */
const NOBODY: Watched = {
  joined: 'start',
  encrypted: false,
  server: { host: '', port: 0 },
  ending: undefined,
  last: { client: 0, server: 0 },
  started: 0,
}
