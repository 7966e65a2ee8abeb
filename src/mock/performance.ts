import {
  type Act,
  type Actor,
  type AnyCodec,
  type Frame,
  FrameReader,
  type Packet,
  Renumbering,
} from '../../codecs/core/index.ts'
import type { Casting } from './casting.ts'
import { Agenda, type Due } from './due.ts'
import { Held } from './held.ts'
import type { Peer } from './peer.ts'
import { Progress } from './progress.ts'
import type { Part, ScriptLine } from './script.ts'
import type { Stage } from './stage.ts'

/** Timers are no finer, in milliseconds: what is due by then is due. */
const SLACK = 1
/** Acts after which a client is no longer taken for another than it looked like. */
const MOST_RECAST = 64

/** The broker's part of one live connection. */
export class Performance {
  readonly peer: Peer
  readonly codec: AnyCodec
  readonly #stage: Stage
  readonly #actor: Actor
  #casting: Casting | undefined
  #progress: Progress | undefined
  /** What the client did while it may still be another. */
  #soFar: { readonly act: Act; readonly at: number }[] = []
  readonly #agenda = new Agenda()
  readonly #held = new Held()
  readonly #said = new Set<ScriptLine>()
  /** What another client is still to publish. */
  readonly #awaited = new Set<ScriptLine>()
  /** By what they are said for, which comes last of the events under way. */
  readonly #lastEvents = new Map<Act | undefined, Due>()
  /** Of the answers under way, which comes last. */
  #lastAnswer: Due | undefined
  #owed = 0
  #ending = false
  #context: unknown
  /** Bytes that came since the last act was whole. */
  #size = 0
  #timer: NodeJS.Timeout | undefined
  #woken = false
  #alive: NodeJS.Timeout | undefined
  #aliveEvery: number | undefined

