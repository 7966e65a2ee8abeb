import { counted, elapsed } from '../../core/index.ts'
import type { MqttFrame } from '../frames.ts'
import type { MqttRule } from './rule.ts'

/** What client and server agreed on, in seconds: undefined while unknown. */
class KeepAlive {
  seconds: number | undefined
  /** The frames that say so. */
  frames: readonly number[] = []

  /** The server's word counts [3.2.2.3.14]. Whether it is settled with this frame. */
  learn(frame: MqttFrame, number: number): boolean {
    if (frame.type === 'connect') {
      this.seconds = frame.keepAlive
      this.frames = [number]
      return false
    }
    if (frame.type !== 'connack' || frame.reasonCode !== 0 || this.seconds === undefined) return false
    const given = frame.properties?.serverKeepAlive
    if (given === undefined) return true
    this.seconds = given
    this.frames = [...this.frames, number]
    return true
  }
}

/** Longer than this is hardly any, in seconds. */
const LONG = 3600

export const keepAliveOff: MqttRule = {
  id: 'mqtt/keep-alive-off',
  severity: 'note',
  title: 'Nobody will notice when this connection breaks',
  why: 'Without a keep alive, or with a long one, a client that lost power or network stays connected as far as the broker knows: its will is not sent, its session is not freed, messages to it pile up, and firewalls drop the silent connection.',
  fix: 'Set a keep alive of 30 to 120 s in the client; mosquitto: max_keepalive, EMQX: mqtt.server_keepalive make all clients have one.',
  types: ['connect', 'connack'],
  until: 'connack',
  watch: (_, report) => {
    const agreed = new KeepAlive()
    return {
      frame: (frame, _packet, number) => {
        if (!agreed.learn(frame, number) || agreed.seconds === undefined) return
        if (agreed.seconds === 0) report('keep alive is off (0)', agreed.frames)
        else if (agreed.seconds > LONG) report(`keep alive is ${counted(agreed.seconds, 'second')}`, agreed.frames)
      },
    }
  },
}

export const keepAliveMissed: MqttRule = {
  id: 'mqtt/keep-alive-missed',
  severity: 'warning',
  title: 'The client was silent for longer than it promised',
  why: 'After one and a half times the keep alive without a packet the broker closes the connection and sends the will [MQTT-3.1.2-22]. That the client was silent means that it was blocked, asleep, or cut off.',
  fix: 'Run the client’s network loop in a thread of its own (paho: loop_start), do not block in callbacks, or ask for a longer keep alive where the device sleeps.',
  watch: (flow, report) => {
    const agreed = new KeepAlive()
    let told = false
    const check = (time: number, after: string, frames: readonly number[]): void => {
      const { seconds = 0 } = agreed
      const silent = time - flow.last.client
      if (told || seconds === 0 || silent <= seconds * 1.5e9) return
      told = true
      report(`silent for ${elapsed(silent)} ${after}, with a keep alive of ${seconds} s`, frames)
    }
    return {
      frame: (frame, packet, number) => {
        if (packet.side === 'client') check(packet.time, 'before this packet', [number])
        agreed.learn(frame, number)
        // Who has said goodbye may be silent.
        if (frame.type === 'disconnect') agreed.seconds = undefined
      },
      end: time => check(time, 'at the end', agreed.frames),
    }
  },
}
