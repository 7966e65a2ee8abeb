import type { DriveOptions, Made, Pen } from '../../core/index.ts'
import type { Connack, MqttFrame } from '../frames.ts'
import { FAILURE, type Version } from '../tables.ts'

/** What clients make that outlives them. */
const SESSION = 'session'
const RETAINED = 'retained message'

/** Most that are under way at once, where the server does not say how many it takes. */
const WINDOW = 20

/** The session of a client, where it will outlive its connection and was not there before [3.1.2.11.2, 3.1.2.4]. */
export function sessionMade(
  { clientId, settings: { cleanStart, sessionExpiry } }: DriveOptions,
  version: Version,
  { sessionPresent }: Connack,
): Made | undefined {
  const stays = version === 5 ? Number(sessionExpiry ?? 0) > 0 : cleanStart === false
  return stays && !sessionPresent ? { kind: SESSION, name: clientId } : undefined
}

export const retainedMade = (topic: string): Made => ({ kind: RETAINED, name: topic })

/** Takes away what was made: messages by retained ones of nothing [3.3.1.3]; the session went when this connection began. */
export class Removing {
  readonly #options: DriveOptions
  readonly #pen: Pen<MqttFrame>
  readonly #version: Version
  readonly #messages: readonly Made[]
  readonly #window: number
  readonly #qos: 0 | 1
  /** How many were sent, and how many of those answered. */
  #sent = 0
  #answered = 0

  constructor(options: DriveOptions, pen: Pen<MqttFrame>, version: Version, { properties }: Connack) {
    this.#options = options
    this.#pen = pen
    this.#version = version
    this.#messages = options.removes.filter(({ kind }) => kind === RETAINED)
    this.#window = Math.min(WINDOW, properties?.receiveMaximum ?? WINDOW)
    this.#qos = properties?.maximumQos === 0 ? 0 : 1
    for (const made of options.removes) if (made.kind === SESSION) options.listener.removed(made, undefined)
    this.#next()
  }

  /** The server acknowledged a message, of which the identifier is its number, from 1. */
  answered(packetId: number, code: number): void {
    const made = this.#messages[packetId - 1]
    if (made === undefined) return
    const why = code >= FAILURE ? `reason code 0x${code.toString(16)}` : undefined
    this.#options.listener.removed(made, why)
    this.#answered++
    this.#next()
  }

  #next(): void {
    const { listener } = this.#options
    while (this.#sent < this.#messages.length && this.#sent - this.#answered < this.#window) {
      const made = this.#messages[this.#sent++] as Made
      this.#pen.send({
        type: 'publish',
        dup: false,
        qos: this.#qos,
        retain: true,
        topic: made.name,
        ...(this.#qos === 0 ? {} : { packetId: this.#sent }),
        ...(this.#version === 5 ? { properties: {} } : {}),
        payload: new Uint8Array(0),
      })
      if (this.#qos > 0) continue
      listener.removed(made, undefined)
      this.#answered++
    }
    if (this.#answered === this.#messages.length) listener.ready()
  }
}
