import { createHash } from 'node:crypto'
import type { AnyCodec, Exchange, Message } from '../../codecs/core/index.ts'
import { Generic } from '../diff/index.ts'
import { type Flow, protocolOf } from '../flow.ts'
import { ExchangeTally } from '../output/index.ts'

/** Where something was seen. */
export type Run = 'recorded' | 'live'

/** How one thing of the recording went this time. */
export type Verdict = 'same' | 'different' | 'missing' | 'extra'

export interface Deviation {
  /** In the recording. */
  readonly flow: number
  readonly protocol: string
  readonly kind: string
  readonly address: string
  readonly verdict: Verdict
  /** What came of it then, and now. */
  readonly recorded?: string | undefined
  readonly live?: string | undefined
}

/** All of one kind: `publish-confirm`, `deliver`. */
export interface KindCompared {
  readonly protocol: string
  readonly kind: string
  readonly counts: Readonly<Record<Verdict, number>>
  /** How long answers took. */
  readonly recorded: ExchangeTally
  readonly live: ExchangeTally
}

/** Which connection of the recording, and which copy of it. */
export interface Place {
  readonly flow: number
  readonly copy: number
}

interface Seen {
  /** Undefined as long as it goes on. */
  outcome: string | undefined
  partner: Seen | undefined
}

interface Begun {
  readonly line: Line
  readonly seen: Seen
}

interface Line {
  readonly place: Place
  readonly kind: Kind
  readonly address: string
  readonly recorded: Seen[]
  readonly live: Seen[]
}

type Kind = KindCompared & { readonly counts: Record<Verdict, number> }

/** Kinds of exchanges that only time brings about. */
const TIMED: ReadonlySet<string> = new Set(['ping'])
/** What has no partner yet, and deviations that are kept to be told, each. */
const MOST_OPEN = 250_000
const MOST_TOLD = 1000

/** Compares a run with its recording, while both go on: the n-th of a kind and address then with the n-th of it now. */
export class Comparison {
  readonly kinds = new Map<string, Kind>()
  readonly deviations: Deviation[] = []
  /** Beyond those that are told. */
  more = 0
  /** What was not compared, as too much waited for its partner. */
  omitted = 0
  readonly #lines = new Map<string, Line>()
  readonly #generics = new Map<AnyCodec | undefined, Generic>()
  readonly #address: (recorded: string) => string
  /** By copy. */
  readonly #begun = new WeakMap<Exchange, Map<number, Begun>>()
  #open = 0

  /** `address`: what stands live for a recorded address. */
  constructor(address: (recorded: string) => string) {
    this.#address = address
  }

  get deviant(): boolean {
    return [...this.kinds.values()].some(({ counts }) => counts.different + counts.missing + counts.extra > 0)
  }

  /** Exchanges are tied in the order in which they begin. */
  began(side: Run, flow: Flow, place: Place, exchange: Exchange): void {
    const { kind, address = '' } = exchange
    if (TIMED.has(kind)) return
    const seen: Seen = { outcome: undefined, partner: undefined }
    const line = this.#line(side, flow, place, kind, address)
    this.#places(exchange).set(place.copy, { line, seen })
    this.#tie(side, line, seen)
  }

  /** It was answered, or will not be. */
  ended(side: Run, flow: Flow, place: Place, exchange: Exchange): void {
    const begun = this.#begun.get(exchange)?.get(place.copy)
    if (begun === undefined) return
    const { ok, outcome = '', reply, ended, started } = exchange
    const { line, seen } = begun
    const word = reply === 0 ? 'unanswered' : ok === false ? 'failed' : 'ok'
    if (reply !== 0) line.kind[side].answered(ended - started, ok !== false)
    else line.kind[side].open++
    seen.outcome = outcome === '' ? word : `${word} ${this.#generic(flow.codec).name(outcome)}`
    this.#settle(side, line, seen)
  }

