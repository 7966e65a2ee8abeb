import type { Exchange } from '../../core/index.ts'
import type { Blocks } from './blocks.ts'
import { type Head, identityOf, type Target } from './head.ts'
import type { Sent } from './sent.ts'

/** An open request, over all the blocks that it takes. */
export class Asked {
  readonly exchange: Exchange
  readonly head: Head
  readonly target: Target
  /** Each block may have one of its own. */
  readonly tokens = new Set<string>()
  /** The body that the request brings, as far as it came; undefined where no more of it is to follow. */
  upload: Blocks | undefined
  /** The body that it gets. */
  download: Blocks | undefined
  /** By an empty ACK: the response comes later. */
  acknowledged = false
  /** The last response that was not the end of it. */
  part: { readonly time: number; readonly number: number; readonly outcome: string } | undefined
  /** What it was sent in last. */
  sent: Sent | undefined
  #identity: string | undefined

  constructor(exchange: Exchange, head: Head, target: Target) {
    this.exchange = exchange
    this.head = head
    this.target = target
  }

  get identity(): string {
    this.#identity ??= identityOf(this.head)
    return this.#identity
  }

  /** Whether it ends an observation [RFC 7641 §3.6]. */
  get cancels(): boolean {
    return this.head.fields.observe === CANCEL
  }

  get registers(): boolean {
    return this.head.fields.observe === REGISTER
  }

  /** Nothing is to come back, whatever comes of it [RFC 7967 §2.1]. */
  get silent(): boolean {
    return ((this.head.fields.noResponse ?? 0) & ALL_CLASSES) === ALL_CLASSES
  }

  /** A response of some classes is not to come back. */
  get hushed(): boolean {
    return (this.head.fields.noResponse ?? 0) !== 0
  }
}

const REGISTER = 0
const CANCEL = 1

/** The bits of No-Response: 2.xx, 4.xx, 5.xx. */
const ALL_CLASSES = 2 | 8 | 16
