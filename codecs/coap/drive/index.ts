import type { Drive } from '../../core/index.ts'
import type { Connection } from '../dialogue.ts'
import { DatagramDriver } from './datagrams.ts'
import { datagramOptions, options, staysOf } from './options.ts'
import { ReliableDriver } from './reliable.ts'

/** Every observer is notified; a resource is what is said of it, with or without a first slash. */
const common = {
  versions: [],
  shares: () => false,
  reaches: (destination: string, source: string) => path(destination) === path(source),
  stays: staysOf,
}

const path = (uri: string): string => uri.replace(/^\/|\?.*$/g, '')

export const drive: Drive<null> = {
  ...common,
  options: datagramOptions,
  open: each => new DatagramDriver(each),
  // More than NSTART, and no more than what a socket has room for while its server is busy [RFC 7252 §4.7].
  usualInFlight: () => 64,
}

export const driveTcp: Drive<Connection> = { ...common, options, open: each => new ReliableDriver(each, true) }

export const driveWebSocket: Drive<Connection> = { ...common, options, open: each => new ReliableDriver(each, false) }
