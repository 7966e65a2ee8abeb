import { counted, SparseSet } from '../../core/index.ts'
import type { MqttRule } from './rule.ts'

export const sessionLost: MqttRule = {
  id: 'mqtt/session-lost',
  severity: 'warning',
  title: 'The broker no longer has the session that the client goes on with',
  why: 'The client has messages under way from an earlier connection, but the broker knows nothing of it: the session expired, or the broker lost it. The client must forget its part too [MQTT-3.2.2-5]; what it sends again is a new message to the broker, which subscribers get twice.',
  fix: 'Have the client look at session present: subscribe again and start afresh where it is 0. Raise the session expiry (MQTT 5: Session Expiry Interval; mosquitto: persistent_client_expiration) and let the broker keep sessions on disk (mosquitto: persistence true).',
  types: ['connect', 'connack', 'publish', 'pubrel'],
  watch: (flow, report) => {
    let asked = 0
    /** The frame that said that there is no session; 0 where there is one, or none was asked for. */
    let none = 0
    /** Packet identifiers that were used on this connection. */
    const used = new SparseSet<number>()
    return {
      frame: (frame, { side }, number) => {
        if (frame.type === 'connect') asked = frame.cleanStart ? 0 : number
        else if (frame.type === 'connack') {
          none = asked > 0 && frame.reasonCode === 0 && !frame.sessionPresent && flow.joined === 'start' ? number : 0
        } else if (none > 0 && side === 'client' && (frame.type === 'publish' || frame.type === 'pubrel')) {
          const { packetId } = frame
          if (packetId === undefined) return
          const known = used.has(packetId)
          used.add(packetId)
          if (known || (frame.type === 'publish' && !frame.dup)) return
          const what = frame.type === 'publish' ? 'a PUBLISH with DUP' : 'a PUBREL'
          report(`${what} of an earlier connection, packet identifier ${packetId}`, [asked, none, number])
          none = 0
        }
      },
    }
  },
}

const NOT_FOUND = 0x92

export const packetIdUnknown: MqttRule = {
  id: 'mqtt/packet-id-unknown',
  severity: 'warning',
  title: 'A QoS 2 message is released that the receiver does not know',
  why: 'PUBREL or PUBCOMP came with 0x92: the two sides do not agree on what is under way. Just after a reconnection that may happen; at other times one of them lost part of its session [MQTT 5.0, 3.6.2.1].',
  fix: 'Have both sides keep their session on disk (mosquitto: persistence true; a persistent store in the client), and do not let two processes share one client identifier or one store.',
  types: ['pubrel', 'pubcomp'],
  watch: (_, report) => {
    let count = 0
    let next = 1
    return {
      frame: (frame, { side }, number) => {
        if (!('packetId' in frame) || !('reasonCode' in frame) || frame.reasonCode !== NOT_FOUND) return
        if (++count < next) return
        next *= 10
        const times = count === 1 ? '' : `, ${counted(count, 'time')} so far`
        report(`the ${side} does not know packet identifier ${frame.packetId}${times}`, [number])
      },
    }
  },
}

/** DISCONNECT of MQTT 5 that asks for the will all the same. */
const WITH_WILL = 4

export const willPublished: MqttRule = {
  id: 'mqtt/will-published',
  severity: 'note',
  title: 'The connection ended so that the will is published',
  why: 'Without a DISCONNECT from the client the broker takes it for dead and publishes its will: others act on that (an alarm, a device shown as offline).',
  fix: 'Where the client ended on purpose, have it send DISCONNECT and wait until it is written (MQTT.js: client.end(false), paho: disconnect() before the loop stops). Where it did not, look for what cut it off: a crash, keep alive, a load balancer. MQTT 5: a Will Delay Interval spares others short breaks.',
  types: ['connect', 'connack', 'disconnect'],
  watch: (flow, report) => {
    let will: { readonly topic: string; readonly number: number } | undefined
    let accepted = false
    return {
      frame: (frame, { side }, number) => {
        if (frame.type === 'connect') {
          will = frame.willTopic === undefined ? undefined : { topic: frame.willTopic, number }
        } else if (frame.type === 'connack') accepted = frame.reasonCode === 0
        else if (frame.type === 'disconnect' && side === 'client' && frame.reasonCode !== WITH_WILL) will = undefined
      },
      end: () => {
        if (will === undefined || !accepted || flow.ending === undefined || flow.ending === 'lost') return
        report(`closed without DISCONNECT: the will goes to ${will.topic}`, [will.number])
      },
    }
  },
}
