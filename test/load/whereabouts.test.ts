import { describe, expect, test } from 'vitest'
import { codecs } from '../../codecs/index.ts'
import { checkOpenFiles } from '../../src/load/open-files.ts'
import { placesOf, Rounds, Whereabouts } from '../../src/load/whereabouts.ts'
import { type Address, parseUpstream } from '../../src/net/index.ts'

const [a, b, c] = ['a', 'b', 'c'].map(host => parseUpstream(`mqtts://ann:secret@${host}`, codecs)) as Three

type Three = [Address, Address, Address]

describe('rounds', () => {
  /** The upstreams that are tried, one after the other, where `up` is reached; a round begins anew at each `|`. */
  function tried(rounds: Rounds, up: readonly string[], most = 7): string {
    let told = ''
    for (let time = 0; time < most; time++) {
      told += rounds.address.host
      if (up.includes(rounds.address.host)) {
        rounds.arrived(new Whereabouts(), [])
        return told
      }
      if (!rounds.next()) told += '|'
    }
    return told
  }

  test('go on to the next that is reached, and begin there the next time', () => {
    const rounds = new Rounds([a, b, c])
    expect(tried(rounds, ['a'])).toBe('a')
    expect(tried(rounds, ['c'])).toBe('abc')
    expect(tried(rounds, ['b'])).toBe('cab')
    expect(tried(rounds, ['b'])).toBe('b')
  })

  test('tell where a client is another place than before', () => {
    const rounds = new Rounds([a, b])
    const arrived = (): boolean => rounds.arrived(new Whereabouts(), [])
    expect([arrived(), arrived()]).toEqual([false, false])
    rounds.next()
    expect([arrived(), arrived()]).toEqual([true, false])
  })

  test('begin anew where nobody is there', () => {
    expect(tried(new Rounds([a, b, c]), [])).toBe('abc|abc|a')
    expect(tried(new Rounds([a]), [])).toBe('a|a|a|a|a|a|a|')
  })
})

describe('whereabouts', () => {
  const agreed = (name: string) => ({ name, cipher: 'X', subprotocol: 'mqtt' })

  test('are counted by what was agreed on, and follow each client', () => {
    const whereabouts = new Whereabouts()
    const first = whereabouts.arrived(a, [agreed('TLS 1.3')], undefined)
    whereabouts.arrived(a, [agreed('TLS 1.3')], undefined)
    whereabouts.arrived(b, [agreed('TLS 1.2'), { name: 'WebSocket' }], first)
    whereabouts.arrived(c, [], undefined)
    expect(whereabouts.places).toEqual([
      {
        ...{ url: 'mqtts://a:8883', connections: 2, clients: 1 },
        tls: { version: 'TLS 1.3', cipher: 'X', protocol: 'mqtt' },
      },
      {
        ...{ url: 'mqtts://b:8883', connections: 1, clients: 1 },
        tls: { version: 'TLS 1.2', cipher: 'X', protocol: 'mqtt' },
      },
      { url: 'mqtts://c:8883', connections: 1, clients: 1 },
    ])
  })

  test('of several workers are added up', () => {
    const place = { url: 'mqtt://a:1883', connections: 3, clients: 2 }
    const secure = { ...place, tls: { version: 'TLS 1.3', cipher: 'X' } }
    expect(placesOf([place, secure, { ...place, connections: 1 }])).toEqual([
      { ...place, connections: 4, clients: 4 },
      secure,
    ])
  })
})

describe('open files', () => {
  const plan = (...clients: readonly number[]) => ({ groups: clients.map(each => ({ clients: each })) as never })

  test('of the largest step must be allowed, with those of the threads', () => {
    expect(() => checkOpenFiles([plan(400, 500), plan(100)], 1, 1024)).not.toThrow()
    expect(() => checkOpenFiles([plan(400, 500), plan(100)], 4, 1024)).toThrow('900 clients need as many connections')
    expect(() => checkOpenFiles([plan(100), plan(1000)], 1, 1024)).toThrow('may have 1,024 open files')
  })
})
