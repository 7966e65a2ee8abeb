import { Failure } from '../../failure.ts'
import { compile, complete, FilterError } from '../../filter/index.ts'
import type { Flow } from '../../flow.ts'
import { whyNot } from '../../replay/index.ts'
import type { Body, Bytes, KindId } from './kind.ts'
import { chosen } from './list.ts'
import type { Numbers } from './numbers.ts'
import type { Offers, Verdict } from './prompt.ts'
import { Replay, type Replays } from './replay.ts'
import type { ListId, ScrollPane, State, TreePane } from './state.ts'
import type { AnyTable } from './table.ts'
import type { Traffic } from './traffic.ts'
import { type Tree, type Twig, twigs } from './tree.ts'

/** The chosen row, with everything that panes show of it. */
export interface Subject {
  readonly table: AnyTable
  readonly number: number
  readonly row: unknown
  readonly details: readonly Tree[]
  readonly bytes: Bytes | undefined
  readonly body: Body | undefined
  readonly flow: Flow
}

/** Time for filters, sorting and searching between two drawings, in milliseconds. */
const BUDGET = 12

/** The traffic as the user has laid it out: what `update` asks when an action depends on what there is. */
export class Desk {
  readonly traffic: Traffic
  readonly replays: Replays | undefined
  /** The last one. */
  replay: Replay | undefined
  /** The kinds of rows that there are, in the order in which one key goes through them. */
  readonly kinds: readonly KindId[]
  /** How far down panes without rows can be scrolled, as it was when they were last drawn. */
  readonly depths: Partial<Record<ScrollPane, number>> = {}
  readonly #tables: Readonly<Partial<Record<ListId, AnyTable>>>
  #subject: Subject | undefined
  #applied: State | undefined

  constructor(traffic: Traffic, replays?: Replays) {
    this.traffic = traffic
    this.replays = replays
    this.#tables = { ...traffic.tables, flows: traffic.flows, ladder: traffic.ladder }
    this.kinds = Object.keys(traffic.tables) as KindId[]
  }

  table(list: ListId): AnyTable {
    return this.#tables[list] as AnyTable
  }

  numbers(list: ListId): Numbers {
    return this.table(list).numbers
  }

  /** Undefined where there is no row, or it is not here any more. */
  subject(state: State): Subject | undefined {
    const table = this.table(state.subject)
    const number = chosen(table.numbers, state.lists[state.subject])
    if (number === undefined) return undefined
    const { kind } = table
    // What is told of an open connection changes; a frame, once read, is what it is.
    const known = this.#subject
    if (kind.settled === undefined && known?.table === table && known.number === number) return known
    const row: unknown = table.store.get(number)
    if (row === undefined) return undefined
    this.#subject = {
      table,
      number,
      row,
      details: kind.details(row),
      bytes: kind.bytes?.(row),
      body: kind.body?.(row),
      flow: kind.flow(row),
    }
    return this.#subject
  }

  /** The lines of a pane that is a tree, as it is unfolded. */
  twigs(state: State, pane: TreePane = 'details'): readonly Twig[] {
    const forest = pane === 'topology' ? this.traffic.topologies.trees() : (this.subject(state)?.details ?? [])
    return twigs(forest, state.folds)
  }

  /** Whether a filter can be taken for the rows of a list. */
  check(list: ListId, text: string): Verdict {
    if (text.trim() === '') return { ok: true, message: 'all rows' }
    try {
      compile(text, this.table(list).kind.fields)
      return { ok: true, message: 'Enter applies it' }
    } catch (error) {
      if (!(error instanceof FilterError)) throw error
      const [first = ''] = error.message.split('\n')
      const message = first.replace(/^filter, column \d+: /, '')
      const { start, end, next } = error
      return { ok: false, message: next === undefined ? message : `${message}. ${next}`, start, end }
    }
  }

  /** Why a connection cannot be played now. */
  replayTrouble(flow: Flow | undefined): string | undefined {
    if (this.replays === undefined) return 'nothing can be replayed here'
    if (flow === undefined) return 'no connection is chosen'
    if (this.replay?.running === true) return `flow ${this.replay.flow} is being replayed: Esc in pane 9 stops it`
    const why = whyNot(flow)
    return why === undefined ? undefined : `flow ${flow.id} cannot be replayed: ${why}`
  }

  /** Whether what was written says to whom a connection is to be played, and how. */
  checkReplay(text: string): Verdict {
    try {
      this.replays?.check(text)
      return { ok: true, message: 'Enter plays it' }
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      const { message, next } = error
      return { ok: false, message: next === undefined ? message : `${message}. ${next}` }
    }
  }

  /** Plays a connection again, as far as it went; what comes of it is in `replay`. */
  async play(flow: Flow, text: string): Promise<void> {
    if (this.replays === undefined || this.replay?.running === true) return
    this.replay = new Replay(flow.id)
    await this.replay.go(flow, this.traffic.kept.all(flow), text, this.replays)
  }

  offer(list: ListId, text: string, cursor: number): Omit<Offers, 'taken'> {
    const { start, end, suggestions } = complete(text, cursor, this.table(list).kind.fields)
    return { start, end, items: suggestions }
  }

  /** Makes the tables what the state says they are. */
  apply(state: State): void {
    const before = this.#applied
    if (state === before) return
    this.#applied = state
    // Going to the ladder, one sees the connection that one came from; there, it stays.
    if (state.subject === 'ladder' && before !== undefined && before.subject !== 'ladder') this.#climb(before)
    for (const list of Object.keys(this.#tables) as ListId[]) {
      const table = this.table(list)
      const filter = state.filters[list] ?? ''
      if (list !== 'ladder' && table.filter !== filter) table.setFilter(filter)
      if (before?.sorts[list] !== state.sorts[list]) table.sort(state.sorts[list])
      if (list !== 'flows' && before?.frozen !== state.frozen)
        table.freeze(state.frozen ? table.store.total : undefined)
      // Who looks at rows that have passed goes on seeing them.
      if (list !== 'ladder') table.store.pin(state.frozen || !state.lists[list].follow)
    }
  }

  /** Goes on with what takes longer than an action may. */
  work(state: State): void {
    if (state.subject !== 'ladder' && state.layout.panes.includes('ladder')) this.#climb(state)
    const visible: readonly ListId[] = [state.kind, 'flows', 'ladder']
    for (const list of visible) this.table(list).work(BUDGET / visible.length)
  }

  #climb(state: State): void {
    const flow = this.subject(state)?.flow.id
    if (flow !== undefined && this.traffic.climb(flow)) this.traffic.ladder.work(BUDGET)
  }
}
