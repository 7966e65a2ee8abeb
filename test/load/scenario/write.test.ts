import { describe, expect, it } from 'vitest'
import { schemas } from '../../../scripts/schemas.ts'
import { saidSpec } from '../../../src/load/request.ts'
import type { RunSpec } from '../../../src/load/run-spec.ts'
import { scenarioText } from '../../../src/load/scenario/write.ts'
import { readYaml } from '../../../src/yaml.ts'
import { violations } from '../../output/validate.ts'
import { said } from '../said.ts'
import { read } from './files.ts'

/** As YAML, held to the schema; and what is read of it. */
async function again(spec: RunSpec): Promise<{ readonly text: string; readonly spec: RunSpec }> {
  const text = await scenarioText(spec, '.')
  const { value } = await readYaml('saved.yaml', text)
  expect(violations(value, schemas.scenario, schemas.scenario)).toEqual([])
  const { settings, steps } = await read(text)
  return { text, spec: { settings, steps } }
}

/** Without what is not said, nor a name that only a file has. */
const plainly = ({ settings, steps }: RunSpec): unknown =>
  JSON.parse(
    JSON.stringify({ settings, steps: steps.map(step => ({ ...step, name: steps.length > 1 ? step.name : '' })) }),
  )

describe('a saved scenario', () => {
  it('is what the flags said, and no more', async () => {
    const spec = await saidSpec(
      said({
        ...{ upstream: ['mqtt://localhost'], destination: ['a/%i'], publishers: 5, qos: 1, rate: '500', size: ['1kB'] },
        ...{ header: ['x=1', 'y=true=2'], threshold: ['lost == 0'], duration: '3s', 'ack-every': 5, retain: undefined },
      }),
    )
    const { text } = await again(spec)
    expect(text).toBe(`threshold: lost == 0
duration: 3s
groups:
  publishers:
    upstream: mqtt://localhost
    clients: 5
    option:
      qos: 1
    publish:
      destination: a/%i
      rate: 500
      size: 1kB
      header:
        x: 1
        y: true=2
  consumers:
    upstream: mqtt://localhost
    clients: 1
    option:
      qos: 1
    consume:
      source: a/%i
      ack-every: 5
`)
  })

  it.each([
    {
      rate: 'max',
      'in-flight': 100,
      count: '10k',
      body: ['{"at":%now}', '%stamp'],
      'content-type': 'application/json',
    },
    { stages: '1k:30s,1k..5k:1m', spacing: 'poisson', 'drop-after': '1s', stamp: 'front' },
    { consumers: 0, idle: 7, 'connect-rate': '500', lifetime: '10s', reconnect: '2s:5', 'keep-alive': 30 },
    { work: '5ms', reject: '1%', requeue: '2%', ack: false, credit: 10, 'consume-after': '5s', source: ['x', 'y'] },
    { option: ['qos=1', 'retain=true'], 'client-id': 'c-%i', user: '007', 'protocol-version': '5' },
    { 'consume-rate': '1k', 'until-idle': '2s', 'local-address': ['127.0.0.2'], 'server-name': 'broker.test' },
    { 'tls-min-version': '1.0', 'tls-max-version': '1.2', 'tls-ciphers': 'AES128-SHA', alpn: ['mqtt', 'x'] },
    { failover: true, 'first-client': 101, 'startup-timeout': '1m' },
    { workers: 2, timeout: '3s', drain: '1s', interval: '500ms', report: ['a.json', 'b.html'], 'allow-loss': true },
  ] as const)('%j is the same when it is read again', async flags => {
    const spec = await saidSpec(said({ upstream: ['mqtt://localhost'], ...flags } as never))
    expect(plainly((await again(spec)).spec)).toEqual(plainly(spec))
  })

  it('has the steps of the scenario that it was made of', async () => {
    const { settings, steps } = await read(`
defaults: {upstream: mqtt://localhost}
groups: {a: {publish: {destination: x}}}
steps:
  - {name: one, duration: 1s, threshold: lost == 0}
  - {wait: 2s}
  - {replay: {file: /a.pcapng, to: "mqtt://localhost", speed: 2, map: [a=b]}}
`)
    const spec = { settings, steps }
    expect(plainly((await again(spec)).spec)).toEqual(plainly(spec))
  })

  it('has where tokens come from, without the secret', async () => {
    const oauth2 = { 'oauth2-token-url': 'https://login/token', 'oauth2-client-id': 'app', 'oauth2-scope': 'a b' }
    const secret = { 'oauth2-client-secret': 's3cret', 'oauth2-parameter': ['audience=mq'] }
    const { text } = await again(await saidSpec(said({ upstream: ['amqp://localhost'], ...oauth2, ...secret })))
    expect(text).not.toContain('s3cret')
    for (const [name, value] of Object.entries(oauth2)) expect(text).toContain(`${name}: ${value}`)
    expect(text).toContain('audience: mq')
  })

  it('has no passwords', async () => {
    const { text } = await again(
      await saidSpec(said({ upstream: ['mqtt://ann:s3cret@localhost:1883'], password: 's3cret', user: 'ann' })),
    )
    expect(text).not.toContain('s3cret')
    expect(text).toContain('upstream: mqtt://ann@localhost:1883')
  })

  it('finds its files from where it lies', async () => {
    const spec = await saidSpec(
      said({ upstream: ['mqtt://localhost'], 'body-file': ['bodies/a.json'], destination: ['%{cars.csv:plate}'] }),
    )
    const text = await scenarioText(spec, 'scenarios')
    expect(text).toContain('body-file: ../bodies/a.json')
    expect(text).toContain('destination: "%{../cars.csv:plate}"')
  })
})
