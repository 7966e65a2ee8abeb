export {
  type Address,
  formatAddress,
  LOOPBACK,
  PORT_OFFSET,
  parseRoute,
  parseUpstream,
  type Route,
} from './address.ts'
export { reason } from './errno.ts'
export { cannotListen } from './failures.ts'
export { type Found, findBrokers } from './probe.ts'
export { type Connection, type Listener, type Transport, transportOf } from './transport.ts'
