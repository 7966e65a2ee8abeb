import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { Failure } from '../../src/failure.ts'
import type { GroupPlan } from '../../src/load/plan.ts'
import {
  fetchToken,
  parseTokenUrl,
  type Reading,
  readSecret,
  type SecretSource,
  Secrets,
  type TokenGrant,
} from '../../src/load/secrets/index.ts'
import { groupOf } from '../../src/load/spec.ts'
import { type Asked, tokenServer } from './token-server.ts'

const { signal } = new AbortController()
const GRANT: TokenGrant = { url: '', clientId: 'app', clientSecret: 'a b:c', scope: undefined, parameters: {} }

/** What comes of asking a server that answers so, and what it was asked. */
async function asking(answer: { status?: number; body: string | object }, grant: Partial<TokenGrant> = {}) {
  const server = await tokenServer(() => answer)
  onTestFinished(() => server.close())
  const reading = await fetchToken({ ...GRANT, url: server.url, ...grant }, signal).catch((error: unknown) => error)
  return { reading, asked: server.asked as readonly [Asked], url: server.url }
}

describe('a token [RFC 6749 §4.4]', () => {
  const body = { access_token: 'tok', token_type: 'Bearer', expires_in: 100 }

  test('is asked for with the secret as Basic has it, of which the parts are encoded [§2.3.1]', async () => {
    const { reading, asked } = await asking({ body }, { scope: 'a b', parameters: { audience: 'mq' } })
    expect(asked[0].form).toEqual({ grant_type: 'client_credentials', scope: 'a b', audience: 'mq' })
    expect(asked[0].authorization).toBe(`Basic ${Buffer.from('app:a+b%3Ac').toString('base64')}`)
    expect(reading).toEqual({ text: 'tok', freshFor: 80_000 })
  })

  test('without a secret, the client only names itself', async () => {
    const { asked } = await asking({ body }, { clientSecret: undefined })
    expect(asked[0]).toEqual({
      authorization: undefined,
      form: { grant_type: 'client_credentials', client_id: 'app' },
    })
  })

  test.each([
    ['in seconds', 10, 8000],
    ['as text', '10', 8000],
    ['that are over at once', 0.1, 1000],
    ['not said', undefined, Number.POSITIVE_INFINITY],
    ['that make no sense', 'soon', Number.POSITIVE_INFINITY],
  ])('lasts as long as it is said to: %s', async (_, seconds, freshFor) => {
    const { reading } = await asking({ body: { ...body, expires_in: seconds } })
    expect(reading).toMatchObject({ freshFor })
  })

  test.each([
    ['invalid_client', 401, 'invalid_client: who?', 'Check --oauth2-client-id and --oauth2-client-secret.'],
    ['invalid_scope', 400, 'invalid_scope: who?', 'Check --oauth2-scope'],
    ['unauthorized_client', 400, 'unauthorized_client: who?', 'client_credentials grant'],
    ['made_up', 400, 'made_up: who?', '--oauth2-token-url'],
    ['toString', 400, 'toString: who?', '--oauth2-token-url'],
  ])('%s is told, with what to do', async (error, status, words, next) => {
    const { reading, url } = await asking({ status, body: { error, error_description: 'who?' } })
    expect(reading).toBeInstanceOf(Failure)
    expect(reading).toMatchObject({ message: `the token server at ${url} answered ${status}: ${words}`, exit: 3 })
    expect((reading as Failure).next).toContain(next)
  })

  test.each<[string, { status?: number; body: string | object }, string]>([
    ['an error that is a page', { status: 404, body: '<html>' }, 'answered 404'],
    ['words that are no text', { status: 400, body: { error: 'x\u001b[2J' } }, 'answered 400: x\\x1b[2J'],
    ['no JSON', { body: 'tok' }, 'without an access_token'],
    ['no token', { body: {} }, 'without an access_token'],
    ['a token that would end a SASL field', { body: { access_token: 'a\0b' } }, 'without an access_token'],
    ['a token of another type', { body: { ...body, token_type: 'mac' } }, 'of type mac'],
    ['more than anybody reads', { body: 'x'.repeat(300 << 10) }, 'more than 256 KiB'],
  ])('%s is none', async (_, answer, why) => {
    const { reading } = await asking(answer)
    expect(reading).toBeInstanceOf(Failure)
    expect((reading as Failure).message).toContain(why)
  })

  test('a server that is not there is told', async () => {
    const server = await tokenServer(() => ({ body }))
    await server.close()
    const asked = fetchToken({ ...GRANT, url: server.url }, signal)
    await expect(asked).rejects.toMatchObject({
      message: `the token server at ${server.url}: connection refused`,
      exit: 3,
    })
  })
})

describe('where tokens come from', () => {
  test.each(['https://login.example.com/token', 'http://localhost:1/t', 'http://127.0.0.1/t', 'http://[::1]:8080/t'])(
    '%s',
    url => expect(parseTokenUrl(url).href).toBe(url),
  )

  test.each([
    ['http://login.example.com/token', 'in the clear'],
    ['ftp://localhost/', 'not a URL'],
    ['localhost/token', 'not a URL'],
    ['https://app:s3cret@localhost/', 'credentials'],
    ['https://localhost/#x', 'fragment'],
  ])('not %s, and no secret is told', (url, why) => {
    expect(() => parseTokenUrl(url)).toThrow(why)
    expect(() => parseTokenUrl(url)).not.toThrow('s3cret')
  })

  test('a client has a name, and says of itself what is not said elsewhere', () => {
    const spec = { name: 'g', upstream: ['amqp://localhost'], 'oauth2-token-url': 'https://localhost/' }
    expect(() => groupOf(spec, 1)).toThrow('who asks')
    const named = { ...spec, 'oauth2-client-id': 'app' }
    expect(() => groupOf({ ...named, 'oauth2-parameter': ['client_secret=x'] }, 1)).toThrow('client_secret')
    expect(groupOf({ ...named, 'oauth2-parameter': ['audience=mq'] }, 1).secret).toMatchObject({
      grant: { clientId: 'app', parameters: { audience: 'mq' } },
    })
  })
})

