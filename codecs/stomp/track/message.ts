import { type Message, OnePacketMessage, type Packet } from '../../core/index.ts'
import type { CommandFrame } from '../frames.ts'
import type { Context } from '../version.ts'

/** The application message of one SEND or MESSAGE. */
export class SentMessage extends OnePacketMessage<Context> implements Message {
  readonly #frame: CommandFrame

  constructor(frame: CommandFrame, packet: Packet<Context>, number: number) {
    super(packet, number)
    this.#frame = frame
  }

  get direction(): Message['direction'] {
    return this.#frame.type === 'SEND' ? 'publish' : 'deliver'
  }

  get destination(): Readonly<Record<string, unknown>> {
    const { destination } = this.#frame
    return destination === undefined ? {} : { destination }
  }

  get address(): string | undefined {
    return this.#frame.destination
  }

  get properties(): Readonly<Record<string, unknown>> {
    return Object.fromEntries(Object.entries(this.#frame.headers.toJSON()).filter(([name]) => name !== 'destination'))
  }

  get contentType(): string | undefined {
    return this.#frame.contentType
  }

  get contentEncoding(): string | undefined {
    return this.header('content-encoding')
  }

  get id(): string | undefined {
    return this.#frame.messageId
  }

  get correlationId(): string | undefined {
    return this.header('correlation-id')
  }

  get replyTo(): string | undefined {
    return this.header('reply-to')
  }

  /** No version has such a header, but RabbitMQ and ActiveMQ both write it. */
  get repeated(): boolean | undefined {
    const redelivered = this.header('redelivered')
    return redelivered === undefined ? undefined : redelivered === 'true'
  }

  header(name: string): string | undefined {
    return this.#frame.headers.get(name)
  }

  get body(): Uint8Array {
    return this.#frame.body ?? empty
  }

  get size(): number {
    // Of a frame that was cut, the NUL at its end was cut too.
    return this.whole ? this.body.length : this.body.length + this.missing - 1
  }
}

const empty = new Uint8Array(0)
