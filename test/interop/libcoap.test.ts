import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Broker, coapServer, isMissing, run } from './brokers.ts'
import { checkCoap, workCoap } from './coap-client.ts'
import { checkMocked } from './recorded.ts'
import { type Watched, watch } from './watch.ts'

const CLIENT = 'coap-client-notls'

describe.skipIf(isMissing('coap-server-notls') || isMissing(CLIENT))(
  'libcoap (skipped where it is not installed)',
  () => {
    let server: Broker

    beforeAll(async () => {
      server = await coapServer()
    })

    afterAll(() => server?.stop())

    const ask = (watched: Watched, path: string, ...args: readonly string[]) =>
      run(CLIENT, '-B', '10', ...args, `coap+tcp://127.0.0.1:${watched.port}/${path}`)

    test('its client works over TCP through the proxy, and every message is shown', async () => {
      const watched = await watch(server.port)
      expect(await ask(watched, '.well-known/core')).toContain('</time>')
      await ask(watched, 'new', '-m', 'put', '-t', 'text/plain', '-e', 'hello')
      await ask(watched, 'new', '-m', 'put', '-t', 'text/plain', '-e', 'again')
      expect(await ask(watched, 'new')).toBe('again\n')
      expect(await ask(watched, 'new?x=1&y=two')).toBe('again\n')
      await ask(watched, 'new', '-m', 'delete')
      await watched.end()

      expect(watched.wrong).toEqual([])
      expect(watched.flows.map(({ codec }) => codec?.name)).toEqual(
        watched.flows.map(() => watched.flows[0]!.codec!.name),
      )
      for (const { id } of watched.flows) {
        // Each side begins with what it can do, and neither waits for the other.
        const types = watched.types(id)
        expect(types.filter(type => type.endsWith('csm')).sort()).toEqual(['<csm', '>csm'])
        expect(types.filter(type => !type.endsWith('csm')).slice(0, 2)).toEqual(['>message', '<message'])
      }
      const messages = watched.find('message')
      const requests = messages.filter(({ from }) => from === 'client').map(({ fields }) => fields)
      expect(requests.map(({ codeName, uriPath }) => `${codeName} ${uriPath}`)).toEqual([
        'GET .well-known/core',
        'PUT new',
        'PUT new',
        'GET new',
        'GET new',
        'DELETE new',
      ])
      expect(requests[1]).toMatchObject({ payload: 'hello' })
      expect(requests[4]).toMatchObject({ uriQuery: 'x=1&y=two' })
      const responses = messages.filter(({ from }) => from === 'server').map(({ fields }) => fields)
      expect(responses.map(({ code }) => code)).toEqual(['2.05', '2.01', '2.04', '2.05', '2.05', '2.02'])
      expect(responses.map(({ token }) => token)).toEqual(requests.map(({ token }) => token))
      expect(responses[3]).toMatchObject({ payload: 'again' })
    })

    test('a body too large for one message', async () => {
      const watched = await watch(server.port)
      await ask(watched, 'large', '-m', 'put', '-e', 'b'.repeat(20_000))
      expect(await ask(watched, 'large')).toBe(`${'b'.repeat(20_000)}\n`)
      await watched.end()
      expect(watched.wrong).toEqual([])
      const carried = (from: string) =>
        watched.frames
          .filter(shown => shown.from === from && shown.type === 'message')
          .map(({ fields }) => (fields.payload as string | undefined) ?? '')
          .join('')
      expect(carried('client')).toBe('b'.repeat(20_000))
      expect(carried('server')).toBe('b'.repeat(20_000))
    })

    test('a refusal, and an observation', async () => {
      const watched = await watch(server.port)
      await ask(watched, 'no-such-thing')
      // The server's clock ticks every second: time for several, also on a machine that is busy.
      await ask(watched, 'time', '-s', '4')
      await watched.end()
      // A client that leaves with a notification unread ends its connection by a reset: that is told, and is no fault.
      expect(watched.wrong.filter(what => what !== 'broken')).toEqual([])
      const [refused] = watched.find('message').filter(({ from }) => from === 'server')
      expect(refused!.fields).toMatchObject({ code: '4.04', codeName: 'Not Found' })
      const seen = watched.find('message').filter(({ flow }) => flow === 2)
      expect(seen[0]!.fields).toMatchObject({ code: '0.01', uriPath: 'time', observe: 0 })
      const notifications = seen.filter(({ from, fields }) => from === 'server' && fields.observe !== undefined)
      expect(notifications.length).toBeGreaterThan(1)
      for (const { fields } of notifications) expect(fields.token).toBe(seen[0]!.fields.token)
    })

    test("Node's coap works over UDP through the proxy, and every message is shown", () => checkCoap(server.port))

    test(
      "Node's coap works without the server, on a recording of it",
      () => checkMocked(`coap://127.0.0.1:${server.port}`, workCoap),
      30_000,
    )

    test(
      'its client works over UDP without the server, on a recording of it',
      () =>
        checkMocked(`coap://127.0.0.1:${server.port}`, async port => {
          const ask = (path: string, ...args: readonly string[]) =>
            run(CLIENT, '-B', '10', ...args, `coap://127.0.0.1:${port}/${path}`)
          expect(await ask('.well-known/core')).toContain('</time>')
          await ask('kept', '-m', 'put', '-t', 'text/plain', '-e', 'hello')
          expect(await ask('kept')).toBe('hello\n')
          expect(await ask('kept', '-N')).toBe('hello\n')
          await ask('long', '-m', 'put', '-e', 'b'.repeat(3000))
          expect(await ask('long')).toBe(`${'b'.repeat(3000)}\n`)
          // The server's clock ticks every second.
          expect((await ask('time', '-s', '3')).split(':').length).toBeGreaterThan(4)
          await ask('kept', '-m', 'delete')
        }),
      60_000,
    )
  },
)
