import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, stat } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, createServer } from 'node:tls'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeAuthority, makeLeaf } from '../../src/tls/authority.ts'
import { Leaves, loadAuthority } from '../../src/tls/index.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mqinspect-ca-'))
})
afterEach(() => rm(folder, { recursive: true }))

const mode = async (path: string) => (await stat(path)).mode & 0o777

test('the authority is made once, and its key is private', async () => {
  const place = join(folder, 'a', 'ca')
  const first = await loadAuthority(place)
  expect(first.made).toBe(true)
  expect(await mode(place)).toBe(0o700)
  expect(await mode(join(place, 'mqinspect-ca-key.pem'))).toBe(0o600)
  const second = await loadAuthority(place)
  expect(second).toEqual({ ...first, made: false })
})

test('many that begin at once agree on one', async () => {
  const all = await Promise.all(Array.from({ length: 8 }, () => loadAuthority(join(folder, 'ca'))))
  expect(new Set(all.map(({ cert }) => cert)).size).toBe(1)
  expect(all.filter(({ made }) => made)).toHaveLength(1)
})

test('it may sign servers and nothing else', async () => {
  const authority = await makeAuthority()
  const ca = new X509Certificate(authority.cert)
  expect(ca.ca).toBe(true)
  const leaf = new X509Certificate((await makeLeaf(authority, ['broker.example'])).cert)
  expect(leaf.ca).toBe(false)
  expect(leaf.checkIssued(ca)).toBe(true)
  expect(leaf.verify(ca.publicKey)).toBe(true)
  expect(leaf.checkHost('broker.example')).toBe('broker.example')
})

test.each([
  ['broker.example', '127.0.0.1'],
  ['127.0.0.1', '127.0.0.1'],
  ['::1', '::1'],
])('a client that trusts it accepts %s', async (name, host) => {
  const authority = await makeAuthority()
  const server = createServer(await new Leaves(authority).get([name, 'other.example']))
  server.listen(0, host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const client = connect({ port, host, ca: authority.cert, ...(name === host ? {} : { servername: name }) })
  await once(client, 'secureConnect')
  expect(client.authorized).toBe(true)
  client.destroy()
  server.close()
})

test('names are signed for once', async () => {
  const leaves = new Leaves(await makeAuthority())
  expect(await leaves.get(['a'])).toBe(await leaves.get(['a']))
  expect(await leaves.get(['b'])).not.toBe(await leaves.get(['a']))
})

test('a key that others came to be able to read is made private again', async () => {
  const { file } = await loadAuthority(folder)
  const key = file.replace('.pem', '-key.pem')
  await chmod(key, 0o644)
  await loadAuthority(folder)
  expect(await mode(key)).toBe(0o600)
})
