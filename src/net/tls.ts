import { isIP, type Socket } from 'node:net'
import * as nodeTls from 'node:tls'
import type { CarrierStatus, StartTls } from '../../codecs/core/index.ts'
import { usage } from '../failure.ts'
import type { Endpoint } from '../flow.ts'
import { type KeyPair, type Offer, USUAL_OFFER } from '../tls/index.ts'
import { type Address, formatAddress, isLoopback } from './address.ts'
import { askForTls, gone, readOpening } from './opening.ts'
import type { Take } from './reading.ts'
import { failureOf, listenFor, localEnd, openSocket, plainHost, remote, resetSocket, settled } from './socket.ts'
import { handshakeError } from './tls-trouble.ts'
import type {
  Connection,
  DialOptions,
  Hello,
  Incoming,
  Listener,
  ListenHandlers,
  Patience,
  Transport,
} from './transport.ts'

export interface TlsSettings {
  /** What a server of these names shows to clients; none: nothing can listen. */
  readonly identity?: (names: readonly string[]) => Promise<KeyPair>
  /** PEM certificates of whom to trust in place of what the machine trusts. */
  readonly trusted?: string
  /** Take any certificate of an upstream. @default false */
  readonly insecure?: boolean
  /** Whom upstreams are asked for, and what their certificates must be for, in place of the name that is dialled. */
  readonly serverName?: string
  /** What is shown to an upstream that asks for it. */
  readonly client?: KeyPair
  /** What upstreams are offered. @default what Node.js offers */
  readonly offer?: Offer
  /** How clients may ask for TLS where they begin without. */
  readonly startTls?: readonly StartTls[]
  /** A line of a key log, of either end, as soon as it is known. */
  readonly onKeys?: (line: Uint8Array) => void
}

/** TLS over TCP: 1.2 and 1.3 towards clients; towards upstreams, what is offered. */
export function tlsTransport(settings: TlsSettings = {}): Transport {
  const { trusted, client, offer = USUAL_OFFER } = settings
  let context: nodeTls.SecureContext | undefined
  return {
    dial: (address, options) => {
      // Made once: to read all the authorities that a machine trusts takes longer than a handshake.
      context ??= nodeTls.createSecureContext({ ca: trusted ?? systemTrust(), ...client, ...offer.context })
      return dial(address, options, { ...settings, offer }, context)
    },
    listen: (address, handlers) => listen(address, handlers, settings),
  }
}

async function dial(
  address: Address,
  options: DialOptions,
  { insecure = false, onKeys = () => {}, serverName: meant, offer }: TlsSettings & { readonly offer: Offer },
  secureContext: nodeTls.SecureContext,
): Promise<Connection> {
  const socket = await openForTls(address, options)
  const began = performance.now()
  const peer = remote(socket, address)
  const { names, serverName } = whoIs(meant === undefined ? address : { host: meant }, options.hello)
  // What is said here goes before what the client wants, on whose behalf it is.
  const protocols = offer.protocols ?? options.hello?.protocols.filter(name => ALPN.test(name)) ?? []
  const secured = nodeTls.connect({
    socket,
    secureContext,
    rejectUnauthorized: !insecure,
    checkServerIdentity: (_, certificate) => mismatch(names, certificate),
    ...(serverName === undefined ? {} : { servername: serverName }),
    ...(protocols.length === 0 ? {} : { ALPNProtocols: protocols }),
  })
  secured.on('keylog', onKeys)
  let certificate: nodeTls.PeerCertificate | undefined
  // Before it is refused, when there is nothing left to look at.
  secured.prependListener('secure', () => {
    certificate = secured.getPeerCertificate()
  })
  try {
    await settled(secured, 'secureConnect', options)
  } catch (error) {
    throw handshakeError(error as Error, { certificate, offer, protocols })
  }
  return new TlsConnection(secured, socket, peer, { serverName, handshake: performance.now() - began })
}

/** A socket on which TLS can begin: as the client asked for it, where the upstream knows that way; else at once. */
async function openForTls(address: Address, options: DialOptions): Promise<Socket> {
  const socket = await openSocket(address, options)
  const startTls = options.hello?.startTls
  if (startTls === undefined) return socket
  try {
    if (await askForTls(socket, startTls, options)) return socket
  } catch (error) {
    socket.destroy()
    throw error
  }
  socket.destroy()
  return openSocket(address, options)
}

/** What can be written as an ALPN name without being changed. Others are made up, to keep servers from being picky. */
const ALPN = /^[\x21-\x7e]{1,255}$/

/**
 * The name that is asked for, and those of which one must be in the certificate. A name that was given for the upstream
 * is meant. Where only an address was given, it is the client who knows the name, if what it asks for is not this
 * machine.
 */
function whoIs(
  { host }: Pick<Address, 'host'>,
  hello: Hello | undefined,
): { names: string[]; serverName: string | undefined } {
  if (isIP(host) === 0 && host !== 'localhost') return { names: [host], serverName: host }
  const asked = hello?.serverName
  if (asked !== undefined && isIP(asked) === 0 && !isLoopback(asked)) return { names: [asked, host], serverName: asked }
  return { names: [host], serverName: isIP(host) === 0 ? host : undefined }
}

