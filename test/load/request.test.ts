import { describe, expect, it } from 'vitest'
import { specOf } from '../../src/load/request.ts'
import { said, USUAL } from './said.ts'
import { file, loads } from './scenario/files.ts'

describe('flags alone', () => {
  it('are publishers, and consumers of what these publish', async () => {
    const spec = await specOf(said({ upstream: ['mqtt://localhost'], destination: ['a', 'b'], rate: '5k', qos: 1 }))
    const [step] = loads(spec)
    expect(step?.groups.map(({ name, clients, option }) => [name, clients, option])).toEqual([
      ['publishers', 1, ['qos=1']],
      ['consumers', 1, ['qos=1']],
    ])
    expect(step?.groups[0]?.publish).toMatchObject({ destination: ['a', 'b'], rate: '5k', spacing: 'even' })
    expect(step?.groups[1]?.consume).toMatchObject({ source: ['a', 'b'], 'ack-every': 1 })
  })

  it('let consumers be elsewhere', async () => {
    const spec = await specOf(said({ upstream: ['mqtt://localhost'], 'consume-from': ['amqp://localhost'] }))
    expect(loads(spec)[0]?.groups.map(({ upstream }) => upstream)).toEqual([['mqtt://localhost'], ['amqp://localhost']])
  })

  it('that say who asks for tokens, and not where, are a mistake', async () => {
    const upstream = ['amqp://localhost']
    await expect(specOf(said({ upstream, 'oauth2-client-id': 'app' }))).rejects.toThrow('nobody asks for tokens')
    // In the environment it may wait for another run.
    await expect(specOf({ ...USUAL, upstream, 'oauth2-client-secret': 's' })).resolves.toBeDefined()
  })

  it('that leave nobody are a mistake', async () => {
    await expect(specOf(said({ publishers: 0, consumers: 0 }))).rejects.toThrow('there is nobody')
  })
})

describe('a scenario', () => {
  const scenario = file(`
threshold: lost == 0
drain: 2s
groups:
  a:
    option: {qos: 1, retain: true}
    publish: {destination: x, stages: "1k:5s", spacing: poisson}
  b:
    consume: {ack-every: 10}
`)

  it('goes before what is usual, and before settings of elsewhere', async () => {
    // From the environment: it is a value, and not on the command line.
    const spec = await specOf({ ...USUAL, scenario, drain: '9s', user: 'ann', rate: '7', threshold: ['sent > 0'] })
    expect(spec.settings).toMatchObject({ drain: '2s', timeout: '10s', threshold: ['lost == 0'] })
    const [a, b] = loads(spec)[0]?.groups ?? []
    expect(a).toMatchObject({ user: 'ann', reconnect: '1s' })
    expect(a?.publish).toMatchObject({ destination: ['x'], stages: '1k:5s', spacing: 'poisson' })
    expect(a?.publish?.rate).toBeUndefined()
    expect(b?.consume).toMatchObject({ 'ack-every': 10, ack: true })
  })

  it('gives way to the command line', async () => {
    const spec = await specOf(said({ scenario, rate: '50', qos: 0, drain: '1s', duration: '3s', 'ack-every': 2 }))
    expect(spec.settings.drain).toBe('1s')
    const [step] = loads(spec)
    expect(step?.duration).toBe('3s')
    expect(step?.groups[0]?.option).toEqual(['qos=0', 'retain=true'])
    expect(step?.groups[0]?.publish).toMatchObject({ rate: '50' })
    expect(step?.groups[0]?.publish?.stages).toBeUndefined()
    expect(step?.groups[1]?.consume).toMatchObject({ 'ack-every': 2 })
  })

  it('may say who asks for tokens, and the environment the secret', async () => {
    const tokens = file(`
defaults:
  oauth2-token-url: https://login/token
  oauth2-client-id: app
  oauth2-parameter: {audience: mq}
groups:
  a: {publish: {}, oauth2-parameter: {tenant: t}}
  b: {consume: {source: q}, password-file: pw}
`)
    const spec = await specOf({ ...USUAL, scenario: tokens, 'oauth2-client-secret': 's' })
    const [a, b] = loads(spec)[0]?.groups ?? []
    expect(a).toMatchObject({
      'oauth2-token-url': 'https://login/token',
      'oauth2-client-secret': 's',
      'oauth2-parameter': ['audience=mq', 'tenant=t'],
    })
    expect([b?.['oauth2-token-url'], b?.['password-file']]).toEqual([undefined, expect.stringMatching(/\/pw$/)])
  })

  it('has no two places for a password', async () => {
    const two = file('groups:\n  a: {publish: {}, password-file: pw, oauth2-token-file: tok}\n')
    await expect(specOf({ ...USUAL, scenario: two })).rejects.toThrow(
      ':2:20: password-file: not together with oauth2-token-file',
    )
  })

  it('says itself how many there are', async () => {
    await expect(specOf(said({ scenario, publishers: 5 }))).rejects.toThrow('--publishers')
  })
})
