import type { Carried, CarrierServices, CarrierStatus, Packet, Side, Unwrapper } from '../../core/index.ts'
import { concat, u16At } from '../../core/index.ts'
import { EarlyData } from './early.ts'
import {
  type ClientHello,
  readClientHello,
  readEncryptedExtensions,
  readServerHello,
  type ServerHello,
} from './hello.ts'
import { keyBlock, trafficKeys, updatedSecret } from './keys.ts'
import { type Clear, type Opener, opener12, opener13, openerOf, type Protected } from './records.ts'
import { contentTypes, handshakeTypes, type Suite, suites, suites13, versions } from './tables.ts'

const CHANGE_CIPHER_SPEC = contentTypes.code('change-cipher-spec')
const HANDSHAKE = contentTypes.code('handshake')
const APPLICATION_DATA = contentTypes.code('application-data')

const TLS_1_2 = versions.code('TLS 1.2') as number
const TLS_1_3 = versions.code('TLS 1.3') as number

/** How many records may have been lost in a hole before we give up guessing the number of the next. */
const LOST_RECORDS = 64
/** More handshake than anybody sends in the clear. */
const MOST_HANDSHAKE = 1 << 17

/** One direction of a connection. */
interface Direction {
  /** Handshake messages in progress. */
  handshake: Uint8Array
  opener: Opener | undefined
  /** Records are encrypted from here on, whether we have the keys or not. */
  sealed: boolean
  sequence: number
  /** Keys that come later, in the order in which they are taken up. */
  later: (() => Opener | undefined)[]
  /** Records were lost: the number of the next is not known. */
  holed: boolean
}

