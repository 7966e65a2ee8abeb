import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { Side } from '../../codecs/core/index.ts'
import { CaptureError } from '../capture/index.ts'
import type { Ending, Endpoint, FlowInfo, FlowSink, Sink } from '../flow.ts'
import { nanosecondsOf } from './moment.ts'

interface Opened {
  readonly sink: FlowSink
  /** When something last happened. */
  time: number
  readonly over: Set<Side>
}

/** Reads what NdjsonTarget wrote, and delivers it as a capture is delivered. Rejects where a line makes no sense. */
export async function readNdjson(path: string, sink: Sink, signal: AbortSignal): Promise<void> {
  const reading = new Reading(path, sink)
  const stream = createReadStream(path, { encoding: 'utf8', signal })
  try {
    for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
      reading.line(line)
      await sink.drain?.()
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
  reading.finish()
  await sink.drain?.()
}

type Content = Readonly<Record<string, unknown>>

class Reading {
  readonly #path: string
  readonly #sink: Sink
  readonly #flows = new Map<number, Opened>()
  #origin: bigint | undefined
  #number = 0

  constructor(path: string, sink: Sink) {
    this.#path = path
    this.#sink = sink
  }

  line(text: string): void {
    this.#number++
    if (text.trim() === '') return
    let content: Content
    try {
      content = JSON.parse(text) as Content
    } catch (cause) {
      throw this.#wrong(`not JSON (${(cause as Error).message})`)
    }
    if (typeof content !== 'object' || content === null) throw this.#wrong('not an object')
    if (this.#origin === undefined) this.#begin(content)
    else if ('secrets' in content) this.#sink.secrets?.(Number(content.secrets), this.#bytes(content.data))
    else if ('open' in content) this.#open(content)
    else this.#event(content)
  }

  finish(): void {
    if (this.#origin === undefined) throw new CaptureError(`${this.#path} is empty`, { offset: 0 })
    for (const { sink, time } of this.#flows.values()) sink.close(time)
  }

  #begin({ recording, origin }: Content): void {
    const start = typeof origin === 'string' ? nanosecondsOf(origin) : undefined
    if (recording !== 1 || start === undefined) {
      throw this.#wrong(
        'the first line of a recording is {"recording":1,"origin":…}',
        'mqinspect convert writes such files.',
      )
    }
    this.#origin = start
    this.#sink.start(start)
  }

  #open(content: Content): void {
    const id = this.#flow(content)
    const { client, server, transport, joined, ...rest } = content.open as Partial<FlowInfo>
    const fits = isEndpoint(client) && isEndpoint(server) && (transport === 'stream' || transport === 'datagram')
    if (!fits || (joined !== 'start' && joined !== 'middle')) throw this.#wrong('a flow without its ends')
    if (this.#flows.has(id)) throw this.#wrong(`flow ${id} is open already`)
    const started = this.#time(content)
    const info: FlowInfo = { ...rest, id, client, server, transport, joined, started }
    this.#flows.set(id, { sink: this.#sink.open(info), time: started, over: new Set() })
  }

  #event(content: Content): void {
    const id = this.#flow(content)
    const flow = this.#flows.get(id)
    if (flow === undefined) throw this.#wrong(`flow ${id} was not opened`)
    if (content.closed === true) {
      this.#flows.delete(id)
      flow.sink.close(flow.time)
      return
    }
    const { from, data, gap, end, comment } = content
    if (from !== 'client' && from !== 'server') throw this.#wrong('neither from client nor from server')
    if (typeof comment === 'string') {
      flow.sink.remark?.(from, comment)
      return
    }
    flow.time = this.#time(content)
    if (data !== undefined) flow.sink.data(from, this.#bytes(data), flow.time, 0, 0)
    else if (Number.isSafeInteger(gap) && (gap as number) > 0) flow.sink.gap(from, gap as number, flow.time, 0)
    else if (end === 'fin' || end === 'reset') flow.sink.end(from, flow.time, end as Ending)
    else throw this.#wrong('neither data, nor a gap, nor an end')
  }

  #flow({ flow }: Content): number {
    if (!Number.isSafeInteger(flow) || (flow as number) < 1) throw this.#wrong('no number of a flow')
    return flow as number
  }

  #time({ time }: Content): number {
    const at = typeof time === 'string' ? nanosecondsOf(time) : undefined
    if (at === undefined) throw this.#wrong('no time')
    return Number(at - (this.#origin as bigint))
  }

  #bytes(data: unknown): Uint8Array {
    if (typeof data === 'string') return Buffer.from(data)
    const { base64 } = (data ?? {}) as { base64?: unknown }
    if (typeof base64 !== 'string') throw this.#wrong('data is neither text nor {"base64":…}')
    return Buffer.from(base64, 'base64')
  }

  #wrong(what: string, next = 'The lines before it were converted.'): CaptureError {
    return new CaptureError(`${this.#path}, line ${this.#number}: ${what}`, { next })
  }
}

const isEndpoint = (value: unknown): value is Endpoint =>
  typeof (value as Endpoint | undefined)?.host === 'string' && Number.isSafeInteger((value as Endpoint).port)

const BRACE = 0x7b

/** Captures begin with anything but a brace. */
export async function looksLikeNdjson(path: string): Promise<boolean> {
  try {
    const file = await open(path)
    try {
      const head = new Uint8Array(1)
      await file.read(head, 0, 1, 0)
      return head[0] === BRACE
    } finally {
      await file.close()
    }
  } catch {
    // Why it cannot be read is told by who reads it.
    return false
  }
}
