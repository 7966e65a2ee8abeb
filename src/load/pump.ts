import type { Schedule } from './arrivals.ts'
import type { Client } from './client.ts'
import type { Stalls } from './stalls.ts'
import type { Tally } from './tally.ts'

/** Messages that are published in one go, before anything else gets its turn. */
const MOST_AT_ONCE = 4096

export interface PumpOptions {
  /** Open arrivals; undefined: closed, as fast as answers come. */
  readonly arrivals: Schedule | undefined
  /** The same arrivals once more, to count what is due by: what is sent may lag behind. */
  readonly planned: Schedule | undefined
  /** Of this worker's part of the group; Infinity for no limit. */
  readonly most: number
  /** Whether each client has its own limit, too. */
  readonly isEachLimited: boolean
  /** Milliseconds after which what was due is dropped; Infinity for never. */
  readonly patience: number
  readonly tally: Tally
  readonly stalls: Stalls
}

/**
 * Publishes for the clients of one group: what is due goes to the next of them that has room. What cannot go waits, and
 * keeps the time at which it was due.
 */
export class Pump {
  readonly #options: PumpOptions
  readonly #clients: Client[] = []
  #next = 0
  #sent = 0
  #due = 0
  #over = false

  constructor(options: PumpOptions) {
    this.#options = options
  }

  add(client: Client): void {
    this.#clients.push(client)
  }

  /** Nothing more will be due. */
  get over(): boolean {
    const { arrivals, most } = this.#options
    return this.#over || this.#sent >= most || (arrivals !== undefined && arrivals.due === undefined)
  }

  /** Nothing more is published, whatever is due. */
  stop(now: number): void {
    this.#over = true
    this.#options.stalls.stop(now)
  }

  /** Counts what was due until `elapsed` seconds of the run, whatever became of it. */
  count(elapsed: number): void {
    const { planned, tally, most } = this.#options
    if (planned === undefined) return
    for (let due = planned.due; due !== undefined && due <= elapsed && this.#due < most; due = planned.due) {
      planned.advance()
      this.#due++
      tally.counts.due++
    }
  }

  /** What was due until `elapsed` seconds of the run and is not sent will not be. */
  giveUp(elapsed: number): void {
    const { arrivals, tally, most } = this.#options
    if (arrivals === undefined) return
    for (let due = arrivals.due; due !== undefined && due <= elapsed && this.#sent < most; due = arrivals.due) {
      arrivals.advance()
      tally.counts.dropped++
    }
  }

  /**
   * Publishes what is due by `now`, as far as there is room. Times are in milliseconds, `start` is when the first stage
   * began. Answers with when the next is due: `now` where it goes on at once, undefined where only room is lacking, or
   * nothing is due any more.
   */
  run(now: number, start: number): number | undefined {
    if (this.over || this.#clients.length === 0) return undefined
    return this.#options.arrivals === undefined ? this.#closed(now) : this.#open(now, start, this.#options.arrivals)
  }

  #open(now: number, start: number, arrivals: Schedule): number | undefined {
    const { tally, patience, most, stalls } = this.#options
    for (let count = 0; count < MOST_AT_ONCE && this.#sent < most; count++) {
      const due = arrivals.due
      if (due === undefined) return undefined
      const time = start + due * 1000
      if (time > now) return time
      if (now - time > patience) {
        arrivals.advance()
        tally.counts.dropped++
        continue
      }
      const client = this.#free()
      if (client === undefined) {
        stalls.full(now)
        return undefined
      }
      stalls.free(now)
      arrivals.advance()
      this.#sent++
      client.publish(time, now)
    }
    return now
  }

  #closed(now: number): number | undefined {
    const { most, stalls } = this.#options
    for (let count = 0; count < MOST_AT_ONCE; count++) {
      if (this.#sent >= most) return undefined
      const client = this.#free()
      if (client === undefined) {
        stalls.full(now)
        return undefined
      }
      stalls.free(now)
      this.#sent++
      client.publish(now, now)
    }
    return now
  }

  /** The next client, in turn, that has room. */
  #free(): Client | undefined {
    const clients = this.#clients
    const { isEachLimited } = this.#options
    for (let tried = 0; tried < clients.length; tried++) {
      const client = clients[this.#next] as Client
      this.#next = this.#next + 1 === clients.length ? 0 : this.#next + 1
      if (client.room > 0 && !(isEachLimited && client.publisher?.isSpent)) return client
    }
    return undefined
  }
}
