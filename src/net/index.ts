export {
  type Address,
  formatAddress,
  isLoopback,
  LOOPBACK,
  parseListen,
  parseRoute,
  parseUpstream,
  type Route,
} from './address.ts'
export { codecAt, dialling } from './dial.ts'
export { advice, errnoOf, reason } from './errno.ts'
export { cannotListen } from './failures.ts'
export { listening } from './listen.ts'
export { LEFT } from './opening.ts'
export { findBrokers } from './probe.ts'
export { isDatagram, isSecure } from './scheme.ts'
export { plainHost } from './socket.ts'
export { type TlsSettings, tlsTransport } from './tls.ts'
export {
  type Connection,
  type Dial,
  type Hello,
  type Incoming,
  type Listen,
  type Listener,
  type ListenHandlers,
  type Transport,
  type Transports,
  transports,
} from './transport.ts'
export { bindUdp, type Datagram, type DatagramSocket, openUdp } from './udp.ts'
