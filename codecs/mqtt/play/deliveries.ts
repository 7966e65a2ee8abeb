import { type Expected, Pairs, Recent, type Said } from '../../core/index.ts'
import type { Acknowledgement, MqttFrame, Publish } from '../frames.ts'

/** A PUBLISH that the peer sends now. */
interface Now {
  readonly packetId: number
  readonly qos: number
  /** A recorded one was found for it. */
  known: boolean
  /** PUBACK or PUBREC went out. */
  acknowledged: boolean
  /** PUBREL is answered at once, whatever the recording has. */
  ours: boolean
}

/** How many that the recording does not have stay unacknowledged, as they may only have come early. */
const MOST_EARLY = 16
/** There are no more packet identifiers [2.2.1]. */
const IDENTIFIERS = 65_536

/**
 * What the peer publishes: its packet identifiers are its own choice, and the acknowledgements that the recording has go
 * to what is really delivered, at the QoS at which it is [4.3].
 */
export class Deliveries {
  /** By the packet identifier in the recording. */
  readonly #awaited = new Recent<number, Expected>(IDENTIFIERS * 2)
  readonly #now = new Recent<number, Now>(IDENTIFIERS * 2)
  /** By live packet identifier, the recorded one. */
  readonly #recorded = new Recent<number, number>(IDENTIFIERS * 2)
  readonly #releases = new Recent<number, Expected>(IDENTIFIERS * 2)
  readonly #released = new Pairs<undefined, undefined>(() => {})
  /** By live packet identifier: what PUBREL is answered at once, as the recording has no PUBCOMP for it. */
  readonly #ours = new Set<number>()
  /** By recorded packet identifier: PUBRELs that were expected before the recording had them. */
  readonly #foreseen = new Set<number>()
  readonly #inFlight = new Set<number>()
  /** By live packet identifier: PUBRELs that are not answered. */
  readonly #releasing = new Set<number>()
  #granted = 2
  #subscribed = false
  #early: Now[] = []
  /** Delivered at QoS 1 or 2 where the recording has QoS 0. */
  #owed: Now[] = []

