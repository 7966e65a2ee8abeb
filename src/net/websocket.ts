import { isUtf8 } from 'node:buffer'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { CarrierStatus } from '../../codecs/core/index.ts'
import { type Address, formatAddress } from './address.ts'
import type { Take } from './reading.ts'
import { settled } from './socket.ts'
import type { Connection, Dial, DialOptions } from './transport.ts'
import { Units } from './units.ts'

/** Bytes of one message; what sends a longer one is hung up on. */
const MOST_MESSAGE = 64 << 20

/**
 * WebSocket as a client, over what `under` connects (TCP, TLS). It asks for the subprotocols of the codec, and each write
 * is one message: text where the codec's frames are text.
 */
export const dialWebSocket =
  (under: Dial): Dial =>
  async (address, options) => {
    const carried = await under(address, options)
    const { WebSocket } = await import('ws')
    const { host, port, path = '/' } = address
    const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`
    const socket = new WebSocket(`ws://${authority}${path}`, [...(options.codec?.subprotocols ?? [])], {
      createConnection: () => carried.stream.resume() as Socket,
      perMessageDeflate: false,
      maxPayload: MOST_MESSAGE,
      // RabbitMQ sends whatever a STOMP message holds as text: the codec is to see it (RFC 6455 §8.1 would hang up).
      skipUTF8Validation: true,
    })
    const stream = new Messages(socket, carried.stream, options.codec?.textual === true)
    try {
      await settled(stream, 'open', options)
    } catch (error) {
      carried.stream.destroy()
      throw opening(error as NodeJS.ErrnoException, address, options)
    }
    return new WebSocketConnection(stream, socket, carried)
  }

class WebSocketConnection implements Connection {
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
class Messages extends Units {
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

/** What the opening handshake failed of [RFC 6455 §4.1], where the words for it are a parser's. */
function opening(error: NodeJS.ErrnoException, address: Address, { codec }: DialOptions): Error {
  const { message, code = '' } = error
  const [, status] = /^Unexpected server response: (\d+)/.exec(message) ?? []
  const names = codec?.subprotocols?.join(', ')
  const why =
    status !== undefined
      ? `it answers ${status} to a WebSocket for ${address.path ?? '/'}`
      : code.startsWith('HPE_')
        ? 'it does not speak WebSocket'
        : /^Server sent (no|an invalid) subprotocol/.test(message)
          ? `no WebSocket for ${names} at ${formatAddress(address)}`
          : undefined
  return why === undefined ? error : Object.assign(new Error(why, { cause: error }), { code: 'NOT_WEBSOCKET' })
}
