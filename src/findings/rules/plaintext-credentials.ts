import { FrameReader, holdsSecrets, isLoopback, secretRanges } from '../../../codecs/core/index.ts'
import type { Flow } from '../../flow.ts'
import type { TrafficRule } from '../finding.ts'

export const plaintextCredentials: TrafficRule = {
  id: 'plaintext-credentials',
  severity: 'warning',
  title: 'Credentials cross the network in the clear',
  why: 'Whoever can see the traffic on its way (a switch, a container host, a capture like this one) has the password.',
  fix: 'Use TLS (amqps, mqtts, stomp+ssl, wss), or client certificates. On one machine alone it does no harm.',
  watch: report => {
    const told = new WeakSet<Flow>()
    const reader = new FrameReader()
    return {
      packet: (flow, packet, number, frame) => {
        const { codec } = flow
        if (frame === undefined || codec === undefined || told.has(flow)) return
        if (flow.carriers.some(({ encrypted }) => encrypted === true) || !holdsSecrets(codec, frame)) return
        if (secretRanges(reader.trace(codec, packet).field).every(({ start, end }) => start === end)) return
        told.add(flow)
        const here = isLoopback(flow.client.host) && isLoopback(flow.server.host)
        report(flow, `${frame.type} carries credentials without TLS`, [number], here ? 'note' : 'warning')
      },
    }
  },
}