describe('a file', () => {
  function file(content: string): SecretSource {
    const folder = mkdtempSync(join(tmpdir(), 'mqinspect-secret-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    writeFileSync(join(folder, 'secret'), content)
    return { from: 'file', path: join(folder, 'secret'), token: false }
  }

  test.each([
    ['s3cret', 's3cret'],
    ['s3cret\n', 's3cret'],
    ['s3 cret\r\n', 's3 cret'],
    [' s3cret \n\n', ' s3cret \n'],
  ])('%j is %j: one line end is not of it', async (content, text) => {
    expect(await readSecret(file(content), signal)).toMatchObject({ text })
  })

  test.each([
    ['', 'it is empty'],
    ['\n', 'it is empty'],
    ['x'.repeat((64 << 10) + 1), 'too long'],
  ])('that is of no use is told', async (content, why) => {
    await expect(readSecret(file(content), signal)).rejects.toThrow(why)
  })

  test('that is not there is told', async () => {
    const missing: SecretSource = { from: 'file', path: '/nowhere/secret', token: true }
    await expect(readSecret(missing, signal)).rejects.toThrow(
      '/nowhere/secret: it cannot be read: no such file or directory',
    )
  })
})

describe('as time goes by', () => {
  const TOKEN: SecretSource = { from: 'file', path: 'token', token: true }
  const OTHER: SecretSource = { from: 'file', path: 'other', token: false }
  const group = (name: string, secret?: SecretSource): GroupPlan =>
    ({ name, secret, password: 'said' }) as unknown as GroupPlan

  /** Secrets of a source that says this, each time it is read. */
  function secrets(...readings: readonly (Reading | Error)[]) {
    vi.useFakeTimers()
    const read: string[] = []
    const told: string[] = []
    const all = new Secrets(async source => {
      const path = source.from === 'file' ? source.path : ''
      const reading = readings[Math.min(read.push(path), readings.length) - 1] as Reading | Error
      if (reading instanceof Error) throw reading
      return reading
    })
    onTestFinished(() => all.close())
    const listener = {
      renewed: (name: string, password: string) => told.push(`${name}: ${password}`),
      trouble: (why: string) => told.push(why),
    }
    return { all, read, told, of: (...groups: GroupPlan[]) => all.of(groups, listener) }
  }

  afterEach(() => {
    vi.useRealTimers()
  })

  test('groups with one source share it, and those without are left alone', async () => {
    const { read, of } = secrets({ text: 'tok', freshFor: 1000 })
    const groups = await of(group('a', TOKEN), group('b', TOKEN), group('c', OTHER), group('d'))
    expect(groups.map(({ password }) => password)).toEqual(['tok', 'tok', 'tok', 'said'])
    expect(read).toEqual(['token', 'other'])
  })

  test('it is read again when it is no longer fresh, and told where it is another', async () => {
    const { read, told, of } = secrets(
      { text: 'one', freshFor: 1000 },
      { text: 'one', freshFor: 1000 },
      { text: 'two', freshFor: Number.POSITIVE_INFINITY },
    )
    await of(group('a', TOKEN), group('b', TOKEN), group('c'))
    await vi.advanceTimersByTimeAsync(999)
    expect(read).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1001)
    expect(told).toEqual(['a: two', 'b: two'])
    await vi.advanceTimersByTimeAsync(100_000)
    expect(read).toHaveLength(3)
  })

  test('where it cannot be read again, it is tried less and less often, and kept as it was', async () => {
    const { told, of } = secrets({ text: 'one', freshFor: 1000 }, new Error('a'), new Error('b'), {
      text: 'two',
      freshFor: 1000,
    })
    await of(group('g', TOKEN))
    await vi.advanceTimersByTimeAsync(1000)
    expect(told).toEqual(['the token cannot be renewed: a'])
    expect((await of(group('g', TOKEN)))[0]?.password).toBe('one')
    await vi.advanceTimersByTimeAsync(1000)
    expect(told).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(1999)
    expect(told).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(1)
    expect(told.at(-1)).toBe('g: two')
  })

  test('a step later has it as it is then', async () => {
    const { read, of } = secrets({ text: 'one', freshFor: 1000 }, { text: 'two', freshFor: 10_000 })
    await of(group('a', TOKEN))
    await vi.advanceTimersByTimeAsync(1500)
    expect((await of(group('b', TOKEN)))[0]?.password).toBe('two')
    expect(read).toHaveLength(2)
  })

  test('what cannot be read at first is a failure', async () => {
    await expect(secrets(new Error('no')).of(group('a', TOKEN))).rejects.toThrow('no')
  })

  test('a month is longer than a timer can wait: it is read sooner, not at once', async () => {
    const { read, of } = secrets({ text: 'one', freshFor: 40 * 86_400_000 })
    await of(group('a', TOKEN))
    await vi.advanceTimersByTimeAsync(10 * 86_400_000)
    expect(read).toHaveLength(1)
  })

  test('in the end nothing more is read', async () => {
    const { all, read, of } = secrets({ text: 'one', freshFor: 1000 })
    await of(group('a', TOKEN))
    all.close()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(read).toHaveLength(1)
  })
})