  readonly #pairs = new Pairs<number, Now>((packetId, now) => {
    now.known = true
    if (packetId !== 0) {
      this.#now.set(packetId, now)
      this.#recorded.set(now.packetId, packetId)
    } else if (now.qos > 0) this.#owed.push(now)
  })

  /** What a live SUBACK grants: what is delivered comes at no higher QoS [3.8.4]. */
  grant(reasonCodes: readonly number[]): void {
    const most = Math.max(...reasonCodes.filter(code => code <= 2))
    if (most >= 0) this.#granted = this.#subscribed ? Math.max(this.#granted, most) : most
    this.#subscribed = true
  }

  get unexpected(): number {
    return [...this.#pairs.unexpected()].length
  }

  recall({ qos, packetId = 0 }: Publish, topic: string): Expected {
    const id = qos === 0 ? 0 : packetId
    const expected = this.#pairs.recall(`${Math.min(qos, this.#granted)} ${topic}`, id, `a message on ${topic}`, true)
    if (id !== 0) this.#awaited.set(id, expected)
    return expected
  }

  recallRelease({ packetId }: Acknowledgement): Expected | undefined {
    if (this.#foreseen.delete(packetId)) return undefined
    const now = this.#now.get(packetId)
    if (now !== undefined && (now.qos !== 2 || now.ours)) return undefined
    const expected = this.#released.recall(String(packetId), undefined, `pubrel ${packetId}`, true)
    this.#releases.set(packetId, expected)
    // A capture may have an answer before what it answers, which is no cause then.
    return this.#awaited.get(packetId) === undefined || now?.acknowledged === true ? expected : undefined
  }

  /** What to send for a recorded PUBACK, PUBREC or PUBCOMP. */
  acknowledge(frame: Acknowledgement): Said<MqttFrame> {
    const { packetId } = frame
    if (frame.type === 'pubcomp' && this.#now.get(packetId)?.ours === true) {
      return { action: 'skip' }
    }
    const awaited = frame.type === 'pubcomp' ? this.#release(packetId) : this.#awaited.get(packetId)
    // In what order they go out is for the order of what comes to say [4.6].
    if (awaited?.open === true) return { action: 'wait', for: awaited, apart: true }
    if (awaited === undefined || awaited.missing)
      return { action: 'skip', reason: `nothing came for ${frame.type} ${packetId}` }
    const now = this.#now.get(packetId)
    if (frame.type === 'pubcomp') {
      const id = now?.packetId ?? packetId
      this.#inFlight.delete(id)
      this.#releasing.delete(id)
      this.#releases.delete(packetId)
      return id === packetId ? SAME : { action: 'send', frames: [{ ...frame, packetId: id }] }
    }
    if (now === undefined || now.acknowledged) return { action: 'skip' }
    if (now.qos === 0) return { action: 'skip', reason: `what ${frame.type} ${packetId} is for came at QoS 0` }
    const answer = this.#answer(now)
    if (answer.type === 'pubrec' && frame.type === 'puback') this.#own(now)
    const same = answer.type === frame.type && now.packetId === packetId
    return same ? SAME : { action: 'send', frames: [{ ...frame, ...answer }] }
  }

  /** The PUBREL that a PUBCOMP answers, which a capture may have after it. */
  #release(packetId: number): Expected | undefined {
    const known = this.#releases.get(packetId)
    if (known !== undefined || this.#now.get(packetId)?.qos !== 2) return known
    this.recallRelease({ type: 'pubrel', packetId })
    this.#foreseen.add(packetId)
    return this.#releases.get(packetId)
  }

  /** A live PUBLISH. */
  hear({ qos, packetId = 0, dup }: Publish, topic: string): MqttFrame[] {
    // Sent once more, on the same connection: it is known already.
    if (qos > 0 && dup && this.#inFlight.has(packetId)) return []
    const now: Now = { packetId, qos, known: false, acknowledged: false, ours: false }
    if (qos > 0) this.#inFlight.add(packetId)
    this.#pairs.hear(`${qos} ${topic}`, now)
    if (qos > 0 && !now.known) this.#early.push(now)
    return this.#due(MOST_EARLY)
  }

  /** A live PUBREL. */
  hearRelease({ packetId }: Acknowledgement): MqttFrame[] {
    if (!this.#ours.delete(packetId)) {
      this.#releasing.add(packetId)
      this.#released.hear(String(this.#recorded.get(packetId) ?? packetId), undefined)
      return []
    }
    this.#inFlight.delete(packetId)
    return [{ type: 'pubcomp', packetId }]
  }

  /**
   * A server has no more than so many PUBLISHes in flight [3.3.4], until PUBCOMP: those that the recording has later only
   * would keep from coming what it has now.
   */
  unblock(): MqttFrame[] {
    const due = this.#due(0)
    for (const packetId of this.#releasing) {
      const now = this.#now.get(this.#recorded.get(packetId) ?? packetId)
      if (now !== undefined) now.ours = true
      this.#inFlight.delete(packetId)
      due.push({ type: 'pubcomp', packetId })
    }
    this.#releasing.clear()
    return due
  }

  /** Acknowledgements of what the recording does not have. */
  leave(): MqttFrame[] {
    return this.#due(0)
  }

  /** Of what came early, all but the last `most`. */
  #due(most: number): MqttFrame[] {
    if (this.#early.length <= most && this.#owed.length === 0) return []
    this.#early = this.#early.filter(({ known }) => !known)
    const due = [...this.#owed, ...this.#early.splice(0, Math.max(0, this.#early.length - most))]
    this.#owed = []
    return due
      .filter(({ acknowledged }) => !acknowledged)
      .map(now => {
        if (now.qos === 2) this.#own(now)
        return this.#answer(now)
      })
  }

  #own(now: Now): void {
    now.ours = true
    this.#ours.add(now.packetId)
  }

  #answer(now: Now): { type: 'puback' | 'pubrec'; packetId: number } {
    now.acknowledged = true
    if (now.qos === 1) this.#inFlight.delete(now.packetId)
    return { type: now.qos === 2 ? 'pubrec' : 'puback', packetId: now.packetId }
  }
}

const SAME = { action: 'same' } as const
