import { describe, expect, test } from 'vitest'
import { type DriveOptions, Login, SCRAM, saslprep } from '../../../codecs/core/index.ts'
import { ScramKeys } from '../../../src/scram.ts'
import { ScramServer } from '../scram-server.ts'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes)

interface Given {
  readonly mechanism?: string
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly nonce?: string
}

/** A login by SCRAM, and what came of it. */
function login({ mechanism = 'SCRAM-SHA-256', nonce = 'ours', ...credentials }: Given = {}) {
  const keys = new ScramKeys()
  const said: string[] = []
  let responded = (_: string): void => {}
  const options = {
    user: 'user',
    password: 'pencil',
    ...credentials,
    scram: { nonce: () => nonce, prove: keys.prove.bind(keys) },
    listener: { failed: (why: string) => said.push(`failed: ${why}`), wrote: () => {} },
  } as unknown as DriveOptions
  const client = new Login(mechanism, options, response => responded(text(response)))
  return {
    client,
    said,
    first: (): string => text(client.begin([mechanism])),
    answer: (challenge: string): Promise<string> =>
      new Promise(resolve => {
        responded = resolve
        client.answer(utf8(challenge))
      }),
  }
}

describe('SCRAM', () => {
  test.each([
    [
      'RFC 5802 §5',
      'SCRAM-SHA-1',
      'fyko+d2lbbFgONRv9qkxdawL',
      'r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096',
      'c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=',
      'v=rmF9pqV8S7suAoZWja4dJRkFsKQ=',
    ],
    [
      'RFC 7677 §3',
      'SCRAM-SHA-256',
      'rOprNGfwEbeRWgbNEkqO',
      'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
      'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
      'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
    ],
  ])('%s, word for word', async (_, mechanism, nonce, challenge, proof, signature) => {
    const { client, said, first, answer } = login({ mechanism, nonce })
    expect(first()).toBe(`n,,n=user,r=${nonce}`)
    expect(await answer(challenge)).toBe(proof)
    expect(client.finish(utf8(signature))).toBe(true)
    expect(said).toEqual([])
  })

  test.each(Object.entries(SCRAM))('%s convinces a server, and is convinced by it', async (mechanism, hash) => {
    const { client, first, answer } = login({ mechanism })
    const server = new ScramServer(hash, 'pencil')
    const { challenge } = server.first(utf8(first()))
    const signature = server.final(utf8(await answer(text(challenge))))
    expect(signature).toBeDefined()
    expect(client.finish(signature)).toBe(true)
  })

  test('the signature may come as a challenge, which is answered by nothing', async () => {
    const { client, first, answer } = login()
    const server = new ScramServer('sha256', 'pencil')
    const { challenge } = server.first(utf8(first()))
    const signature = server.final(utf8(await answer(text(challenge))))
    expect(await answer(text(signature))).toBe('')
    expect(client.finish()).toBe(true)
  })

  test('names are as they are compared, and commas and equals signs are not the syntax [RFC 5802 §5.1]', () => {
    expect(login({ user: 'a,b=\u2168' }).first()).toBe('n,,n=a=2Cb=3DIX,r=ours')
  })

  test.each([
    ['a user and a password', { password: undefined }],
    ['a user and a password', { user: undefined }],
    ['the user has characters', { user: 'a\u0007' }],
    ['the password has characters', { password: '\u0627\u0031' }],
  ])('%s: nothing is sent', (why, given) => {
    const { client, said } = login(given)
    expect(client.begin()).toBeUndefined()
    expect(said).toEqual([expect.stringContaining(why)])
  })

  test.each([
    ['too few iterations', 'r=ours1,s=QSXCR+Q6sek8bf92,i=4095', 'fewer than 4096'],
    ['iterations without end', 'r=ours1,s=QSXCR+Q6sek8bf92,i=2000001', 'more than 2000000'],
    ['iterations that are no number', 'r=ours1,s=QSXCR+Q6sek8bf92,i=1e6', 'fewer than 4096'],
    ['a nonce that is not ours', 'r=other1,s=QSXCR+Q6sek8bf92,i=4096', 'first message'],
    ['a nonce with nothing of the server in it', 'r=ours,s=QSXCR+Q6sek8bf92,i=4096', 'first message'],
    ['no salt', 'r=ours1,s=,i=4096', 'first message'],
    ['a salt that is not base64', 'r=ours1,s=QSX*,i=4096', 'first message'],
    ['an extension that must be understood', 'm=x,r=ours1,s=QSXCR+Q6sek8bf92,i=4096', 'first message'],
    ['nothing', '', 'first message'],
  ])('%s: refused, and never let in', (_, challenge, why) => {
    const { client, said, first } = login()
    first()
    client.answer(utf8(challenge))
    expect(said).toEqual([expect.stringContaining(why)])
    expect(client.finish(utf8('v='))).toBe(false)
  })

  test.each([
    ['a wrong signature', 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=', 'signature is wrong'],
    ['an error', 'e=unknown-user', 'not logged in: unknown-user'],
    ['no signature', undefined, 'does not prove'],
    ['an empty one', '', 'does not prove'],
  ])('a server with %s is not believed', async (_, signature, why) => {
    const { client, said, first, answer } = login()
    first()
    await answer('r=ours1,s=QSXCR+Q6sek8bf92,i=4096')
    expect(client.finish(signature === undefined ? undefined : utf8(signature))).toBe(false)
    expect(said).toEqual([expect.stringContaining(why)])
  })

  test('a server that lets us in before it was asked, or at once, is not believed', () => {
    const early = login()
    expect(early.client.finish()).toBe(false)
    const { client, first } = login()
    first()
    expect(client.finish(utf8('v='))).toBe(false)
  })

  test('many logins with one salt derive its keys once', async () => {
    const keys = new ScramKeys()
    const asked = { hash: 'sha256', password: 'p', salt: utf8('salt'), iterations: 2_000_000 } as const
    const prove = (authMessage: string): Promise<Uint8Array> =>
      new Promise(resolve => keys.prove({ ...asked, authMessage }, ({ clientProof }) => resolve(clientProof)))
    const waiting = await Promise.all(['a', 'b', 'a'].map(prove))
    expect(waiting[0]).toEqual(waiting[2])
    expect(waiting[0]).not.toEqual(waiting[1])
    // Known now: told before `prove` returns.
    let told = false
    keys.prove({ ...asked, authMessage: 'c' }, () => (told = true))
    expect(told).toBe(true)
  })
})

describe('bearer tokens', () => {
  const bearer = (mechanism: string, given: Given = {}) =>
    login({ mechanism, user: undefined, password: 'tok', ...given })

  test('OAUTHBEARER, without a name and with one [RFC 7628 §3.1]', () => {
    expect(bearer('OAUTHBEARER').first()).toBe('n,,\x01auth=Bearer tok\x01\x01')
    expect(bearer('OAUTHBEARER', { user: 'a=b' }).first()).toBe('n,a=a=3Db,\x01auth=Bearer tok\x01\x01')
  })

  test('XOAUTH2', () => {
    expect(bearer('XOAUTH2', { user: 'ann' }).first()).toBe('user=ann\x01auth=Bearer tok\x01\x01')
  })

  test.each([
    ['OAUTHBEARER', '\x01'],
    ['XOAUTH2', ''],
  ])('%s: an error is told in a challenge, which is answered, and is the reason', async (mechanism, answered) => {
    const { client, said, first, answer } = bearer(mechanism)
    first()
    expect(await answer('{"status":"invalid_token"}')).toBe(answered)
    client.refused('SASL outcome 1')
    expect(said).toEqual(['failed: SASL outcome 1: {"status":"invalid_token"}'])
  })
})

describe('SASLprep [RFC 4013 §3]', () => {
  test.each([
    ['I\u00adX', 'IX'],
    ['user', 'user'],
    ['USER', 'USER'],
    ['\u00aa', 'a'],
    ['\u2168', 'IX'],
    ['a\u3000b', 'a b'],
    ['\u0627\u0031\u0628', '\u0627\u0031\u0628'],
    ['p\u00e4ssword\u{1f511}', 'p\u00e4ssword\u{1f511}'],
    ['\u0007', undefined],
    ['\u0627\u0031', undefined],
    ['a\u0627', undefined],
    ['\ue000', undefined],
    ['\ud800', undefined],
  ])('%j is %j', (given, prepared) => {
    expect(saslprep(given)).toBe(prepared)
  })
})
