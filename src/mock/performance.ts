import {
  type Act,
  type Actor,
  type AnyCodec,
  type Frame,
  FrameReader,
  type Packet,
  Renumbering,
  type Side,
} from '../../codecs/core/index.ts'
import { Beat } from './beat.ts'
import type { Due } from './due.ts'
import { type Member, PATIENCE } from './ensemble.ts'
import { Events } from './events.ts'
import type { Peer } from './peer.ts'
import { Reactions } from './reactions.ts'
import { Role, type RoleOptions } from './role.ts'
import { Schedule } from './schedule.ts'
import type { Part, Script, ScriptLine } from './script.ts'
import type { Stage } from './stage.ts'

/** While so many answers are under way, the client is not listened to. */
const MOST_OWED = 10_000

/** The broker's part of one live connection: what is said when. */
export class Performance implements Member {
  readonly id: number
  readonly #stage: Stage
  readonly #peer: Peer
  readonly #codec: AnyCodec
  readonly #actor: Actor
  readonly #role: Role
  readonly #schedule: Schedule
  readonly #events: Events
  readonly #reactions: Reactions
  #ending = false
  #context: unknown
  /** Bytes that came since the last act was whole. */
  #size = 0
  #timer: NodeJS.Timeout | undefined
  #patience: NodeJS.Timeout | undefined
  #woken = false
  readonly #alive = new Beat(() => {
    this.#send(this.#actor.alive?.() ?? [])
    this.#peer.flush()
  })

  constructor(id: number, stage: Stage, peer: Peer, codec: AnyCodec) {
    this.id = id
    this.#stage = stage
    this.#peer = peer
    this.#codec = codec
    const { castings, ensemble, signatures, loop } = stage
    const scaled = (recorded: number): number => stage.scaled(recorded)
    const schedule = new Schedule(scaled)
    const changed: RoleOptions['changed'] = (before, past) => this.#reactions.recast(before, past)
    const role = new Role({ codec, castings, signatures, loop, changed })
    const events = new Events({ member: this, ensemble, role, schedule, loop, scaled })
    const actor = (codec.mock as NonNullable<AnyCodec['mock']>).actor({
      names: new Renumbering(undefined, undefined, stage.names),
      get take() {
        return role.casting?.take ?? 0
      },
    })
    this.#schedule = schedule
    this.#role = role
    this.#events = events
    this.#actor = actor
    this.#reactions = new Reactions({ member: this, stage, codec, actor, role, schedule, events })
  }

  /** A packet of the client's. What is answered goes out when the chunk that it came in is worked off. */
  heard(packet: Packet): void {
    if (this.#ending) return
    if (packet.kind !== 'frame') {
      // Whoever cannot be understood is left, as brokers do.
      this.#stage.tally.add(this.#codec, 'client', { type: packet.kind }, 'unknown', this.#flow)
      this.#ending = true
      return
    }
    this.#context = packet.context
    this.#size += packet.length
    const { acts, send = [], end = false } = this.#actor.hear(reader.read(this.#codec, packet).frame, packet)
    // A farewell is answered after all that is owed.
    if (end) this.#schedule.standIn(send)
    else this.#send(send)
    for (const act of acts) if (!this.#reactions.did(act, this.#size)) this.#ending = true
    if (acts.length > 0) this.#size = 0
    if (end) this.#ending = true
    this.#alive.every = this.#actor.keepAlive
  }

  /** Says what is due, and what the client takes again. */
  turn(): void {
    clearTimeout(this.#timer)
    if (this.#peer.over) return
    this.#schedule.run(due => this.#perform(due))
    const { owed, next } = this.#schedule
    this.#peer.listen(!this.#peer.congested && owed < MOST_OWED)
    if (this.#ending && owed === 0) this.#peer.end(false)
    else if (next !== undefined && !this.#peer.over) {
      const wait = Math.ceil(next - performance.now())
      this.#timer = setTimeout(() => this.#again(), Math.min(Math.max(wait, 0), 2 ** 31 - 1))
    }
  }

  /** Another client published what `line` passes on. */
  caused(line: ScriptLine, part: Part, at: number): void {
    if (this.#events.caused(line, part, at)) this.#soon()
  }

  /** Nobody is there any more who would publish what `line` passes on. */
  abandoned(): void {
    if (this.#events.release()) this.#soon()
  }

  /** Who was to publish did not come. */
  readonly #impatient = (): void => {
    this.abandoned()
    if (this.#events.isWaiting) return
    clearInterval(this.#patience)
    this.#patience = undefined
  }

  /** Whether it is yet to do this. */
  owes(part: Part): boolean {
    return this.#role.progress?.script === part.script && !this.#role.progress.taken(part)
  }

  /** Whether something is still to be said to it, at a time that has come or will. */
  get isSpeaking(): boolean {
    return this.#schedule.next !== undefined
  }

  /** Whether all of its recorded connection is done, by both sides. */
  get isDone(): boolean {
    const { casting } = this.#role
    return casting === undefined || casting.spent || this.#undone(casting.script).next().done === true
  }

  /** The connection is over: what is left of its recorded one is told. */
  close(): void {
    clearTimeout(this.#timer)
    clearInterval(this.#patience)
    this.#alive.every = undefined
    this.#peer.over = true
    const { casting } = this.#role
    if (casting === undefined) return
    const { script, spent } = casting
    const { tally } = this.#stage
    if (!spent) this.#stage.ensemble.leave(script, this)
    tally.add(this.#codec, 'client', { type: 'connection' }, spent ? 'again' : 'recorded', script.flow)
    if (spent) return
    for (const [side, act] of this.#undone(script)) tally.add(this.#codec, side, act, 'undone', script.flow)
  }

  *#undone({ parts, lines }: Script): Generator<[Side, Pick<Act, 'type' | 'address'>]> {
    const { progress } = this.#role
    for (const part of parts) if (progress?.taken(part) !== true) yield ['client', part.act]
    for (const line of lines) {
      if (line.kind === 'answer' || line.packets.length === 0 || this.#events.isSaid(line)) continue
      yield ['server', this.#named(line)]
    }
  }

  get #flow(): number | undefined {
    return this.#role.casting?.script.flow
  }

  #again(): void {
    this.turn()
    this.#peer.flush()
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

  /** False where the client takes no more for now. */
  #perform(due: Due): boolean {
    if (due.answer) return this.#say(due)
    const line = due.what as ScriptLine
    if (this.#events.mustWait(line)) {
      this.#patience ??= setInterval(this.#impatient, PATIENCE)
      return true
    }
    this.#peer.relieve()
    return !this.#peer.congested && this.#say(due)
  }

  /** False where the client takes no more for now. */
  #say({ what: line, now }: Due): boolean {
    if (!('script' in line)) {
      this.#send(line)
      return true
    }
    // It may be due for more than one reason.
    if (this.#events.isSaid(line)) return true
    if (line.end !== undefined) {
      // In order, it comes after all that is owed: the client may be quicker than it was.
      if (line.end === 'fin') this.#ending = true
      else this.#peer.end(true)
      return true
    }
    const frames = line.packets.map(packet => reader.read(line.script.codec, packet).frame)
    const { ensemble } = this.#stage
    const echo = ensemble.echo(line.echo, this)
    const said = this.#actor.say({ frames, part: line.part }, now, echo)
    if (said === 'later') return false
    if (said === 'never') return true
    if (line.kind === 'event') {
      this.#role.settle()
      this.#events.said(line)
      this.#stage.tally.add(this.#codec, 'server', this.#named(line), 'recorded')
    }
    this.#send(said)
    return true
  }

  #named({ script: { codec }, packets: [packet] }: ScriptLine): Pick<Act, 'type' | 'address'> {
    const { frame } = reader.read(codec, packet as Packet)
    return { type: frame.type, address: codec.destination?.(frame) }
  }

  #send(frames: readonly Frame[]): void {
    if (frames.length > 0) this.#peer.send(this.#codec, frames, this.#context)
  }
}

const reader = new FrameReader()
