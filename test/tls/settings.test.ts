import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Failure } from '../../src/failure.ts'
import { KeyLogFile } from '../../src/keylog-file.ts'
import { makeAuthority, makeLeaf } from '../../src/tls/authority.ts'
import { loadIdentity, loadTrust, trustAdvice } from '../../src/tls/index.ts'

const authority = await makeAuthority()
const [ann, bob] = [await makeLeaf(authority, ['ann']), await makeLeaf(authority, ['bob'])]
const ENCRYPTED = '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mqinspect-tls-'))
  vi.stubEnv('XDG_DATA_HOME', folder)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

describe('what clients are shown', () => {
  test('a certificate of the authority, which is made once', async () => {
    const first = await loadIdentity({})
    expect(first.authority?.made).toBe(true)
    expect(trustAdvice(first.authority!)).toContain(`--cafile ${folder}/mqinspect/ca/mqinspect-ca.pem`)
    expect((await loadIdentity({})).authority?.made).toBe(false)
    expect((await first.identity(['x'])).cert).toContain(first.authority!.cert.trim())
  })

  test('or what is given, for all names, in two files or one; no authority is made then', async () => {
    const cert = await file('cert.pem', ann.cert)
    const key = await file('key.pem', ann.key)
    const both = await file('both.pem', ann.cert + ann.key)
    for (const request of [{ cert, key }, { cert: both }]) {
      const { identity, authority: made } = await loadIdentity(request)
      expect(made).toBeUndefined()
      expect((await identity(['whatever'])).cert).toContain(ann.cert)
    }
    await expect(stat(join(folder, 'mqinspect'))).rejects.toThrow()
  })
})

describe('what is wrong is told before anything begins', () => {
  test.each([
    ['no such file', async () => ({ ca: '/no/such.pem' }), /--ca \/no\/such\.pem: no such file/],
    ['no certificate', async () => ({ ca: await file('x', 'hello') }), /there is no certificate in it/],
    [
      'a broken certificate',
      async () => ({ ca: await file('x', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n') }),
      /--ca .*x: /,
    ],
    ['a key alone', async () => ({ 'client-key': await file('x', ann.key) }), /of which certificate/],
    ['no key', async () => ({ 'client-cert': await file('x', ann.cert) }), /its key is not there/],
    [
      'no key in the file of the key',
      async () => ({ 'client-cert': await file('x', ann.cert), 'client-key': await file('y', ann.cert) }),
      /there is no private key in it/,
    ],
    [
      "another's key",
      async () => ({ 'client-cert': await file('x', ann.cert), 'client-key': await file('y', bob.key) }),
      /the key is not that of the certificate/,
    ],
    [
      'an encrypted key',
      async () => ({ 'client-cert': await file('x', ann.cert), 'client-key': await file('y', ENCRYPTED) }),
      /it is encrypted/,
    ],
  ])('%s', async (_, request, message) => {
    const failure = await loadTrust(await request()).catch((error: Failure) => error)
    expect(failure).toMatchObject({ name: 'Failure', exit: 2, message: expect.stringMatching(message) })
  })
})

describe('a key log', () => {
  test('is appended to, private whatever it was before', async () => {
    const path = await file('keys.log', '# before\n')
    const log = await KeyLogFile.open(path, () => {})
    for (let at = 0; at < 100; at++) log.add(Buffer.from(`LINE ${at}\n`))
    await log.close()
    const lines = (await import('node:fs')).readFileSync(path, 'utf8').split('\n')
    expect(lines).toEqual(['# before', ...Array.from({ length: 100 }, (_, at) => `LINE ${at}`), ''])
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  test('that cannot be opened is a failure; that cannot be written is told once', async () => {
    await expect(KeyLogFile.open('/no/such/folder/keys.log', () => {})).rejects.toMatchObject({ exit: 1 })
    const told: Failure[] = []
    const log = await KeyLogFile.open('/dev/full', failure => told.push(failure))
    for (let round = 0; round < 3; round++) {
      log.add(Buffer.from('LINE\n'))
      await new Promise(resolve => setTimeout(resolve, 20))
    }
    await log.close()
    expect(told.map(({ message }) => message)).toEqual([expect.stringContaining('/dev/full')])
  })
})
