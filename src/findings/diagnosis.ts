import {
  type AnyCodec,
  counted,
  type Exchange,
  type Frame,
  type LevelChange,
  type Message,
  type Packet,
  type Severity,
  type TopologyChange,
} from '../../codecs/core/index.ts'
import type { Flow } from '../flow.ts'
import type { Finding, FindingObserver, RuleText, TrafficRule, TrafficWatcher } from './finding.ts'
import { Patient, Ward } from './patient.ts'

/** More of one rule on one connection tell nobody anything. */
const MOST_PER_RULE = 20

/**
 * Runs the rules: each protocol's own over each connection, the general ones over all. What is found is told at once,
 * before the packet that showed it.
 */
export class Diagnosis implements FindingObserver {
  readonly #inner: FindingObserver
  readonly #watchers: readonly TrafficWatcher[]
  readonly #wards = new Map<AnyCodec, Ward>()
  readonly #patients = new Map<Flow, Patient>()
  readonly #told = new WeakMap<Flow, Map<string, number>>()
  #now = 0
  /** Findings that were not told, being more of the same. */
  #more = 0

  constructor(inner: FindingObserver, rules: readonly TrafficRule[]) {
    this.#inner = inner
    this.#watchers = rules.map(rule =>
      rule.watch((flow, message, frames, severity = rule.severity) =>
        this.#report(rule, flow, message, frames, severity),
      ),
    )
  }

  /** What was not told, a sentence. */
  get omissions(): string[] {
    return this.#more === 0 ? [] : [`${counted(this.#more, 'finding')} more of the same not shown`]
  }

  start(origin: bigint): void {
    for (const watcher of this.#watchers) watcher.start?.(origin)
    this.#inner.start?.(origin)
  }

  opened(flow: Flow): void {
    for (const watcher of this.#watchers) watcher.opened?.(flow)
    this.#inner.opened?.(flow)
  }

  message(flow: Flow, message: Message): void {
    this.#patient(flow)?.message(message)
    for (const watcher of this.#watchers) watcher.message?.(flow, message)
    this.#inner.message?.(flow, message)
  }

  began(flow: Flow, exchange: Exchange): void {
    this.#patient(flow)?.began(exchange)
    for (const watcher of this.#watchers) watcher.began?.(flow, exchange)
    this.#inner.began?.(flow, exchange)
  }

  ended(flow: Flow, exchange: Exchange): void {
    this.#patient(flow)?.ended(exchange)
    for (const watcher of this.#watchers) watcher.ended?.(flow, exchange)
    this.#inner.ended?.(flow, exchange)
  }

  unanswered(flow: Flow, exchange: Exchange, time: number): void {
    this.#now = Math.max(this.#now, time)
    this.#patient(flow)?.unanswered(exchange)
    for (const watcher of this.#watchers) watcher.unanswered?.(flow, exchange, time)
    this.#inner.unanswered?.(flow, exchange, time)
  }

  topology(flow: Flow, change: TopologyChange): void {
    this.#patient(flow)?.topology(change)
    for (const watcher of this.#watchers) watcher.topology?.(flow, change)
    this.#inner.topology?.(flow, change)
  }

  level(flow: Flow, change: LevelChange): void {
    this.#patient(flow)?.level(change)
    for (const watcher of this.#watchers) watcher.level?.(flow, change)
    this.#inner.level?.(flow, change)
  }

  packet(flow: Flow, packet: Packet, number: number, frame?: Frame): void {
    this.#now = Math.max(this.#now, packet.time)
    this.#patient(flow)?.packet(packet, frame, number)
    for (const watcher of this.#watchers) watcher.packet?.(flow, packet, number, frame)
    this.#inner.packet?.(flow, packet, number, frame)
  }

  closed(flow: Flow): void {
    this.#end(flow)
    for (const watcher of this.#watchers) watcher.closed?.(flow)
    this.#inner.closed?.(flow)
  }

  drain(): Promise<void> | undefined {
    return this.#inner.drain?.()
  }

  /** The input is over, and the trackers have been told. */
  finish(): void {
    for (const flow of [...this.#patients.keys()]) this.#end(flow)
    for (const watcher of this.#watchers) watcher.finish?.(this.#now)
  }

  #end(flow: Flow): void {
    this.#patients.get(flow)?.end(Math.max(this.#now, flow.ended))
    this.#patients.delete(flow)
  }

  /** Undefined where there are no rules for what the flow speaks. */
  #patient(flow: Flow): Patient | undefined {
    const codec = flow.codec as AnyCodec
    let patient = this.#patients.get(flow)
    if (patient?.codec !== codec) {
      if (patient !== undefined) this.#end(flow)
      if (codec?.rules === undefined) return undefined
      patient = new Patient(flow, codec, this.#ward(codec))
      this.#patients.set(flow, patient)
    }
    return patient
  }

  #ward(codec: AnyCodec): Ward {
    let ward = this.#wards.get(codec)
    if (ward === undefined) {
      ward = new Ward(codec.rules ?? [], (...found) => this.#report(...found))
      this.#wards.set(codec, ward)
    }
    return ward
  }

  #report(rule: RuleText, flow: Flow, message: string, frames: readonly number[], severity: Severity): void {
    const told = this.#told.get(flow) ?? new Map<string, number>()
    this.#told.set(flow, told)
    const times = (told.get(rule.id) ?? 0) + 1
    told.set(rule.id, times)
    if (times > MOST_PER_RULE) {
      this.#more++
      return
    }
    const finding: Finding = { rule, severity, message, flow, frames: [...frames], time: this.#now }
    this.#inner.finding?.(finding)
  }
}
