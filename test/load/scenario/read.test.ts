import { describe, expect, it, test } from 'vitest'
import { loads, mistake, read } from './files.ts'

const MIXED = `
groups:
  sensors:
    upstream: mqtt://localhost
    clients: 20
    option: {qos: 1, retain: false}
    publish:
      destination: sensors/%i/temp
      rate: 1k
      size: [100, 10kB]
  billing:
    upstream: amqp://localhost
    consume: {source: billing, ack-every: 10}
`

describe('a scenario', () => {
  it('says of each group what flags say', async () => {
    const [step] = loads(await read(MIXED))
    expect(step).toEqual({
      kind: 'load',
      name: 'load',
      duration: undefined,
      threshold: undefined,
      groups: [
        {
          name: 'sensors',
          upstream: ['mqtt://localhost'],
          clients: 20,
          option: ['qos=1', 'retain=false'],
          publish: { destination: ['sensors/%i/temp'], rate: '1k', size: ['100', '10kB'] },
          consume: undefined,
        },
        {
          name: 'billing',
          upstream: ['amqp://localhost'],
          publish: undefined,
          consume: { source: ['billing'], 'ack-every': 10 },
        },
      ],
    })
  })

  it('says for all groups what they do not say themselves: of publishing to those that publish', async () => {
    const spec = await read(`
defaults:
  upstream: mqtt://localhost
  option: {qos: 1, retain: true}
  publish: {rate: 500, size: 1kB}
groups:
  a: {publish: {destination: a}}
  b: {publish: {destination: b, stages: 1k:5s}, option: {retain: false}}
  c: {consume: {source: a}}
`)
    const [a, b, c] = loads(spec)[0]?.groups ?? []
    expect(a?.publish).toEqual({ destination: ['a'], rate: '500', size: ['1kB'] })
    // Stages are in place of a rate.
    expect(b?.publish).toEqual({ destination: ['b'], stages: '1k:5s', size: ['1kB'] })
    expect(b?.option).toEqual(['qos=1', 'retain=false'])
    expect(c).toMatchObject({ upstream: ['mqtt://localhost'], publish: undefined, option: ['qos=1', 'retain=true'] })
  })

  it('says an option for all: for those whose protocol has it', async () => {
    const spec = await read(`
defaults:
  protocol-version: "3.1.1"
  option: {qos: 1, persistent: true}
groups:
  a: {upstream: mqtt://localhost, publish: {}}
  b: {upstream: amqp://localhost, consume: {}}
`)
    expect(loads(spec)[0]?.groups.map(each => [each.option, each['protocol-version']])).toEqual([
      [['qos=1'], '3.1.1'],
      [['persistent=true'], undefined],
    ])
  })

  it('goes step by step; a step names who takes part, and what they do otherwise', async () => {
    const spec = await read(`
${MIXED}
duration: 10s
steps:
  - name: warm-up
  - wait: 5s
  - name: spike
    duration: 2s
    threshold: lost == 0
    groups:
      sensors: {publish: {rate: 10k}}
  - name: again
    replay: {file: rec.pcapng, to: "mqtt://localhost", speed: max}
`)
    expect(spec.steps.map(({ kind, name }) => [kind, name])).toEqual([
      ['load', 'warm-up'],
      ['wait', 'wait 2'],
      ['load', 'spike'],
      ['replay', 'again'],
    ])
    const [warm, spike] = loads(spec)
    expect(warm?.duration).toBe('10s')
    expect(warm?.groups.map(({ name }) => name)).toEqual(['sensors', 'billing'])
    expect(spike).toMatchObject({ duration: '2s', threshold: ['lost == 0'] })
    expect(spike?.groups).toHaveLength(1)
    expect(spike?.groups[0]?.publish).toMatchObject({ rate: '10k', size: ['100', '10kB'] })
  })

  it('sees files from where it is itself', async () => {
    const spec = await read('groups: {a: {publish: {body-file: bodies/a.json}}}')
    expect(loads(spec)[0]?.groups[0]?.publish?.['body-file']?.[0]).toMatch(/^\/.*\/bodies\/a\.json$/)
  })

  it('is at whom the command line names, before it names anybody itself', async () => {
    const spec = await read(
      'defaults: {upstream: mqtt://far}\ngroups: {a: {publish: {}}, b: {upstream: mqtt://own}}',
      'mqtt://near',
    )
    expect(loads(spec)[0]?.groups.map(({ upstream }) => upstream)).toEqual([['mqtt://near'], ['mqtt://own']])
  })

  it('may say the same once, with anchors and merge keys', async () => {
    const spec = await read(`
groups:
  a: &a {publish: {rate: 5}, clients: 2}
  b: {<<: *a, clients: 3}
`)
    expect(loads(spec)[0]?.groups[1]).toMatchObject({ clients: 3, publish: { rate: '5' } })
  })
})

