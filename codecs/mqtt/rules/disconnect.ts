import type { Disconnect } from '../frames.ts'
import type { MqttRule } from './rule.ts'

const TAKEN_OVER = 0x8e

/** Maintenance: the server goes away in order, or sends its clients elsewhere. */
const PLANNED = new Set([0x8b, 0x98, 0x9c, 0x9d])

const whyOf = ({ reasonCode = 0, reasonName, properties }: Disconnect): string => {
  const { reasonString, serverReference } = properties ?? {}
  const more = [reasonString, serverReference].filter(text => text !== undefined).join(', ')
  return `${reasonName ?? 'reason'} (0x${reasonCode.toString(16)})${more === '' ? '' : `: ${more}`}`
}

export const serverDisconnect: MqttRule = {
  id: 'mqtt/server-disconnect',
  severity: 'warning',
  title: 'The broker ended the connection',
  why: 'The broker says that it does not go on with this client, and why. A client that only connects again runs into the same.',
  fix: 'Go by the reason: quotas and rates (EMQX: limiter; HiveMQ: overload protection), packet sizes (mosquitto: max_packet_size), keep alive, a malformed packet (a library’s bug), or an administrator.',
  types: ['disconnect'],
  watch: (_, report) => ({
    frame: (frame, { side }, number) => {
      if (frame.type !== 'disconnect' || side !== 'server' || frame.reasonCode === TAKEN_OVER) return
      const planned = PLANNED.has(frame.reasonCode ?? 0)
      report(whyOf(frame), [number], planned ? 'note' : 'warning')
    },
  }),
}

export const sessionTakenOver: MqttRule = {
  id: 'mqtt/session-taken-over',
  severity: 'note',
  title: 'Another client connected with the same identifier',
  why: 'Two clients that share an identifier throw each other out for ever: each connects again as soon as it is cut off, and both lose messages.',
  fix: 'Give every client an identifier of its own (a host name, a serial number, a random part). Where it is one client that came back before its old connection was dead, nothing is wrong.',
  types: ['connect', 'disconnect'],
  watch: (_, report) => {
    let clientId = ''
    return {
      frame: (frame, { side }, number) => {
        if (frame.type === 'connect') clientId = frame.clientId
        else if (frame.type === 'disconnect' && side === 'server' && frame.reasonCode === TAKEN_OVER) {
          report(`the session of client "${clientId}" was taken over by another connection`, [number])
        }
      },
    }
  },
}
