import type { AnyCodec, Frame, Joined } from '../../codecs/core/index.ts'
import { readCapture } from '../../src/capture/index.ts'
import { Diagnosis, type Finding, type TrafficRule, trafficRules } from '../../src/findings/index.ts'
import { inspection } from '../../src/inspection.ts'
import { Inspector } from '../../src/inspector.ts'
import { Tracking } from '../../src/tracking/index.ts'
import { bytesOf, type Said } from '../tracking/story.ts'

/** What a conversation of one connection leads to: `mqtt/keep-alive-off warning: … [3 4]`. One microsecond a step. */
export function found<F extends Frame, C>(
  codec: AnyCodec,
  context: C,
  steps: readonly Said<F>[],
  joined: Joined = 'start',
): string[] {
  const [port = 1] = codec.ports
  return findings(
    inspector => {
      let time = 0
      const flow = inspector.open({
        id: 1,
        transport: codec.transport === 'datagram' ? 'datagram' : 'stream',
        client: { host: '10.0.0.1', port: 40_001 },
        server: { host: '10.0.0.2', port },
        started: 0,
        joined,
      })
      for (const step of steps) {
        time += 'ms' in step ? step.ms * 1e6 : 1000
        if ('lost' in step) flow.gap(step.by, step.lost, time, 0)
        else if ('client' in step) flow.data('client', bytesOf(codec, step.client, context), time, 0, 0)
        else if ('server' in step) flow.data('server', bytesOf(codec, step.server, context), time, 0, 0)
      }
      flow.close(time)
    },
    [],
    [{ transport: codec.transport === 'datagram' ? 'datagram' : 'stream', port, codec }],
  )
}

/** What is found in a capture, by the general rules too. */
export async function foundIn(path: string, rules: readonly TrafficRule[] = trafficRules): Promise<string[]> {
  const lines: string[] = []
  const { observer, finish } = diagnosis(lines, rules)
  await readCapture({ path }, new Inspector(inspection(), observer))
  finish()
  return lines
}

/** What the general rules find in traffic that `deliver` makes. */
export function findings(
  deliver: (inspector: Inspector) => void,
  rules: readonly TrafficRule[],
  decodeAs: NonNullable<Parameters<typeof inspection>[0]> = [],
): string[] {
  const lines: string[] = []
  const { observer, finish } = diagnosis(lines, rules)
  const inspector = new Inspector(inspection(decodeAs), observer)
  inspector.start(0n)
  deliver(inspector)
  finish()
  return lines
}

function diagnosis(lines: string[], rules: readonly TrafficRule[]): { observer: Tracking; finish(): void } {
  const diagnosed = new Diagnosis({ finding: finding => lines.push(line(finding)) }, rules)
  const observer = new Tracking(diagnosed)
  const finish = (): void => {
    observer.finish()
    diagnosed.finish()
  }
  return { observer, finish }
}

const line = ({ rule, severity, message, frames }: Finding): string =>
  `${rule.id} ${severity}: ${message} [${frames.join(' ')}]`