/** Takes application data out of records, with the secrets of a key log. */
export function unwrapper({ crypto, secret }: CarrierServices): Unwrapper<null> {
  const directions: Record<Side, Direction> = { client: fresh(), server: fresh() }
  let client: ClientHello | undefined
  let server: ServerHello | undefined
  /** A record was opened with the keys that there are. */
  let fitted = false
  let early: { readonly opener: Opener; readonly data: EarlyData } | undefined
  let status: CarrierStatus = { name: 'TLS', encrypted: true }

  function take(packet: Packet<null>, out: Carried): void {
    const { side, kind, length, time, record: number } = packet
    const direction = directions[side]
    if (kind !== 'frame') {
      direction.holed = true
      direction.handshake = none
      if (direction.opener !== undefined) out.gap(side, length, time, number)
      return
    }
    const { buffer, start, end } = packet
    const record: Protected = {
      contentType: buffer[start] as number,
      version: u16At(buffer, start + 1),
      fragment: buffer.subarray(start + 5, end),
    }
    const clear = open(record, side)
    if (clear === undefined) {
      if (record.contentType === APPLICATION_DATA) explain()
      return
    }
    if (clear.contentType === HANDSHAKE) takeHandshake(side, clear.bytes)
    else if (clear.contentType === APPLICATION_DATA && clear.bytes.length > 0) {
      const deliver = () => out.data(side, clear.bytes, time, number, true)
      if (early !== undefined && direction.opener === early.opener) early.data.take(clear.bytes.length, deliver)
      else deliver()
    }
  }

  /** The record in the clear; undefined where there is nothing in it for us, or no key for it. */
  function open(record: Protected, side: Side): Clear | undefined {
    const direction = directions[side]
    if (record.contentType === CHANGE_CIPHER_SPEC) {
      if (server !== undefined && server.version < TLS_1_3) {
        direction.sealed = true
        takeUp(direction)
      }
      return undefined
    }
    // Application data is never in the clear; in TLS 1.3 all that is encrypted looks like it.
    if (!direction.sealed && record.contentType !== APPLICATION_DATA) {
      return { contentType: record.contentType, bytes: record.fragment }
    }
    for (;;) {
      const clear = tryKeys(direction, record)
      if (clear !== undefined) return clear
      // TLS 1.3 changes keys without saying so outside; what opens with the next keys is under them.
      if (direction.sealed || !takeUp(direction)) return undefined
    }
  }

  function tryKeys(direction: Direction, record: Protected): Clear | undefined {
    const { opener, holed } = direction
    if (opener === undefined) return undefined
    for (let lost = 0; lost <= (holed ? LOST_RECORDS : 0); lost++) {
      const clear = opener(record, direction.sequence + lost)
      if (clear === undefined) continue
      direction.sequence += lost + 1
      direction.holed = false
      fits()
      return clear
    }
    return undefined
  }

  /** Takes up the next keys that are known. False if there are none. */
  function takeUp(direction: Direction): boolean {
    for (let next = direction.later.shift(); next !== undefined; next = direction.later.shift()) {
      const opener = next()
      if (opener === undefined) continue
      direction.opener = opener
      direction.sequence = 0
      return true
    }
    return false
  }

  function takeHandshake(side: Side, bytes: Uint8Array): void {
    const direction = directions[side]
    let rest = concat([direction.handshake, bytes])
    while (rest.length >= 4) {
      const length = ((rest[1] as number) << 16) | u16At(rest, 2)
      if (rest.length < 4 + length) break
      takeMessage(side, handshakeTypes.name(rest[0] as number), rest.subarray(4, 4 + length))
      rest = rest.subarray(4 + length)
    }
    direction.handshake = rest.length > MOST_HANDSHAKE ? none : rest.slice()
  }

  function takeMessage(side: Side, type: string | undefined, body: Uint8Array): void {
    if (type === 'client_hello' && side === 'client') {
      client = readClientHello(body)
      const { serverName, alpn } = client
      status = { ...status, ...(serverName === undefined ? {} : { serverName }) }
      if (alpn.length === 1) status = { ...status, subprotocol: alpn[0] as string }
      directions.client.later = [earlyKeys]
    } else if (type === 'server_hello' && side === 'server') {
      const hello = readServerHello(body)
      if (!hello.retry) agree(hello)
    } else if (type === 'encrypted_extensions') {
      const { alpn, earlyData } = readEncryptedExtensions(body)
      nameProtocol(alpn)
      if (earlyData) early?.data.accept()
      else early?.data.refuse()
    } else if (type === 'end_of_early_data') early?.data.accept()
    else if (type === 'key_update') {
      const label = side === 'client' ? 'CLIENT_TRAFFIC_SECRET_0' : 'SERVER_TRAFFIC_SECRET_0'
      updates[side]++
      directions[side].later.push(() => opened(label, updates[side]))
    }
  }
  const updates: Record<Side, number> = { client: 0, server: 0 }

  function agree(hello: ServerHello): void {
    server = hello
    status = { ...status, name: versions.name(hello.version) ?? 'TLS' }
    nameProtocol(hello.alpn)
    if (hello.version === TLS_1_3) {
      for (const side of ['client', 'server'] as const) {
        const who = side.toUpperCase()
        directions[side].later.push(
          () => opened(`${who}_HANDSHAKE_TRAFFIC_SECRET`),
          () => opened(`${who}_TRAFFIC_SECRET_0`),
        )
      }
    } else {
      directions.client.later = [() => derived('client')]
      directions.server.later = [() => derived('server')]
    }
  }

  function nameProtocol(alpn: string | undefined): void {
    if (alpn !== undefined) status = { ...status, subprotocol: alpn }
  }

  const suite = (): Suite | undefined => (server === undefined ? undefined : suites[server.suite])

  /** Keys of a TLS 1.3 traffic secret, after some updates. */
  function opened(label: string, update = 0): Opener | undefined {
    const chosen = suite()
    if (client === undefined || chosen?.kind !== 'aead') return undefined
    let known = secret(label, client.random)
    if (known === undefined) return undefined
    for (let times = 0; times < update; times++) known = updatedSecret(crypto, chosen, known)
    return opener13(crypto, chosen, trafficKeys(crypto, chosen, known))
  }

  /** Early data come before the server has chosen a suite: it is that of the session before, of which the hash is known. */
  function earlyKeys(): Opener | undefined {
    const known = client && secret('CLIENT_EARLY_TRAFFIC_SECRET', client.random)
    if (known === undefined) return undefined
    const able = Object.values(suites13).filter(({ hash }) => (hash === 'sha256' ? 32 : 48) === known.length)
    const opener = openerOf(able.map(each => opener13(crypto, each, trafficKeys(crypto, each, known))))
    early = { opener, data: new EarlyData() }
    return opener
  }

  /** Keys of a master secret, TLS 1.2. */
  function derived(side: Side): Opener | undefined {
    const chosen = suite()
    if (client === undefined || server === undefined || chosen === undefined) return undefined
    if (server.version < TLS_1_2) return undefined
    const master = secret('CLIENT_RANDOM', client.random)
    if (master === undefined) return undefined
    const keys = keyBlock(crypto, chosen, master, unhex(client.random), server.random)
    return opener12(crypto, chosen, keys[side], server.encryptThenMac)
  }

  /** A record that does not open is no matter once any did. */
  function explain(): void {
    if (fitted) return
    const opener = directions.client.opener ?? directions.server.opener
    status = { ...status, opaque: opener === undefined ? whyNoKeys() : 'the keys are not for this session' }
  }

  function whyNoKeys(): string {
    if (client === undefined) return 'the handshake was not captured'
    if (server === undefined) return 'no keys'
    if (server.version < TLS_1_2) return `${status.name} is not decrypted`
    return suite() === undefined ? 'a cipher that is not known here' : 'no keys'
  }

  function fits(): void {
    if (fitted) return
    fitted = true
    const { opaque: _, ...rest } = status
    status = rest
  }

  return {
    take,
    get status() {
      return status
    },
  }
}

const none: Uint8Array = new Uint8Array(0)
const fresh = (): Direction => ({
  handshake: none,
  opener: undefined,
  sealed: false,
  sequence: 0,
  later: [],
  holed: false,
})
const unhex = (text: string): Uint8Array => Uint8Array.from(text.match(/../g) ?? [], pair => Number.parseInt(pair, 16))
