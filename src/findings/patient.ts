import type {
  AnyCodec,
  AnyRule,
  Exchange,
  Frame,
  LevelChange,
  Message,
  Packet,
  Severity,
  Side,
  TopologyChange,
  Watched,
  Watcher,
} from '../../codecs/core/index.ts'
import type { Flow } from '../flow.ts'

type Found = (rule: AnyRule, flow: Flow, message: string, frames: readonly number[], severity: Severity) => void

/** One connection under the rules of its protocol. */
export class Patient implements Watched {
  readonly codec: AnyCodec
  readonly #flow: Flow
  readonly #watchers: readonly Watcher[]
  /** Who sees frames of a type: made when a type first comes. */
  readonly #byType = new Map<string, readonly Watcher[]>()
  readonly #rules: readonly AnyRule[]
  readonly #open: Exchange[] = []
  readonly last: Record<Side, number>

  constructor(flow: Flow, codec: AnyCodec, rules: readonly AnyRule[], found: Found) {
    this.#flow = flow
    this.codec = codec
    this.#rules = rules
    this.last = { client: flow.started, server: flow.started }
    this.#watchers = rules.map(rule =>
      rule.watch(this, (message, frames, severity = rule.severity) => found(rule, flow, message, frames, severity)),
    )
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
    if (frame === undefined) for (const watcher of this.#watchers) watcher.unread?.(packet, number)
    else for (const watcher of this.#seeing(frame.type)) watcher.frame?.(frame, packet, number)
    this.last[packet.side] = packet.time
  }

  message(message: Message): void {
    for (const watcher of this.#watchers) watcher.message?.(message)
  }

  began(exchange: Exchange): void {
    for (const watcher of this.#watchers) watcher.began?.(exchange)
  }

  ended(exchange: Exchange): void {
    for (const watcher of this.#watchers) watcher.ended?.(exchange)
  }

  unanswered(exchange: Exchange): void {
    this.#open.push(exchange)
  }

  topology(change: TopologyChange): void {
    for (const watcher of this.#watchers) watcher.topology?.(change)
  }

  level(change: LevelChange): void {
    for (const watcher of this.#watchers) watcher.level?.(change)
  }

  end(time: number): void {
    for (const watcher of this.#watchers) watcher.end?.(time, this.#open)
  }

  #seeing(type: string): readonly Watcher[] {
    let seeing = this.#byType.get(type)
    if (seeing === undefined) {
      seeing = this.#watchers.filter((watcher, at) => {
        const types = this.#rules[at]?.types
        return watcher.frame !== undefined && (types === undefined || types.includes(type))
      })
      if (this.#byType.size < MOST_TYPES) this.#byType.set(type, seeing)
    }
    return seeing
  }
}

/** STOMP's commands are the sender's own words. */
const MOST_TYPES = 256
