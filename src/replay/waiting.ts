import type { Expected, Packet } from '../../codecs/core/index.ts'
import type { Outstanding, Played } from './connection.ts'

/** Confirmations and deliveries that may be outstanding where one is in a hurry. */
const WINDOW = 1000
/** What waits apart: a broker that takes no acknowledgement holds no more than so many of what is published meanwhile. */
const MOST_APART = 200
/** Milliseconds after which something else is taken to be in the way of what does not come. */
const STUCK = 50

export interface WaitingOptions {
  readonly hurried: boolean
  readonly signal: AbortSignal
  /** Live connections. */
  readonly live: () => Iterable<Played>
  /** Does what waited apart. */
  readonly proceed: (played: Played, packet: Packet) => void
}

/** What the recording has of the peers and did not come yet, over all connections, and the waiting for it. */
export class Waiting {
  readonly #options: WaitingOptions
  /** What comes before anything else, and what may be late. */
  readonly #strict: Outstanding[] = []
  readonly #loose: Outstanding[] = []
  #apart = 0
  #wake: (() => void) | undefined

  constructor(options: WaitingOptions) {
    this.#options = options
    options.signal.addEventListener('abort', () => this.#wake?.())
  }

  /** `due`: not before this moment, in milliseconds of `performance.now()`, is it late. */
  expect(expected: Expected, played: Played, due: number): void {
    const outstanding = { expected, played, since: Math.max(performance.now(), due) }
    if (expected.loose) this.#loose.push(outstanding)
    else this.#strict.push(outstanding)
    played.expected.push(outstanding)
    if (played.expected.length > WINDOW * 2) played.expected = played.expected.filter(({ expected: { open } }) => open)
  }

  /** Whether something recorded before must be awaited before anything else is done. */
  get mustWait(): boolean {
    prune(this.#strict)
    prune(this.#loose)
    return this.#strict.length > 0 || this.#loose.length > (this.#options.hurried ? WINDOW : 0)
  }

  async room(): Promise<void> {
    const { hurried } = this.#options
    while (this.mustWait) {
      await this.strict()
      if (hurried) await this.arrived(this.#loose.shift())
      else await this.#settle(this.#loose)
    }
  }

  strict(): Promise<void> {
    return this.#settle(this.#strict)
  }

  /** Undefined where nothing is outstanding, strict or loose, and nothing waits apart. */
  all(): Promise<void> | undefined {
    prune(this.#strict)
    prune(this.#loose)
    return this.#strict.length + this.#loose.length + this.#apart === 0 ? undefined : this.#all()
  }

  /** The same, of one connection. */
  of(played: Played): Promise<void> | undefined {
    const open = played.expected.filter(({ expected }) => expected.open)
    return open.length + played.apart.length === 0 ? undefined : this.#settle(open).then(() => this.#joined(played))
  }

  /** Puts off what waits for `expected`, so that other things go on; false where too much waits already. */
  putOff(played: Played, packet: Packet, expected: Expected): boolean {
    if (!this.#options.hurried || this.#apart >= MOST_APART) return false
    this.#apart++
    played.apart.push({ expected, played, since: performance.now(), packet: packet.kept() })
    return true
  }

  /** Something came on a connection, or it ended. */
  changed(played: Played): void {
    this.#catchUp(played)
    this.#wake?.()
  }

  /** Waits until it came, or was given up. */
  async arrived(outstanding: Outstanding | undefined): Promise<void> {
    if (outstanding === undefined) return
    const { expected, played, since } = outstanding
    if (expected.open) played.urge()
    played.flush()
    const began = performance.now()
    let unblocked = false
    while (expected.open) {
      const now = performance.now()
      const left = since + played.patience - now
      if (left <= 0 || played.gone || this.#options.signal.aborted) {
        played.giveUp(expected)
        // What came instead may be in the way of what is to come.
        for (const one of this.#options.live()) one.settle()
        this.#catchUp(played)
        return
      }
      if (!unblocked && now >= began + STUCK) {
        unblocked = true
        for (const one of this.#options.live()) one.unblock()
      }
      await this.change(unblocked ? left : Math.min(left, began + STUCK - now))
    }
  }

  async until(due: number): Promise<void> {
    for (
      let left = due - performance.now();
      left > 0 && !this.#options.signal.aborted;
      left = due - performance.now()
    ) {
      await this.change(left)
    }
  }

  /** Resolves when something came, or after so many milliseconds. */
  change(most: number): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(() => this.#wake?.(), Math.min(most, 2 ** 31 - 1))
      this.#wake = () => {
        clearTimeout(timer)
        this.#wake = undefined
        resolve()
      }
      if (this.#options.signal.aborted) this.#wake()
    })
  }

  async #all(): Promise<void> {
    await this.#settle(this.#strict)
    await this.#settle(this.#loose)
    for (const played of this.#options.live()) await this.#joined(played)
  }

  /** Waits until nothing of it waits apart. */
  async #joined(played: Played): Promise<void> {
    for (let first = played.apart[0]; first !== undefined; first = played.apart[0]) {
      await this.arrived(first)
      this.#catchUp(played)
    }
  }

  /** Waits until all of `outstanding` came, or was given up; it is empty then. */
  async #settle(outstanding: Outstanding[]): Promise<void> {
    while (outstanding.length > 0) await this.arrived(outstanding.shift())
  }

  /** Does what waited apart, as far as what it waited for came or was given up. */
  #catchUp(played: Played): void {
    if (played.apart.length === 0) return
    const due = played.apart.filter(({ expected }) => !expected.open)
    if (due.length === 0) return
    played.apart = played.apart.filter(({ expected }) => expected.open)
    this.#apart -= due.length
    for (const { packet } of due) this.#options.proceed(played, packet)
  }
}

/** Those at the front that came. */
function prune(outstanding: Outstanding[]): void {
  while (outstanding.length > 0 && outstanding[0]?.expected.open === false) outstanding.shift()
}
