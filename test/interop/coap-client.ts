import { Agent, type IncomingMessage, type ObserveReadStream, request } from 'coap'
import { expect, onTestFinished } from 'vitest'
import { watch } from './watch.ts'

interface Answer {
  readonly code: string
  readonly body: string
}

interface Asked {
  readonly method?: 'GET' | 'PUT' | 'DELETE'
  readonly payload?: string
  readonly query?: string
}

/** One request of the `coap` package, whose bodies go in blocks where they are too large for one message. */
function asker(port: number) {
  const agent = new Agent({ type: 'udp4' })
  onTestFinished(() => void agent.close())
  const host = '127.0.0.1'
  return {
    ask: (pathname: string, { method = 'GET', payload, query }: Asked = {}): Promise<Answer> =>
      new Promise((resolve, reject) => {
        const sent = request({ host, port, agent, pathname, method, ...(query === undefined ? {} : { query }) })
        sent.on('error', reject)
        sent.on('response', (response: IncomingMessage) => {
          resolve({ code: response.code, body: response.payload.toString() })
        })
        // In blocks of 1024 (RFC 7959 §2.2), which the package does where it is told their size.
        if (payload !== undefined && payload.length > 1024) sent.setOption('Block1', Buffer.of(6))
        sent.end(payload)
      }),
    /** Until it was notified so often. */
    observe: (pathname: string, times: number): Promise<string[]> =>
      new Promise((resolve, reject) => {
        const sent = request({ host, port, agent, pathname, observe: true })
        sent.on('error', reject)
        sent.on('response', (stream: ObserveReadStream) => {
          const seen: string[] = []
          stream.on('data', (chunk: Buffer) => {
            if (seen.push(chunk.toString()) < times) return
            stream.close()
            resolve(seen)
          })
        })
        sent.end()
      }),
  }
}

const big = 'b'.repeat(5000)

/** The `coap` package at work, over UDP. */
export async function workCoap(port: number): Promise<void> {
  const { ask, observe } = asker(port)
  expect((await ask('/.well-known/core')).body).toContain('</time>')
  expect(await ask('/node', { method: 'PUT', payload: 'hello' })).toEqual({ code: '2.01', body: '' })
  expect(await ask('/node', { query: 'x=1&y=two' })).toEqual({ code: '2.05', body: 'hello' })
  expect(await ask('/big', { method: 'PUT', payload: big })).toEqual({ code: '2.01', body: '' })
  expect(await ask('/big')).toEqual({ code: '2.05', body: big })
  expect(await ask('/big', { method: 'DELETE' })).toEqual({ code: '2.02', body: '' })
  expect(await ask('/none')).toEqual({ code: '4.04', body: 'Not Found' })
  expect(await ask('/node', { method: 'DELETE' })).toEqual({ code: '2.02', body: '' })
  expect(await observe('/time', 3)).toHaveLength(3)
}

/** Its work through the proxy, message by message. */
export async function checkCoap(port: number): Promise<void> {
  const watched = await watch(`coap://127.0.0.1:${port}`)
  await workCoap(watched.port)
  await watched.end()

  expect(watched.wrong).toEqual([])
  expect(watched.flows.map(({ transport, codec }) => `${codec?.name} ${transport}`)).toEqual(
    watched.flows.map(() => 'CoAP datagram'),
  )
  const of = (path: string) => {
    const tokens = watched.frames.filter(({ fields }) => fields.uriPath === path).map(({ fields }) => fields.token)
    return watched.frames.filter(({ fields }) => tokens.includes(fields.token as string))
  }
  const codes = (path: string) => of(path).map(({ from, type, fields }) => `${from} ${type} ${fields.codeName}`)
  const exchange = (method: string, answer: string) => [`client CON ${method}`, `server ACK ${answer}`]
  expect(codes('none')).toEqual(exchange('GET', 'Not Found'))
  expect(codes('node')).toEqual([
    ...exchange('PUT', 'Created'),
    ...exchange('GET', 'Content'),
    ...exchange('DELETE', 'Deleted'),
  ])
  expect(of('node')[2]!.fields).toMatchObject({ uriQuery: 'x=1&y=two' })

  // Five blocks of 1024, each acknowledged (RFC 7959 §3).
  const blocks = of('big')
  const numbers = (from: string, block: 'block1' | 'block2') =>
    blocks.flatMap(({ from: side, fields }) => (side === from && fields[block] ? [fields[block]] : []))
  const five = (last: boolean) => [0, 1, 2, 3, 4].map(num => ({ num, more: num < 4 && last, size: 1024 }))
  expect(numbers('client', 'block1')).toEqual(five(true))
  expect(numbers('server', 'block2')).toEqual(five(true))
  const carried = (from: string) =>
    blocks.map(shown => (shown.from === from ? (shown.fields.payload ?? '') : '')).join('')
  expect(carried('client')).toBe(big)
  expect(carried('server')).toBe(big)

  // The first notification comes with the acknowledgement (RFC 7641 §1.2).
  const [asked, first, ...later] = of('time')
  expect(asked!.fields).toMatchObject({ codeName: 'GET', observe: 0 })
  const notified = [first!, ...later.filter(({ from }) => from === 'server')].map(
    ({ fields }) => fields.observe as number,
  )
  expect(notified.length).toBeGreaterThanOrEqual(3)
  expect(notified).toEqual([...notified].sort((a, b) => a - b))
}
