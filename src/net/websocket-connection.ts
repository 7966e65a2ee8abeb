import { isUtf8 } from 'node:buffer'
import type { Duplex } from 'node:stream'
import type { CarrierStatus } from '../../codecs/core/index.ts'
import type { Take } from './reading.ts'
import type { Connection } from './transport.ts'
import { Units } from './units.ts'
import type { WebSocket } from './ws.ts'

/** Bytes of one message; who sends a longer one is hung up on. */
const MOST_MESSAGE = 64 << 20

/** How either end is to be spoken to. */
export const WEBSOCKET = {
  perMessageDeflate: false,
  maxPayload: MOST_MESSAGE,
  // RabbitMQ sends whatever a STOMP message holds as text: the codec is to see it (RFC 6455 §8.1 would hang up).
  skipUTF8Validation: true,
} as const

/** What goes by a WebSocket, each message a unit. */
export class WebSocketConnection implements Connection {
  readonly stream: Messages
  readonly local: Connection['local']
  readonly peer: Connection['peer']
  readonly carriers: readonly CarrierStatus[]
  readonly lends = false
  readonly #carried: Connection

  constructor(stream: Messages, { protocol }: WebSocket, carried: Connection) {
    this.stream = stream
    this.local = carried.local
    this.peer = carried.peer
    const status = { name: 'WebSocket', ...(protocol === '' ? {} : { subprotocol: protocol }) }
    this.carriers = [...carried.carriers, status]
    this.#carried = carried
  }

  get failure(): Error | undefined {
    return this.stream.failure ?? this.#carried.failure
  }

  read(take: Take): void {
    this.stream.on('data', take)
  }

  reset(): void {
    this.#carried.reset()
    this.stream.destroy()
  }
}

/** The messages of a WebSocket, each a chunk. There are no halves to end: RFC 6455 §7 closes both. */
export class Messages extends Units {
  /** Why it was closed, where that was not in order. */
  failure: Error | undefined
  readonly #socket: WebSocket
  readonly #under: Duplex
  readonly #text: boolean

  constructor(socket: WebSocket, under: Duplex, text: boolean) {
    super()
    this.#socket = socket
    this.#under = under
    this.#text = text
    socket.on('open', () => this.emit('open'))
    socket.on('message', data => {
      if (!this.push(data)) socket.pause()
    })
    socket.on('error', error => {
      this.failure = error
      this.destroy(error)
    })
    socket.on('close', (code, reason) => {
      if (!ORDERLY.has(code)) this.failure ??= new Error(`it was closed with ${code}${said(reason)} (RFC 6455 §7.4)`)
      this.push(null)
    })
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.send(chunk, { binary: !this.#text || !isUtf8(chunk) }, done)
  }

  override _writev(chunks: { chunk: Uint8Array }[], done: (error?: Error | null) => void): void {
    this.#under.cork()
    for (const [at, { chunk }] of chunks.entries()) {
      this._write(chunk, 'utf8', at === chunks.length - 1 ? done : ignored)
    }
    this.#under.uncork()
  }

  override _final(done: () => void): void {
    if (this.#socket.readyState === this.#socket.CLOSED) done()
    else {
      this.#socket.once('close', () => done())
      this.#socket.close(NORMAL)
    }
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.terminate()
    done(error)
  }
}

/** Of several that are sent at once, the last tells what became of them. */
const ignored = (): void => {}

const NORMAL = 1000
/** RFC 6455 §7.4.1: normal, going away, and without a code. */
const ORDERLY: ReadonlySet<number> = new Set([NORMAL, 1001, 1005])

const said = (reason: Buffer): string => (reason.length === 0 ? '' : `, ${reason.toString()}`)
