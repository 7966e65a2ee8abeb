import { onTestFinished } from 'vitest'
import type { Packet } from '../../codecs/core/index.ts'
import { type AnyCodec, FrameReader, frameToJson } from '../../codecs/core/index.ts'
import { codecs } from '../../codecs/index.ts'
import { type Flow, Inspector, type Observer, type Recorder } from '../../src/index.ts'
import { inspection } from '../../src/inspection.ts'
import { parseRoute } from '../../src/net/index.ts'
import { isNotice, type ProxyEvent, startProxy } from '../../src/proxy/index.ts'

/** One frame as it was shown. */
export interface Shown {
  readonly flow: number
  readonly from: 'client' | 'server'
  readonly type: string
  readonly fields: Record<string, unknown>
}

export interface Watched {
  /** Where clients connect. */
  readonly port: number
  readonly frames: readonly Shown[]
  readonly flows: readonly Flow[]
  /** Everything that was not as it should be: malformed runs, gaps, diagnostics, troubles of the proxy. */
  readonly wrong: readonly string[]
  /** Types with their side, `>connect`, of one flow. */
  types(flow?: number): string[]
  find(type: string): Shown[]
  /** Ends the proxy: all frames are in. */
  end(): Promise<void>
}

/** A proxy before the broker on this port, or at this address with its scheme, whose frames are kept. */
export async function watch(broker: number | string, recorder?: Recorder): Promise<Watched> {
  const frames: Shown[] = []
  const flows: Flow[] = []
  const wrong: string[] = []
  const reader = new FrameReader()
  const packet = (flow: Flow, cut: Packet): void => {
    const codec = flow.codec as AnyCodec
    if (cut.kind !== 'frame') {
      wrong.push(`flow ${flow.id}: ${cut.side} ${cut.kind} ${cut.length}`)
      return
    }
    const { frame, diagnostics } = reader.read(codec, cut, true)
    for (const { code, message } of diagnostics) wrong.push(`flow ${flow.id}: ${frame.type}: ${code}: ${message}`)
    frames.push({ flow: flow.id, from: cut.side, type: frame.type, fields: frameToJson(codec, frame) })
  }
  const observer: Observer = { opened: flow => flows.push(flow), packet }
  const inspector = new Inspector(inspection(), recorder?.observe(observer) ?? observer)
  const sink = recorder?.tap(inspector) ?? inspector
  const onEvent = (event: ProxyEvent): void => {
    if (!isNotice(event)) wrong.push(event.type)
  }
  const upstream = typeof broker === 'number' ? `127.0.0.1:${broker}` : broker
  const handle = await startProxy({ routes: [parseRoute(`0=${upstream}`, codecs)], sink, onEvent })
  onTestFinished(() => handle.close())
  return {
    port: handle.routes[0]!.listen.port,
    frames,
    flows,
    wrong,
    types: (flow = 1) =>
      frames.filter(shown => shown.flow === flow).map(({ from, type }) => `${from === 'client' ? '>' : '<'}${type}`),
    find: type => frames.filter(shown => shown.type === type),
    end: () => handle.close(),
  }
}

/** Whether `part` comes in `whole` in this order, other things between: what is missing first, or undefined. */
export function missing(whole: readonly string[], part: readonly string[]): string | undefined {
  let at = 0
  for (const item of whole) if (item === part[at]) at++
  return part[at]
}
