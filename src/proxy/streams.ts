import type { Side } from '../../codecs/core/index.ts'
import type { BySide } from '../flow.ts'
import {
  type Connection,
  cannotListen,
  errnoOf,
  type Hello,
  type Incoming,
  isSecure,
  LEFT,
  type Listener,
  type Route,
} from '../net/index.ts'
import type { Misfit } from './event.ts'
import { Relay } from './relay.ts'
import { ELSEWHERE, type Service, type Setting } from './service.ts'

/** Relays what connects to LISTEN to UPSTREAM. Rejects where it cannot listen. */
export async function relayStreams(route: Route, setting: Setting): Promise<Service> {
  const service = new StreamService(route, setting)
  await service.listen()
  return service
}

class StreamService implements Service {
  route: Route
  readonly #setting: Setting
  readonly #relays = new Set<Relay>()
  readonly #ended = new AbortController()
  #listener: Listener | undefined
  #idle: (() => void) | undefined

  constructor(route: Route, setting: Setting) {
    this.route = route
    this.#setting = setting
  }

  get connections(): number {
    return this.#relays.size
  }

  async listen(): Promise<void> {
    const { transports, tell } = this.#setting
    const { listen } = this.route
    try {
      this.#listener = await transports(listen).listen(listen, {
        incoming: client => void this.#accept(client),
        failed: error => tell({ type: 'accept-failed', route: this.route, error }),
      })
    } catch (error) {
      throw cannotListen(listen, error, ELSEWHERE)
    }
    this.route = { ...this.route, listen: this.#listener.address }
  }

  async close(): Promise<void> {
    this.#ended.abort(new Error('the proxy ends'))
    this.#listener?.close()
    const idle = new Promise<void>(resolve => {
      this.#idle = resolve
    })
    for (const relay of this.#relays) relay.stop()
    if (this.#relays.size > 0) await idle
  }

  /** What the client asks for is asked of the upstream, and what that answers is answered to the client. */
  async #accept(incoming: Incoming): Promise<void> {
    const { route } = this
    const { upstream } = route
    const { transports, tell, connectTimeout: timeout, now } = this.#setting
    const { signal } = this.#ended
    const started = now()
    const patience = { timeout, signal }
    const client = incoming.peer
    let server: Connection | undefined
    let accepted: Connection
    try {
      const hello = await incoming.hello(patience)
      try {
        server = await transports(upstream).dial(upstream, { ...patience, hello })
      } catch (error) {
        incoming.refuse()
        if (!signal.aborted) tell({ type: 'upstream-failed', route, client, error: error as Error })
        return
      }
      accepted = await incoming.accept(chosen(route, hello, server), patience)
    } catch (error) {
      incoming.refuse()
      server?.reset()
      if (!signal.aborted && errnoOf(error) !== LEFT) {
        tell({ type: 'client-failed', route, client, error: error as Error })
      }
      return
    }
    // One may have broken while the other was seen to: with TLS 1.3 an upstream looks at who we are only then.
    const { failure } = server
    if (failure === undefined && accepted.failure === undefined && !signal.aborted) {
      return this.#relay(accepted, server, started)
    }
    accepted.reset()
    server.stream.destroy()
    if (failure !== undefined && !signal.aborted) tell({ type: 'upstream-failed', route, client, error: failure })
  }

  #relay(client: Connection, server: Connection, started: number): void {
    const { route } = this
    const { tell } = this.#setting
    const [secured] = server.carriers
    if (secured !== undefined) tell({ type: 'upstream-secured', route, secured })
    const peers = { client: client.peer, server: server.peer }
    const unwrapped = client.carriers.length > 0 ? client.carriers : server.carriers
    const { id, tap } = this.#setting.open(route, { transport: 'stream', ...peers, started, unwrapped })
    // Said before TLS began, and no less part of the conversation.
    if (client.startTls !== undefined) {
      tap.data('client', client.startTls.ask)
      tap.data('server', client.startTls.agree)
    }
    const misfit = (what: Misfit): void => tell({ type: 'misfit', flow: id, route, client: client.peer, misfit: what })
    const opening: Record<Side, Opening | undefined> = { client: undefined, server: undefined }
    /** Who ended in order before the other did. */
    let first: Side | undefined
    const secure = isSecure(route.upstream)
    const relay: Relay = new Relay(client, server, tap, {
      began: (side, chunk) => {
        opening[side] = openingOf(chunk)
        const wrong = misfitOf(opening, side, secure)
        if (wrong !== undefined) misfit(wrong)
      },
      ended: side => {
        first ??= side
        if (side === 'client' || first === 'client' || opening.server !== undefined) return
        if (opening.client === 'other') misfit('upstream-leaves')
        else if (opening.client === 'handshake' && !secure) misfit('upstream-lacks-tls')
      },
      broken: (side, error) => tell({ type: 'broken', flow: id, side, end: peers[side], error }),
      closed: () => {
        this.#relays.delete(relay)
        if (this.#relays.size === 0) this.#idle?.()
        const silent = opening.client === undefined && opening.server === undefined
        if (this.#ended.signal.aborted) return
        if (client.carriers.length > 0 && silent) misfit('silent')
        const unanswered = opening.client === 'handshake' && opening.server === undefined
        if (unanswered && !secure && first !== 'server') misfit('upstream-lacks-tls')
      },
    })
    this.#relays.add(relay)
  }
}

/** The protocol that a client is told was chosen (ALPN): what the upstream chose, or, without TLS, what it speaks. */
function chosen({ listen, upstream }: Route, hello: Hello | undefined, server: Connection): string | undefined {
  const [carrier] = server.carriers
  const selected = carrier?.subprotocol
  // It may have been asked for what the client does not know of.
  if (carrier !== undefined && (selected === undefined || hello?.protocols.includes(selected))) return selected
  const known = (upstream.codec ?? listen.codec)?.subprotocols ?? []
  return hello?.protocols.find(name => known.includes(name))
}

/** How a side's first bytes look: as a TLS record of the kind that begins or refuses a handshake, or otherwise. */
type Opening = 'handshake' | 'alert' | 'other'

/** What is wrong once `side` has begun; `secure`: TLS was begun towards the upstream. */
function misfitOf({ client, server }: BySide<Opening | undefined>, side: Side, secure: boolean): Misfit | undefined {
  if (side === 'client') return secure && client === 'handshake' ? 'client-speaks-tls' : undefined
  if (secure) return undefined
  if (client !== 'handshake') return server === 'alert' ? 'upstream-speaks-tls' : undefined
  return server === 'other' ? 'upstream-lacks-tls' : 'both-speak-tls'
}

/** RFC 8446 §5.1 */
function openingOf([type, major]: Uint8Array): Opening {
  if (major !== 3) return 'other'
  return type === 22 ? 'handshake' : type === 21 ? 'alert' : 'other'
}