test.each([
  ['groups:\n  a:\n    publsh: {}\n', 'load.yaml:3:5: publsh: there is no such setting here', 'Did you mean publish?'],
  ['groups:\n  a: {publish: {rate: fast}}', 'load.yaml:2:23: rate fast: not a number', /500, 2\.5k or 1M/],
  ['groups: {a: {publish: {stages: "1k"}}}', 'load.yaml:1:32: stages 1k: not a stage', /RATE:TIME/],
  ['groups: {a: {clients: 0}}', 'load.yaml:1:23: clients: a whole number from 1 on', undefined],
  ['groups: {a: {user: 0123}}', 'load.yaml:1:20: user: text is meant here', 'Quote it: "…".'],
  ['groups: {a: {consume: {ack: perhaps}}}', 'load.yaml:1:29: ack: true or false', undefined],
  ['groups: {a: {protocol: mqt}}', /^load\.yaml:1:24: protocol: mqt: one of /, 'Did you mean mqtt?'],
  ['groups: {a: {publish: {rate: 5, stages: "1:1s"}}}', 'load.yaml:1:24: rate: not together with stages', undefined],
  [
    'groups:\n  a:\n    upstream: mqtt://localhost\n    option: {qso: 1}\n',
    'load.yaml:4:19: --option qso: the protocol has no such option',
    'Did you mean qos?',
  ],
  [
    'defaults:\n  upstream: mqtt://localhost\n  option: {qos: 7}\ngroups:\n  a: {publish: {}}\n',
    /^load\.yaml:3:17: --option qos=7: /,
    undefined,
  ],
  [
    'defaults:\n  option: {qso: 1}\ngroups:\n  a: {upstream: mqtt://localhost}\n',
    'load.yaml:2:17: --option qso: the protocol has no such option',
    'Did you mean qos?',
  ],
  ['threshold: p99 <> 5ms\ngroups: {a: {}}', /^load\.yaml:1:12: threshold, column 5: /, expect.anything()],
  ['groups: {}', 'load.yaml:1:1: there are no groups to do anything', undefined],
  ['steps:\n  - wait: 1s\n    groups: {}\n', /^load\.yaml:3:5: groups: not together with wait/, undefined],
  ['steps:\n  - replay: {file: a.pcap}\n', 'load.yaml:2:13: replay: to is missing', undefined],
  ['steps:\n  - {name: a, wait: 1s}\n  - {name: a, wait: 1s}\n', /^load\.yaml:3:12: name: another step/, undefined],
  ['steps: 5', 'load.yaml:1:8: steps: a list is meant here: - …, an item each', undefined],
  ['groups: [a', /^load\.yaml:1:11: /, 'It is read as YAML.'],
  ['', 'load.yaml:1:1: there are no groups to do anything', undefined],
])('what is wrong in %j is told with its place', async (text, message, next) => {
  const told = await mistake(text)
  if (typeof message === 'string') expect(told[0]).toBe(message)
  else expect(told[0]).toMatch(message)
  if (next instanceof RegExp) expect(told[1]).toMatch(next)
  else expect(told[1]).toEqual(next)
})

test('a file that is not there is told', async () => {
  const { readScenario } = await import('../../../src/load/scenario/index.ts')
  await expect(readScenario('/nowhere/load.yaml', [])).rejects.toThrow('/nowhere/load.yaml: ENOENT')
})