  constructor(stage: Stage, peer: Peer, codec: AnyCodec) {
    this.#stage = stage
    this.peer = peer
    this.codec = codec
    const self = this
    this.#actor = (codec.mock as NonNullable<AnyCodec['mock']>).actor({
      names: new Renumbering(undefined, undefined, stage.names),
      get take() {
        return self.#casting?.take ?? 0
      },
    })
  }

  get script(): Casting['script'] | undefined {
    return this.#casting?.script
  }

  /** A packet of the client's. What is answered goes out when the chunk that it came in is worked off. */
  heard(packet: Packet): void {
    if (this.#ending) return
    if (packet.kind !== 'frame') {
      // Whoever cannot be understood is left, as brokers do.
      this.#stage.tally.add(this.codec, 'client', { type: packet.kind }, 'unknown', this.script?.flow)
      this.#ending = true
      return
    }
    this.#context = packet.context
    this.#size += packet.length
    const { acts, send = [], end = false } = this.#actor.hear(reader.read(this.codec, packet).frame, packet)
    this.#send(send)
    for (const act of acts) this.#did(act)
    if (acts.length > 0) this.#size = 0
    if (end) this.#ending = true
    this.#keepAlive()
  }

  /** Says what is due, and what the client takes again. */
  turn(): void {
    clearTimeout(this.#timer)
    if (this.peer.over) return
    this.#held.retry(due => !this.peer.congested && this.#say(due))
    for (
      let due = this.#agenda.first;
      due !== undefined && due.at <= performance.now() + SLACK;
      due = this.#agenda.first
    ) {
      this.#agenda.take()
      this.#perform(due)
    }
    if (this.#ending && this.#owed === 0) this.peer.end(false)
    else if (this.#agenda.first !== undefined && !this.peer.over) {
      const wait = Math.ceil(this.#agenda.first.at - performance.now())
      this.#timer = setTimeout(() => this.#again(), Math.min(Math.max(wait, 0), 2 ** 31 - 1))
    }
  }

  /** Another client published what `line` passes on. */
  caused(line: ScriptLine, part: Part, at: number): void {
    if (this.#said.has(line) || this.#progress?.isReady(line) !== true) return
    this.#awaited.delete(line)
    this.#add(line, this.#baseOf(line), at + this.#stage.scaled(line.time - part.time))
    this.#soon()
  }

  /** Nobody is there any more who would publish what `line` passes on. */
  abandoned(): void {
    const awaited = [...this.#awaited].filter(({ cause }) => cause === undefined || !this.#stage.awaits(cause))
    for (const line of awaited) {
      this.#awaited.delete(line)
      this.#add(line, this.#baseOf(line), performance.now())
    }
    if (awaited.length > 0) this.#soon()
  }

  /** Whether it is yet to do this. */
  owes(part: Part): boolean {
    return this.#progress?.script === part.script && !this.#progress.taken(part)
  }

  /** The connection is over. */
  close(): void {
    clearTimeout(this.#timer)
    clearInterval(this.#alive)
    this.peer.over = true
    const { codec } = this
    const casting = this.#casting
    if (casting === undefined) return
    const { script, spent } = casting
    const { flow, parts, lines } = script
    this.#stage.leave(script, this)
    this.#stage.tally.add(codec, 'client', { type: 'connection' }, spent ? 'again' : 'recorded', flow)
    if (spent) return
    for (const part of parts) {
      if (this.#progress?.taken(part) !== true) this.#stage.tally.add(codec, 'client', part.act, 'undone', flow)
    }
    for (const line of lines) {
      if (line.kind === 'event' && line.packets.length > 0 && !this.#said.has(line)) {
        this.#stage.tally.add(codec, 'server', this.#named(line), 'undone', flow)
      }
    }
  }

  #keepAlive(): void {
    const every = this.#actor.keepAlive
    if (every === this.#aliveEvery) return
    this.#aliveEvery = every
    clearInterval(this.#alive)
    if (every === undefined) return
    this.#alive = setInterval(() => {
      this.#send(this.#actor.alive?.() ?? [])
      this.peer.flush()
    }, every)
  }

  #again(): void {
    this.turn()
    this.peer.flush()
  }

  /** Whatever is due is said, but not while something is being taken in. */
  #soon(): void {
    if (this.#woken) return
    this.#woken = true
    queueMicrotask(() => {
      this.#woken = false
      this.#again()
    })
  }

  #did(act: Act): void {
    const at = performance.now()
    if (act.likeness !== undefined || this.#casting === undefined) this.#cast(act)
    let part = this.#take(act)
    if (part === undefined && this.#mayBeAnother(act)) {
      this.#cast(act)
      part = this.#take(act)
    }
    if (this.#soFar.length <= MOST_RECAST) this.#soFar.push({ act, at })
    const { tally, loop } = this.#stage
    if (part === undefined && loop && this.#renew(act)) part = this.#take(act)
    if (part !== undefined) {
      tally.add(this.codec, 'client', act, 'recorded')
      this.#do(part, act, at)
      for (const line of part.answers) this.#answer(line, part, act, at)
      return
    }
    if (act.farewell === true) return
    const last = this.#progress?.script.having(this.#signature(act)).at(-1)
    tally.add(this.codec, 'client', act, last === undefined ? 'unknown' : 'again', this.script?.flow)
    if (last === undefined) this.#unknown(act)
    else this.#repeat(last, act, at)
  }

  #signature(act: Act): string {
    return this.#stage.signatures.of(this.codec, act)
  }

  /** Nothing is left of what was played already. */
  #take(act: Act): Part | undefined {
    return this.#casting?.spent === true ? undefined : this.#progress?.take(this.#signature(act), act.detail)
  }

  #renew(act: Act): boolean {
    const progress = this.#progress
    if (progress === undefined || progress.script.having(this.#signature(act)).length === 0) return false
    progress.renew(this.#signature(act))
    for (const part of progress.script.having(this.#signature(act))) {
      for (const line of part.events) this.#said.delete(line)
    }
    return true
  }

  /** It looked like one recorded client, but does what that one never did: as long as nothing came of it. */
  #mayBeAnother(act: Act): boolean {
    if (this.#soFar.length > MOST_RECAST || this.#said.size > 0) return false
    return this.#progress?.script.having(this.#signature(act)).length === 0
  }

  #cast(act: Act): void {
    const acts = [...this.#soFar.map(past => past.act), act]
    const casting = this.#stage.castings.cast(this.codec, acts, this.#casting)
    if (casting === undefined || casting === this.#casting) return
    if (this.script !== undefined) this.#stage.leave(this.script, this)
    this.#stage.enter(casting.script, this)
    this.#casting = casting
    this.#progress = new Progress(casting.script)
    // What is owed for what was done is owed.
    this.#agenda.retain(({ answer }) => answer)
    for (const line of casting.script.opening) this.#add(line, undefined, performance.now())
    for (const past of this.#soFar) {
      const part = this.#take(past.act)
      if (part !== undefined) this.#do(part, past.act, past.at)
    }
  }

  /** A part of the recording is done: what it makes possible follows. */
  #do(part: Part, act: Act, at: number): void {
    this.#actor.recognise(part.act, act)
    this.#progress?.done(part, act, at)
    if (part.echoed) this.#stage.echoes.keep(part, act, this.#size)
    for (const line of part.events) if (!this.#said.has(line)) this.#possible(line)
    if (part.elsewhere.length > 0) this.#stage.did(part, at)
  }

  #answer(line: ScriptLine, part: Part, act: Act, at: number): void {
    const last = this.#lastAnswer
    const due = at + this.#stage.scaled(line.time - part.time)
    // As the client may be quicker than it was, what took long then is not to be overtaken.
    const least = last !== undefined && last.order < line.index ? last.at : 0
    this.#owe({ at: Math.max(due, least), order: line.index, answer: true, what: line, now: act })
  }

  /** In place of what is not recorded: after all that is owed already. */
  #standIn(frames: readonly Frame[] | undefined): void {
    if (frames === undefined || frames.length === 0) return
    const { at = 0, order = 0 } = this.#lastAnswer ?? {}
    this.#owe({ at: Math.max(at, performance.now()), order, answer: true, what: frames, now: undefined })
  }

  #owe(due: Due): void {
    this.#owed++
    this.#lastAnswer = due
    this.#agenda.add(due)
  }

  /** An event whose client did all that it takes. */
  #possible(line: ScriptLine): void {
    const progress = this.#progress
    if (progress?.isReady(line) !== true) return
    // What came last then is what it waited for.
    const base = line.after.reduce((a, b) => (b.time > a.time ? b : a))
    const at = (progress.doneOf(base)?.at ?? 0) + this.#stage.scaled(line.time - base.time)
    const caused = this.#stage.causedAt(line)
    const since = caused === undefined ? at : caused + this.#stage.scaled(line.time - (line.cause as Part).time)
    this.#add(line, this.#baseOf(line), Math.min(at, since))
  }

  #baseOf({ after }: ScriptLine): Act | undefined {
    return this.#progress?.doneOf(after[0])?.now
  }

  /** What comes of one subscription comes in its order, also where the client is quicker than it was. */
  #add(line: ScriptLine, now: Act | undefined, at: number): void {
    const last = this.#lastEvents.get(now)
    const least = last !== undefined && last.order < line.index ? last.at : 0
    const due: Due = { at: Math.max(at, least), order: line.index, answer: false, what: line, now }
    this.#lastEvents.set(now, due)
    this.#agenda.add(due)
  }

  #perform(due: Due): void {
    if (due.answer) {
      this.#owed--
      this.#say(due)
      return
    }
    const line = due.what as ScriptLine
    if (line.cause !== undefined && this.#stage.awaits(line.cause)) {
      this.#awaited.add(line)
      return
    }
    if (this.#held.blocks(due) || this.peer.congested || !this.#say(due)) this.#held.add(due)
  }

  /** False where the client takes no more for now. */
  #say({ what: line, now }: Due): boolean {
    if (!('script' in line)) {
      this.#send(line)
      return true
    }
    // It may be due for more than one reason.
    if (this.#said.has(line)) return true
    if (line.end !== undefined) {
      this.peer.end(line.end === 'reset')
      return true
    }
    const frames = line.packets.map(packet => reader.read(this.codec, packet).frame)
    const said = this.#actor.say({ frames, part: line.part }, now, this.#stage.echoes.of(line.echo))
    if (said === 'later') return false
    if (said === 'never') return true
    if (line.kind === 'event') {
      this.#said.add(line)
      if (line.cause !== undefined) this.#stage.said(line)
      this.#stage.tally.add(this.codec, 'server', this.#named(line), 'recorded')
    }
    this.#send(said)
    return true
  }

  /** As it was answered the last time, where that can be said twice. */
  #repeat(last: Part, act: Act, at: number): void {
    this.#actor.recognise(last.act, act)
    const answers = last.answers.filter(({ once }) => !once)
    if (answers.length === 0 && last.answers.length > 0) this.#standIn(this.#actor.improvise(act))
    for (const line of answers) this.#answer(line, last, act, at)
  }

  #unknown(act: Act): void {
    if (!this.#stage.strict) {
      this.#standIn(this.#actor.improvise(act))
      return
    }
    const { frames, end } = this.#actor.refuse(act)
    this.#standIn(frames)
    if (end) this.#ending = true
    this.#keepAlive()
  }

  #named({ packets: [packet] }: ScriptLine): { readonly type: string; readonly address: string | undefined } {
    const { codec } = this
    const { frame } = reader.read(codec, packet as Packet)
    return { type: frame.type, address: codec.destination?.(frame) }
  }

  #send(frames: readonly Frame[]): void {
    if (frames.length > 0) this.peer.send(this.codec, frames, this.#context)
  }
}

const reader = new FrameReader()
