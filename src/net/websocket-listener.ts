import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { AnyCodec } from '../../codecs/core/index.ts'
import type { Endpoint } from '../flow.ts'
import { gone } from './opening.ts'
import { timedOut } from './socket.ts'
import type { Connection, Hello, Incoming, Listen, Patience } from './transport.ts'
import { Messages, WEBSOCKET, WebSocketConnection } from './websocket-connection.ts'
import { type WebSocket, WebSocketServer } from './ws.ts'

/**
 * WebSocket as a server, on any path, over what `under` accepts (TCP, TLS). Messages go out as text where what was chosen
 * is the subprotocol of one of `codecs` whose frames are text, or where these are all there are.
 */
export const listenWebSocket =
  (under: Listen, codecs: readonly AnyCodec[]): Listen =>
  (address, handlers) => {
    const opening = new Opening()
    const incoming = (client: Incoming): void => handlers.incoming(new Arriving(client, opening, codecs))
    return under(address, { ...handlers, incoming })
  }

/** What a client asks for: RFC 6455 §4.1. */
interface Asked {
  readonly request: IncomingMessage
  readonly socket: Duplex
  readonly head: Buffer
}

/** Takes requests apart; it never listens by itself. */
class Opening {
  readonly #http: Server
  readonly #upgrades = new WebSocketServer({
    ...WEBSOCKET,
    noServer: true,
    clientTracking: false,
    handleProtocols: (_, { chosen }: IncomingMessage & { chosen?: string }) => chosen ?? false,
  })
  readonly #waiting = new WeakMap<Duplex, (asked: Asked | Error) => void>()

  constructor() {
    this.#http = createServer((request, response) => {
      response.writeHead(UPGRADE_REQUIRED, { connection: 'close', upgrade: 'websocket' }).end()
      this.#tell(request.socket, new Error('it asks by HTTP for something other than a WebSocket'))
    })
    this.#http.on('upgrade', (request, socket, head) => this.#tell(socket, { request, socket, head }))
    this.#http.on('clientError', (_, socket) => this.#tell(socket, new Error('it does not speak WebSocket')))
  }

  #tell(socket: Duplex, asked: Asked | Error): void {
    this.#waiting.get(socket)?.(asked)
    this.#waiting.delete(socket)
  }

  /** The request that a connection begins with. Rejects where it begins with anything else, or takes too long. */
  read(stream: Duplex, { timeout, signal }: Patience): Promise<Asked> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => settle(timedOut(timeout)), timeout)
      const left = (): void => settle(gone())
      const aborted = (): void => settle(signal.reason as Error)
      const settle = (asked: Asked | Error): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', aborted)
        stream.off('close', left)
        if (asked instanceof Error) reject(asked)
        else resolve(asked)
      }
      this.#waiting.set(stream, settle)
      stream.on('close', left)
      signal.addEventListener('abort', aborted)
      if (signal.aborted) return aborted()
      this.#http.emit('connection', stream)
      stream.resume()
    })
  }

  /** Answers it. `protocol` is one of those that it asked for. */
  accept({ request, socket, head }: Asked, protocol: string | undefined): Promise<WebSocket> {
    return new Promise((resolve, reject) => {
      const refused = (): void => reject(new Error('it asks for a WebSocket of another version or with no key'))
      socket.once('close', refused)
      this.#upgrades.handleUpgrade(Object.assign(request, { chosen: protocol }), socket as Socket, head, opened => {
        socket.off('close', refused)
        resolve(opened)
      })
    })
  }
}

/** RFC 9110 §15.5.22 */
const UPGRADE_REQUIRED = 426

class Arriving implements Incoming {
  readonly peer: Endpoint
  readonly #under: Incoming
  readonly #opening: Opening
  readonly #codecs: readonly AnyCodec[]
  #carried: Connection | undefined
  #asked: Asked | undefined

  constructor(under: Incoming, opening: Opening, codecs: readonly AnyCodec[]) {
    this.peer = under.peer
    this.#under = under
    this.#opening = opening
    this.#codecs = codecs
  }

  async hello(patience: Patience): Promise<Hello> {
    const hello = await this.#under.hello(patience)
    // RFC 6455 is HTTP/1.1, whatever else is offered (RFC 7301 §3.2).
    const carried = await this.#under.accept(
      hello?.protocols.find(name => name === 'http/1.1'),
      patience,
    )
    this.#carried = carried
    this.#asked = await this.#opening.read(carried.stream, patience)
    const protocols = this.#asked.request.headers['sec-websocket-protocol']?.split(',').map(name => name.trim()) ?? []
    return { serverName: hello?.serverName, protocols }
  }

  async accept(protocol: string | undefined, patience: Patience): Promise<Connection> {
    if (this.#asked === undefined) await this.hello(patience)
    const [asked, carried] = [this.#asked as Asked, this.#carried as Connection]
    const socket = await this.#opening.accept(asked, protocol)
    return new WebSocketConnection(new Messages(socket, carried.stream, this.#isText(protocol)), socket, carried)
  }

  #isText(protocol: string | undefined): boolean {
    const named = this.#codecs.filter(
      ({ subprotocols = [] }) => protocol !== undefined && subprotocols.includes(protocol),
    )
    const meant = named.length > 0 ? named : this.#codecs
    return meant.length > 0 && meant.every(({ textual }) => textual === true)
  }

  refuse(): void {
    if (this.#carried === undefined) this.#under.refuse()
    else this.#carried.stream.destroy()
  }
}
