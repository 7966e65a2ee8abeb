import { once } from 'node:events'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parsePlace } from '../../../src/load/report/live/endpoint.ts'
import { OtlpExporter, parseOtlp } from '../../../src/load/report/live/exporter.ts'
import { LiveMetrics, type LiveRequest } from '../../../src/load/report/live/live.ts'
import { freePorts } from '../../interop/brokers.ts'
import { runOf } from './run.ts'

const result = runOf({ seconds: 3, rate: 100 })
const intervals = result.intervals

const group = (some: object) => ({ urls: ['mqtt://localhost:1883'], protocol: 'mqtt', ...some })
const plan = {
  groups: [
    group({ publish: {} }),
    group({ consume: {}, protocol: 'amqp091', urls: ['amqp://ann:secret@broker.example'] }),
  ],
} as never

async function started(request: Partial<LiveRequest>, told: string[] = []): Promise<LiveMetrics> {
  const live = await LiveMetrics.start(
    { 'otlp-anywhere': false, ...request },
    { plan, run: 'r"1', version: '0.1.0', tell: what => told.push(what) },
  )
  return live
}

const portOf = (told: readonly string[]): number => Number(/127\.0\.0\.1:(\d+)\/metrics$/.exec(told.join())?.[1])

/** Samples by name with labels. */
async function scraped(port: number): Promise<Map<string, number>> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`)
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  const lines = (await response.text()).split('\n')
  expect(lines.pop()).toBe('')
  const samples = lines.filter(line => !line.startsWith('#'))
  for (const line of samples) expect(line).toMatch(/^mqinspect_load_[a-z0-9_]+\{([a-z]+="([^"\\]|\\.)*",?)+\} \d/)
  const names = samples.map(line => /^\w+/.exec(line)?.[0].replace(/_(bucket|sum|count)$/, '') ?? '')
  for (const name of names)
    expect(
      lines.some(line => line.startsWith(`# TYPE ${name} `) || line.startsWith(`# TYPE ${name}`)),
      name,
    ).toBe(true)
  return new Map(
    samples.map(line => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  )
}

