import { once } from 'node:events'
import net from 'node:net'
import type tls from 'node:tls'
import { describe, expect, onTestFinished, test } from 'vitest'
import { codecs } from '../../codecs/index.ts'
import type { Failure } from '../../src/failure.ts'
import { advice, type Connection, dialling, parseUpstream, reason } from '../../src/net/index.ts'
import { handshakeError } from '../../src/net/tls-trouble.ts'
import { loadTrust, type UpstreamTlsRequest } from '../../src/tls/index.ts'
import { secureUpstream, theirs } from '../proxy/secure.ts'

async function dialled(request: UpstreamTlsRequest, port: number): Promise<Connection> {
  const dial = dialling({ ...(await loadTrust(request)), trusted: theirs.cert })
  const patience = { timeout: 5000, signal: new AbortController().signal }
  return dial(parseUpstream(`tls://localhost:${port}`, codecs), patience)
}

const failure = (request: UpstreamTlsRequest, port: number): Promise<unknown> =>
  dialled(request, port).then(
    () => expect.unreachable(),
    error => error,
  )

/** What an upstream that is set up as in `server` agrees on, asked as in `request`. */
async function agreed(request: UpstreamTlsRequest, server: tls.TlsOptions) {
  const { carriers, stream } = await dialled(request, await secureUpstream(socket => socket.resume(), server))
  stream.destroy()
  const [{ name, cipher, subprotocol } = { name: '' }] = carriers
  return { name, cipher, subprotocol }
}

const [GCM128, GCM256] = ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384']
/** Versions that are offered only by whoever asks for them. */
const OLD = { minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const

describe('what is agreed on', () => {
  test.each<[string, UpstreamTlsRequest, tls.TlsOptions, object]>([
    ['the highest of both', {}, {}, { name: 'TLS 1.3' }],
    ['a version', { 'tls-max-version': '1.2' }, {}, { name: 'TLS 1.2' }],
    ['an old version', { 'tls-max-version': '1.1' }, OLD, { name: 'TLS 1.1' }],
    [
      'an old version, beside new ones',
      { 'tls-min-version': '1.0' },
      { ...OLD, maxVersion: 'TLSv1' },
      { name: 'TLS 1.0' },
    ],
    ['a cipher, and the versions that it is for', { 'tls-ciphers': GCM128 }, {}, { name: 'TLS 1.2', cipher: GCM128 }],
    [
      'a cipher of TLS 1.3',
      { 'tls-ciphers': `TLS_CHACHA20_POLY1305_SHA256:${GCM256}` },
      {},
      { name: 'TLS 1.3', cipher: 'TLS_CHACHA20_POLY1305_SHA256' },
    ],
    ['any cipher', { 'tls-ciphers': 'DEFAULT:@SECLEVEL=1' }, {}, { name: 'TLS 1.3' }],
    ['a protocol', { alpn: ['x-amzn-mqtt-ca', 'mqtt'] }, { ALPNProtocols: ['mqtt'] }, { subprotocol: 'mqtt' }],
    ['no protocol', { alpn: ['mqtt'] }, {}, { subprotocol: undefined }],
  ])('%s', async (_, request, server, expected) => {
    expect(await agreed(request, server)).toMatchObject(expected)
  })
})

describe('a handshake that fails says what was offered, and what to try', () => {
  test.each<[string, UpstreamTlsRequest, tls.TlsOptions, string, string]>([
    ['too low', { 'tls-max-version': '1.2' }, { minVersion: 'TLSv1.3' }, '(TLS 1.2)', '--tls-max-version 1.3'],
    ['too high', { 'tls-min-version': '1.3' }, { maxVersion: 'TLSv1.2' }, '(TLS 1.3)', '--tls-min-version 1.2'],
    ['too old', {}, { ...OLD, maxVersion: 'TLSv1.1' }, '(TLS 1.2, 1.3)', '--tls-min-version 1.0'],
    ['no cipher', { 'tls-ciphers': GCM128 }, { ciphers: GCM256 }, `(offered: TLS 1.2; ${GCM128})`, '--tls-ciphers'],
    ['no protocol', { alpn: ['a', 'b'] }, { ALPNProtocols: ['mqtt'] }, 'by ALPN (a, b)', '--alpn NAME'],
  ])('%s', async (_, request, server, offered, next) => {
    const error = await failure(request, await secureUpstream(socket => socket.resume(), server))
    expect(reason(error)).toContain(offered)
    expect(advice(error)).toContain(next)
  })
})

test('a server that resets is told with what was offered, where that is not the usual', async () => {
  const server = net.createServer(socket => socket.once('data', () => socket.resetAndDestroy()))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as net.AddressInfo
  const why = 'it closed the connection within the TLS handshake'
  expect(reason(await failure({}, port))).toBe(why)
  const error = await failure({ alpn: ['mqtt'], 'tls-max-version': '1.2' }, port)
  expect(reason(error)).toBe(`${why} (offered: TLS 1.2; ALPN mqtt)`)
  expect(advice(error)).toContain('--alpn')
})

test('what OpenSSL finds too weak is told, and how to take it', () => {
  const error = handshakeError(Object.assign(new Error('EE certificate key too weak'), { code: 'UNSPECIFIED' }))
  expect(reason(error)).toContain('is not secure any more')
  expect(advice(error)).toContain('@SECLEVEL=0')
})

describe('what cannot be offered is told', () => {
  test.each<[UpstreamTlsRequest, string, string]>([
    [{ 'tls-min-version': '1.4' }, '--tls-min-version 1.4: no version', '1.0, 1.1, 1.2, 1.3'],
    [{ 'tls-min-version': '1.3', 'tls-max-version': '1.2' }, 'is above --tls-max-version 1.2', 'Swap'],
    [{ 'tls-ciphers': 'ECDHE-RSA-AES128-GCM-SHA255' }, 'OpenSSL has no such', 'ECDHE-RSA-AES128-GCM-SHA256?'],
    [{ 'tls-ciphers': 'TLS_RSA_WITH_AES_128_CBC_SHA' }, 'OpenSSL has no such', 'Did you mean AES128-SHA?'],
    [{ 'tls-ciphers': `${GCM128}:TLS_AES_128` }, '--tls-ciphers TLS_AES_128: ', 'TLS_AES_128_GCM_SHA256?'],
    [{ 'tls-ciphers': '!aNULL' }, 'no cipher suite is named', 'For example'],
    [{ 'tls-ciphers': GCM128, 'tls-min-version': '1.3' }, 'none of them is for TLS 1.3', 'begin with TLS_'],
    [{ alpn: ['mqtt', ''] }, '--alpn : 1 to 255', ''],
  ])('%j', async (request, message, next) => {
    const told: Failure = await loadTrust(request).catch(thrown => thrown)
    expect(told).toMatchObject({ exit: 2, message: expect.stringContaining(message) })
    expect(told.next ?? '').toContain(next)
  })
})
