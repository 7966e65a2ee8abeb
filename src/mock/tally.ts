import type { Act, AnyCodec, Side } from '../../codecs/core/index.ts'
import { Deviations } from '../deviations.ts'
import type { Signatures } from './signatures.ts'

/**
 * What became of one thing: `recorded`, as the recording has it; `again`, once more than that; `unknown`, nothing like it
 * is recorded; `undone`, recorded, and not done (or, of the broker's, not said).
 */
export type Verdict = 'recorded' | 'again' | 'unknown' | 'undone'

/** All of one kind: `publish` by clients, `publish` by the broker. */
export interface Kind {
  readonly protocol: string
  /** `connection`, or the type of an act's, or a delivery's, first frame. */
  readonly kind: string
  /** Who does it. */
  readonly from: Side
  readonly counts: Record<Verdict, number>
}

export interface Deviation {
  readonly protocol: string
  readonly kind: string
  readonly from: Side
  readonly address: string
  readonly verdict: Exclude<Verdict, 'recorded'>
  /** Of what is unknown: all that was meant by it, and what the recording has instead, where it comes near. */
  readonly done?: string | undefined
  readonly recorded?: string | undefined
  /** The recorded connection; undefined where there is none. */
  readonly flow: number | undefined
  count: number
}

type Named = Pick<Act, 'type' | 'address'> & Partial<Pick<Act, 'signature'>>

/** Of an address, characters. */
const MOST_ADDRESS = 200
/** Kinds: protocols have few, but STOMP's commands are a client's own words. */
const MOST_KINDS = 1000

/** Counts what clients did and what they were told, beside the recording. */
export class Tally {
  readonly kinds = new Map<string, Kind>()
  readonly deviations = new Deviations<Deviation>()
  readonly #signatures: Signatures

  constructor(signatures: Signatures) {
    this.#signatures = signatures
  }

  /** How many things came to one of these ends. */
  count(...verdicts: readonly Verdict[]): number {
    let sum = 0
    for (const { counts } of this.kinds.values()) for (const verdict of verdicts) sum += counts[verdict]
    return sum
  }

  add(
    codec: AnyCodec,
    from: Side,
    { type, address = '', signature }: Named,
    verdict: Verdict,
    flow?: number,
    instead?: string,
  ): void {
    const key = `${from} ${codec.id} ${type}`
    let kind = this.kinds.get(key)
    if (kind === undefined) {
      if (this.kinds.size >= MOST_KINDS) return
      kind = { protocol: codec.id, kind: type, from, counts: { recorded: 0, again: 0, unknown: 0, undone: 0 } }
      this.kinds.set(key, kind)
    }
    kind.counts[verdict]++
    if (verdict === 'recorded') return
    const short = (text: string | undefined): string | undefined =>
      text === undefined ? undefined : this.#signatures.generic(codec, text).slice(0, MOST_ADDRESS)
    const ways = instead === undefined ? {} : { done: short(signature), recorded: short(instead) }
    const what = { protocol: codec.id, kind: type, from, address: short(address) ?? '' }
    this.deviations.add({ ...what, verdict, flow, ...ways })
  }
}