describe('the Prometheus endpoint', () => {
  it('counts on, from interval to interval', async () => {
    const told: string[] = []
    const live = await started({ prometheus: '0' }, told)
    onTestFinished(() => live.close())
    const port = portOf(told)
    const protocol = 'protocol="amqp091+mqtt"'
    const sent = `mqinspect_load_messages_sent_total{${protocol}}`
    expect((await scraped(port)).get(sent)).toBe(0)
    for (const [at, interval] of intervals.entries()) {
      live.add(interval)
      const now = await scraped(port)
      expect(now.get(sent)).toBe(intervals.slice(0, at + 1).reduce((sum, { counts }) => sum + counts.sent, 0))
      expect(now.get(`mqinspect_load_expected_rate{${protocol}}`)).toBe(interval.counts.due)
    }
    const all = await scraped(port)
    expect(all.get(`mqinspect_load_info{${protocol},run="r\\"1",version="0.1.0"}`)).toBe(1)
    expect(all.get(`mqinspect_load_sent_bytes_total{${protocol}}`)).toBe(result.counts.bytesSent)
    expect(all.get(`mqinspect_load_clients{${protocol}}`)).toBe(20)
  })

  it('has histograms in seconds, whose buckets add up', async () => {
    const told: string[] = []
    const live = await started({ prometheus: '0' }, told)
    onTestFinished(() => live.close())
    for (const interval of intervals) live.add(interval)
    const all = await scraped(portOf(told))
    const labels = 'protocol="amqp091+mqtt",measure="publish-confirm"'
    const buckets = [...all].filter(([name]) => name.startsWith(`mqinspect_load_service_seconds_bucket{${labels}`))
    const { count, mean } = result.measures['publish-confirm']?.service ?? { count: 0, mean: 0 }
    expect(buckets.map(([, value]) => value)).toEqual(buckets.map(([, value]) => value).sort((a, b) => a - b))
    expect(buckets.at(-1)).toEqual([`mqinspect_load_service_seconds_bucket{${labels},le="+Inf"}`, count])
    expect(all.get(`mqinspect_load_service_seconds_bucket{${labels},le="0.0001"}`)).toBe(0)
    expect(all.get(`mqinspect_load_service_seconds_bucket{${labels},le="0.01"}`)).toBe(count)
    expect(all.get(`mqinspect_load_service_seconds_count{${labels}}`)).toBe(count)
    expect(all.get(`mqinspect_load_service_seconds_sum{${labels}}`)).toBeCloseTo((mean * count) / 1e6, 1)
  })

  it('takes the next port where its own is taken, and says which', async () => {
    const other = net.createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    onTestFinished(() => void other.close())
    const { port } = other.address() as AddressInfo
    const told: string[] = []
    const live = await started({ prometheus: String(port) }, told)
    expect(portOf(told)).toBeGreaterThan(port)
    expect((await fetch(`http://127.0.0.1:${portOf(told)}/metrics`)).status).toBe(200)
    await live.close()
    await expect(fetch(`http://127.0.0.1:${portOf(told)}/metrics`)).rejects.toThrow('fetch failed')
  })

  it('serves nothing else', async () => {
    const told: string[] = []
    const live = await started({ prometheus: '0' }, told)
    onTestFinished(() => live.close())
    const at = (path: string, method = 'GET') => fetch(`http://127.0.0.1:${portOf(told)}${path}`, { method })
    expect((await at('/')).status).toBe(404)
    expect((await at('/metrics', 'POST')).status).toBe(405)
    expect(await (await at('/metrics', 'HEAD')).text()).toBe('')
    expect((await at('/metrics?format=x')).status).toBe(200)
  })

  it.each([
    ['9090', '127.0.0.1', 9090],
    ['0.0.0.0:9090', '0.0.0.0', 9090],
    ['[::1]:9090', '::1', 9090],
  ])('is placed by %s', (text, host, port) => expect(parsePlace(text, '--prometheus')).toEqual({ host, port }))

  it.each(['', 'here', ':9090', '65536', '1:2:3', '::1:9090'])('is not placed by %j', text =>
    expect(() => parsePlace(text, '--prometheus')).toThrow(expect.objectContaining({ exit: 2 })),
  )

  it('says why it cannot be', async () => {
    await expect(started({ prometheus: '192.0.2.1:9090' })).rejects.toMatchObject({
      exit: 3,
      message: expect.stringMatching(/^no metrics can be served: 192\.0\.2\.1:9090: /),
    })
  })
})

interface Point {
  readonly attributes: readonly { readonly key: string; readonly value: { stringValue?: string; intValue?: string } }[]
  readonly asInt?: string
  readonly count?: string
  readonly sum?: number
  readonly bucketCounts?: readonly string[]
  readonly explicitBounds?: readonly number[]
  readonly startTimeUnixNano: string
  readonly timeUnixNano: string
}

/** A collector of OTLP/HTTP: what it was sent. */
async function collector(
  status = 200,
): Promise<{ readonly url: string; readonly bodies: unknown[]; readonly paths: string[] }> {
  const [bodies, paths]: [unknown[], string[]] = [[], []]
  const server = http.createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    expect(request.headers['content-type']).toBe('application/json')
    paths.push(`${request.method} ${request.url}`)
    bodies.push(JSON.parse(text))
    response.writeHead(status, { 'content-type': 'application/json' }).end('{}')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies, paths }
}

/** A metric's points, each with its attributes as an object. */
function points(body: unknown, name: string) {
  const { resourceMetrics } = body as { resourceMetrics: { scopeMetrics: { metrics: Record<string, unknown>[] }[] }[] }
  const metric = resourceMetrics[0]?.scopeMetrics[0]?.metrics.find(each => each.name === name) as
    | Record<'sum' | 'histogram' | 'gauge', { dataPoints: Point[] } | undefined>
    | undefined
  const found = metric?.sum ?? metric?.histogram ?? metric?.gauge
  return (found?.dataPoints ?? []).map(({ attributes, ...point }) => ({
    ...point,
    attributes: Object.fromEntries(
      (attributes ?? []).map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue)]),
    ),
  }))
}