/** Why the certificate is for none of `names`; undefined where it is for one of them. */
function mismatch(names: readonly string[], certificate: nodeTls.PeerCertificate): Error | undefined {
  const errors = names.map(name => nodeTls.checkServerIdentity(name, certificate))
  return errors.includes(undefined) ? undefined : errors[0]
}

/** Whom this machine trusts: what Node brings, and what the system's administrator added. */
const systemTrust = (): string[] => [
  ...new Set([...nodeTls.getCACertificates('default'), ...nodeTls.getCACertificates('system')]),
]

function listen(address: Address, { incoming, failed }: ListenHandlers, settings: TlsSettings): Promise<Listener> {
  const { identity, onKeys, startTls = [] } = settings
  if (identity === undefined) throw usage(`${formatAddress(address)}: no certificate to show`, 'Give --cert and --key.')
  return listenFor(address, {
    accept: socket => incoming(new Arriving(socket, remote(socket, address), { identity, onKeys, startTls })),
    failed,
  })
}

interface Welcome {
  readonly identity: (names: readonly string[]) => Promise<KeyPair>
  readonly onKeys: ((line: Uint8Array) => void) | undefined
  readonly startTls: readonly StartTls[]
}

/** A client that is let in only once its ClientHello has been read, and answered by the upstream. */
class Arriving implements Incoming {
  readonly peer: Endpoint
  readonly #socket: Socket
  readonly #welcome: Welcome
  #hello: Hello | undefined

  constructor(socket: Socket, peer: Endpoint, welcome: Welcome) {
    this.peer = peer
    this.#socket = socket
    this.#welcome = welcome
  }

  async hello(patience: Patience): Promise<Hello> {
    this.#hello = await readOpening(this.#socket, patience, this.#welcome.startTls)
    return this.#hello
  }

  async accept(protocol: string | undefined, { timeout, signal }: Patience): Promise<Connection> {
    const socket = this.#socket
    const names = namesFor(this.#hello?.serverName, socket)
    const { cert, key } = await this.#welcome.identity(names)
    // One server a connection: what is chosen of ALPN is an option of the server, and another each time.
    const server = nodeTls.createServer({
      cert,
      key,
      handshakeTimeout: timeout,
      ...(protocol === undefined ? {} : { ALPNProtocols: [protocol] }),
    })
    if (this.#welcome.onKeys !== undefined) server.on('keylog', this.#welcome.onKeys)
    const secured = await new Promise<nodeTls.TLSSocket>((resolve, reject) => {
      const abort = (): void => void socket.destroy()
      const settle = (): void => signal.removeEventListener('abort', abort)
      server.on('secureConnection', secure => {
        settle()
        secure.allowHalfOpen = true
        resolve(secure)
      })
      server.on('tlsClientError', error => {
        settle()
        reject(handshakeError(error))
      })
      if (signal.aborted || socket.destroyed) return reject(gone())
      signal.addEventListener('abort', abort)
      // Whoever ends within the handshake has left; only after it is half a connection worth something.
      socket.allowHalfOpen = false
      server.emit('connection', socket)
    })
    return new TlsConnection(secured, socket, this.peer, this.#hello)
  }

  refuse(): void {
    resetSocket(this.#socket)
  }
}

/** What the certificate must be for: what the client asked for, or else where it has come to. */
function namesFor(serverName: string | undefined, { localAddress = '' }: Socket): string[] {
  if (serverName !== undefined && NAME.test(serverName)) return [serverName]
  const host = plainHost(localAddress)
  return isLoopback(host) ? [host, 'localhost'] : [host]
}

/** Names fit for a certificate. */
const NAME = /^[\x21-\x7e]{1,253}$/

/** What is known of a connection beside its socket. */
interface Agreed {
  readonly serverName?: string | undefined
  readonly startTls?: StartTls
  /** Milliseconds. */
  readonly handshake?: number
}

class TlsConnection implements Connection {
  readonly stream: nodeTls.TLSSocket
  readonly local: Endpoint
  readonly peer: Endpoint
  readonly carriers: readonly [CarrierStatus]
  readonly startTls?: StartTls
  readonly handshake?: number
  readonly lends = false
  readonly #socket: Socket
  /** An alert is an error, but leaves the socket as it is. */
  #broken: Error | undefined

  constructor(
    stream: nodeTls.TLSSocket,
    socket: Socket,
    peer: Endpoint,
    { serverName, startTls, handshake }: Agreed = {},
  ) {
    const { alpnProtocol } = stream
    this.stream = stream.on('error', error => {
      this.#broken ??= error
    })
    this.local = localEnd(socket, peer)
    this.peer = peer
    this.#socket = socket
    if (startTls !== undefined) this.startTls = startTls
    if (handshake !== undefined) this.handshake = handshake
    this.carriers = [
      {
        name: (stream.getProtocol() ?? 'TLS').replace(/^TLSv1$/, 'TLSv1.0').replace('TLSv', 'TLS '),
        ...(serverName === undefined ? {} : { serverName }),
        ...(typeof alpnProtocol === 'string' ? { subprotocol: alpnProtocol } : {}),
        cipher: stream.getCipher().name,
      },
    ]
  }

  get failure(): Error | undefined {
    return this.#broken ?? failureOf(this.stream)
  }

  read(take: Take): void {
    this.stream.on('data', take)
    this.stream.resume()
  }

  reset(): void {
    resetSocket(this.#socket)
    this.stream.destroy()
  }
}
