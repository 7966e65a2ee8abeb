import { createHash } from 'node:crypto'
import type { Exchange, Message } from '../../codecs/core/index.ts'
import { Deviations } from '../deviations.ts'
import { genericOf } from '../diff/index.ts'
import { type Flow, protocolOf } from '../flow.ts'
import { ExchangeTally } from '../output/index.ts'

/** Where something was seen. */
export type Run = 'recorded' | 'live'

/** How one thing of the recording went this time: `missing` now, or `extra`. */
export const VERDICTS = ['same', 'different', 'missing', 'extra'] as const
export type Verdict = (typeof VERDICTS)[number]

export interface Deviation {
  /** In the recording. */
  readonly flow: number
  readonly protocol: string
  readonly kind: string
  readonly address: string
  readonly verdict: Verdict
  /** How many of the same. */
  count: number
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

/** What was done of one kind, at one address of one connection. */
interface Line {
  readonly place: Place
  readonly kind: Kind
  readonly address: string
  /** By what came of it, how many more there are in the recording (above 0) or in the live run (below 0). */
  readonly surplus: Map<string, number>
}

type Kind = KindCompared & { readonly counts: Record<Verdict, number> }

/** Kinds of exchanges that only time brings about. */
const TIMED: ReadonlySet<string> = new Set(['ping'])
/** What has no counterpart so far, and addresses, each. */
const MOST_OPEN = 250_000
const MOST_LINES = 100_000

/**
 * Compares a run with its recording, while both go on: of each kind, at each address, as many must have come to the same
 * end. In what order those of one address did is left to chance, as brokers leave it.
 */
export class Comparison {
  readonly kinds = new Map<string, Kind>()
  readonly deviations = new Deviations<Deviation>()
  /** What was not compared, as too much was open. */
  omitted = 0
  readonly #lines = new Map<string, Line>()
  readonly #renamed: boolean
  #open = 0

  /** `renamed`: addresses are others than recorded, and so are not compared. */
  constructor(renamed: boolean) {
    this.#renamed = renamed
  }

  get deviant(): boolean {
    return [...this.kinds.values()].some(({ counts }) => counts.different + counts.missing + counts.extra > 0)
  }

  exchange(run: Run, flow: Flow, place: Place, exchange: Exchange): void {
    const { kind, address = '', ok, outcome = '', reply, ended, started } = exchange
    if (TIMED.has(kind)) return
    const line = this.#line(flow, place, kind, address)
    if (line === undefined) return
    const word = reply === 0 ? 'unanswered' : ok === false ? 'failed' : 'ok'
    if (reply !== 0) line.kind[run].answered(ended - started, ok !== false)
    else line.kind[run].open++
    // A broker's words may name what is called otherwise now.
    const words = line.address === '' && address !== '' ? outcome.replaceAll(address, '‹…›') : outcome
    this.#add(run, line, words === '' ? word : `${word} ${genericOf(flow.codec).name(words)}`)
  }

  /** What was delivered is compared by its content. */
  message(run: Run, flow: Flow, place: Place, { direction, address = '', body, size }: Message): void {
    if (direction !== 'deliver') return
    const line = this.#line(flow, place, 'deliver', address)
    const hash = createHash('sha1').update(body).digest('hex').slice(0, 8)
    if (line !== undefined) this.#add(run, line, `${size} bytes, sha1 ${hash}`)
  }

  /** What has no counterpart will have none. */
  finish(): void {
    for (const line of this.#lines.values()) {
      const recorded: string[] = []
      const live: string[] = []
      for (const [outcome, count] of line.surplus) {
        for (let more = Math.abs(count); more > 0; more--) (count > 0 ? recorded : live).push(outcome)
      }
      const both = Math.min(recorded.length, live.length)
      for (let at = 0; at < both; at++) this.#count(line, 'different', recorded[at], live[at])
      for (const outcome of recorded.slice(both)) this.#count(line, 'missing', outcome, undefined)
      for (const outcome of live.slice(both)) this.#count(line, 'extra', undefined, outcome)
    }
    this.#lines.clear()
  }

  #line(flow: Flow, place: Place, kind: string, told: string): Line | undefined {
    // Copies have names of their own.
    const address = this.#renamed || place.copy > 0 ? '' : genericOf(flow.codec).name(told)
    const key = `${place.flow}\n${place.copy}\n${kind}\n${address}`
    let line = this.#lines.get(key)
    if (line === undefined) {
      if (this.#lines.size >= MOST_LINES) {
        this.omitted++
        return undefined
      }
      line = { place, kind: this.#kind(protocolOf(flow), kind), address, surplus: new Map() }
      this.#lines.set(key, line)
    }
    return line
  }

  #add(run: Run, line: Line, outcome: string): void {
    const { surplus } = line
    const step = run === 'recorded' ? 1 : -1
    const before = surplus.get(outcome) ?? 0
    const after = before + step
    const matched = Math.abs(after) < Math.abs(before)
    if (matched) {
      this.#open--
      line.kind.counts.same++
    } else if (this.#open >= MOST_OPEN) {
      this.omitted++
      return
    } else this.#open++
    if (after === 0) surplus.delete(outcome)
    else surplus.set(outcome, after)
  }

  #count({ kind, place, address }: Line, verdict: Exclude<Verdict, 'same'>, recorded?: string, live?: string): void {
    kind.counts[verdict]++
    const { flow } = place
    this.deviations.add({ flow, protocol: kind.protocol, kind: kind.kind, address, verdict, recorded, live })
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
}