  /** What was delivered is tied by its content, whatever came between; what is left over, by its address. */
  message(side: Run, flow: Flow, place: Place, { direction, address = '', body, size }: Message): void {
    if (direction !== 'deliver') return
    const hash = createHash('sha1').update(body).digest('hex').slice(0, 8)
    const outcome = `${size} bytes, sha1 ${hash}`
    const line = this.#line(side, flow, place, 'deliver', address, outcome)
    const seen: Seen = { outcome, partner: undefined }
    this.#tie(side, line, seen)
    this.#settle(side, line, seen)
  }

  /** What has no partner will have none. */
  finish(): void {
    const alone = new Map<string, Line>()
    for (const line of this.#lines.values()) {
      const { place, kind, address } = line
      const key = `${place.flow}\n${place.copy}\n${kind.protocol}\n${kind.kind}\n${address}`
      const all = alone.get(key)
      if (all === undefined) alone.set(key, { ...line, recorded: [...line.recorded], live: [...line.live] })
      else {
        all.recorded.push(...line.recorded)
        all.live.push(...line.live)
      }
    }
    this.#lines.clear()
    for (const line of alone.values()) {
      const { recorded, live } = line
      const both = Math.min(recorded.length, live.length)
      for (let at = 0; at < both; at++) this.#count(line, 'different', recorded[at]?.outcome, live[at]?.outcome)
      for (const { outcome } of recorded.slice(both)) this.#count(line, 'missing', outcome, undefined)
      for (const { outcome } of live.slice(both)) this.#count(line, 'extra', undefined, outcome)
    }
  }

  #line(side: Run, flow: Flow, place: Place, kind: string, told: string, content = ''): Line {
    const protocol = protocolOf(flow)
    const mapped = side === 'recorded' && told !== '' ? this.#address(told) : told
    // Copies have names of their own.
    const address = place.copy === 0 ? this.#generic(flow.codec).name(mapped) : ''
    const key = `${place.flow}\n${place.copy}\n${kind}\n${address}\n${content}`
    let line = this.#lines.get(key)
    if (line === undefined) {
      line = { place, kind: this.#kind(protocol, kind), address, recorded: [], live: [] }
      this.#lines.set(key, line)
    }
    return line
  }

  /** Ties it to the first of the other run that has no partner. */
  #tie(side: Run, line: Line, seen: Seen): void {
    const partner = (side === 'recorded' ? line.live : line.recorded).shift()
    if (partner !== undefined) {
      this.#open--
      seen.partner = partner
      partner.partner = seen
    } else if (this.#open >= MOST_OPEN) {
      this.omitted++
    } else {
      this.#open++
      line[side].push(seen)
    }
  }

  /** Compares it with its partner, where both are over. */
  #settle(side: Run, line: Line, seen: Seen): void {
    const { partner } = seen
    if (partner?.outcome === undefined) return
    const [recorded, live] = side === 'recorded' ? [seen, partner] : [partner, seen]
    this.#count(line, recorded.outcome === live.outcome ? 'same' : 'different', recorded.outcome, live.outcome)
  }

  #places(exchange: Exchange): Map<number, Begun> {
    let places = this.#begun.get(exchange)
    if (places === undefined) {
      places = new Map()
      this.#begun.set(exchange, places)
    }
    return places
  }

  #count({ kind, place, address }: Line, verdict: Verdict, recorded?: string, live?: string): void {
    kind.counts[verdict]++
    if (verdict === 'same') return
    if (this.deviations.length >= MOST_TOLD) {
      this.more++
      return
    }
    this.deviations.push({
      flow: place.flow,
      protocol: kind.protocol,
      kind: kind.kind,
      address,
      verdict,
      recorded,
      live,
    })
  }

  #kind(protocol: string, name: string): Kind {
    const key = `${protocol} ${name}`
    let kind = this.kinds.get(key)
    if (kind === undefined) {
      const counts = { same: 0, different: 0, missing: 0, extra: 0 }
      kind = { protocol, kind: name, counts, recorded: new ExchangeTally(), live: new ExchangeTally() }
      this.kinds.set(key, kind)
    }
    return kind
  }

  #generic(codec: AnyCodec | undefined): Generic {
    let generic = this.#generics.get(codec)
    if (generic === undefined) {
      generic = new Generic(codec?.comparison)
      this.#generics.set(codec, generic)
    }
    return generic
  }
}