describe('the OTLP export', () => {
  it('sends all at the end, under the names of the semantic conventions', async () => {
    const { url, bodies, paths } = await collector()
    const told: string[] = []
    const live = await started({ otlp: url }, told)
    for (const interval of intervals) live.add(interval)
    await live.close()
    expect(told).toEqual([])
    expect(paths).toEqual(['POST /v1/metrics'])
    const [body] = bodies
    const mqtt = { 'messaging.system': 'mqtt', 'server.address': 'localhost', 'server.port': 1883 }
    expect(points(body, 'messaging.client.sent.messages')).toMatchObject([
      {
        attributes: { ...mqtt, 'messaging.operation.name': 'publish', 'messaging.operation.type': 'send' },
        asInt: String(result.counts.sent),
      },
    ])
    expect(points(body, 'messaging.client.consumed.messages')).toMatchObject([
      {
        attributes: {
          ...{ 'messaging.system': 'rabbitmq', 'server.address': 'broker.example', 'server.port': 5672 },
          ...{ 'messaging.operation.name': 'consume', 'messaging.operation.type': 'receive' },
        },
        asInt: String(result.counts.delivered),
      },
    ])
    const [duration] = points(body, 'messaging.client.operation.duration')
    const { count, mean } = result.measures['publish-confirm']?.service ?? { count: 0, mean: 0 }
    expect(duration?.count).toBe(String(count))
    expect(duration?.sum).toBeCloseTo((mean * count) / 1e6, 1)
    expect(duration?.bucketCounts).toHaveLength((duration?.explicitBounds?.length ?? 0) + 1)
    expect(duration?.bucketCounts?.reduce((sum, each) => sum + Number(each), 0)).toBe(count)
    expect(duration?.startTimeUnixNano).toMatch(/^\d{19}$/)
    expect(BigInt(duration?.timeUnixNano ?? 0)).toBeGreaterThanOrEqual(BigInt(duration?.startTimeUnixNano ?? 1))
    expect(JSON.stringify(body)).not.toMatch(/secret|ann/)
  })

  it('tells failures by error.type, besides what went well', async () => {
    const { url, bodies } = await collector()
    const live = await started({ otlp: url })
    const [first] = intervals
    if (first === undefined) throw new Error('there is no interval')
    live.add({ ...first, counts: { ...first.counts, sent: 100, confirmed: 90, refused: 7, unconfirmed: 3 } })
    await live.close()
    const sent = points(bodies[0], 'messaging.client.sent.messages')
    expect(sent.map(({ asInt, attributes }) => [attributes['error.type'], asInt])).toEqual([
      [undefined, '90'],
      ['refused', '7'],
      ['timeout', '3'],
    ])
  })

  it('sends now and then while it goes on', async () => {
    const { url, bodies } = await collector()
    let count = 0
    const exporter = new OtlpExporter(
      new URL(url),
      () => ({ count: ++count }),
      () => {},
      10,
    )
    await expect.poll(() => bodies.length).toBeGreaterThan(2)
    await exporter.close()
    expect(bodies.slice(0, 3)).toEqual([{ count: 1 }, { count: 2 }, { count: 3 }])
  })

  it.each([
    ['an answer that is none', () => collector(503).then(({ url }) => url), /: it answered 503$/],
    ['nobody there', () => freePorts(1).then(([port]) => `http://127.0.0.1:${port}`), /: connection refused$/],
  ])('tells once of %s, and fails nothing', async (_, where, what) => {
    const told: string[] = []
    const exporter = new OtlpExporter(
      new URL(await where()),
      () => ({}),
      text => told.push(text),
      10,
    )
    await expect.poll(() => told.length).toBe(1)
    await exporter.close()
    expect(told[0]).toMatch(what)
    expect(told.slice(1).every(text => /^metrics could not be exported \d+ times$/.test(text))).toBe(true)
  })

  it('goes to this machine unless it is asked to go elsewhere', () => {
    expect(parseOtlp('http://localhost:4318', false).href).toBe('http://localhost:4318/v1/metrics')
    expect(parseOtlp('http://[::1]:4318/otlp', false).href).toBe('http://[::1]:4318/otlp')
    expect(() => parseOtlp('https://otel.example', false)).toThrow('--otlp otel.example: not this machine')
    expect(parseOtlp('https://otel.example', true).href).toBe('https://otel.example/v1/metrics')
    for (const text of ['localhost:4318', 'ftp://localhost', '', 'http://a:b@localhost']) {
      expect(() => parseOtlp(text, true), text).toThrow(expect.objectContaining({ exit: 2 }))
    }
  })
})
