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
  readonly outcome: string
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
  #open = 0

  /** `address`: what stands live for a recorded address. */
  constructor(address: (recorded: string) => string) {
    this.#address = address
  }

  get deviant(): boolean {
    return [...this.kinds.values()].some(({ counts }) => counts.different + counts.missing + counts.extra > 0)
  }

  exchange(side: Run, flow: Flow, place: Place, { kind, address = '', ...over }: Exchange): void {
    if (TIMED.has(kind)) return
    const { ok, outcome = '', reply, ended, started } = over
    const generic = this.#generic(flow.codec)
    const word = reply === 0 ? 'unanswered' : ok === false ? 'failed' : 'ok'
    const line = this.#line(side, flow, place, kind, address)
    if (reply !== 0) line.kind[side].answered(ended - started, ok !== false)
    else line.kind[side].open++
    this.#add(side, line, { outcome: outcome === '' ? word : `${word} ${generic.name(outcome)}` })
  }

  /** What was delivered is compared by its content. */
  message(side: Run, flow: Flow, place: Place, { direction, address = '', body, size }: Message): void {
    if (direction !== 'deliver') return
    const hash = createHash('sha1').update(body).digest('hex').slice(0, 8)
    this.#add(side, this.#line(side, flow, place, 'deliver', address), { outcome: `${size} bytes, sha1 ${hash}` })
  }

  /** What has no partner will have none. */
  finish(): void {
    for (const line of this.#lines.values()) {
      for (const { outcome } of line.recorded) this.#count(line, 'missing', outcome, undefined)
      for (const { outcome } of line.live) this.#count(line, 'extra', undefined, outcome)
    }
    this.#lines.clear()
  }

  #line(side: Run, flow: Flow, place: Place, kind: string, told: string): Line {
    const protocol = protocolOf(flow)
    const mapped = side === 'recorded' && told !== '' ? this.#address(told) : told
    // Copies have names of their own.
    const address = place.copy === 0 ? this.#generic(flow.codec).name(mapped) : ''
    const key = `${place.flow}\n${place.copy}\n${kind}\n${address}`
    let line = this.#lines.get(key)
    if (line === undefined) {
      line = { place, kind: this.#kind(protocol, kind), address, recorded: [], live: [] }
      this.#lines.set(key, line)
    }
    return line
  }

  #add(side: Run, line: Line, seen: Seen): void {
    const partner = (side === 'recorded' ? line.live : line.recorded).shift()
    if (partner !== undefined) {
      this.#open--
      const [recorded, live] = side === 'recorded' ? [seen, partner] : [partner, seen]
      this.#count(line, recorded.outcome === live.outcome ? 'same' : 'different', recorded.outcome, live.outcome)
      return
    }
    if (this.#open >= MOST_OPEN) {
      this.omitted++
      return
    }
    this.#open++
    line[side].push(seen)
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
