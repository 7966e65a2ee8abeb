import { type Side, Writer } from '../../codecs/core/index.ts'
import { codecs } from '../../codecs/index.ts'
import { type MqttContext, type MqttFrame, mqtt } from '../../codecs/mqtt/index.ts'
import type { FlowSink, Sink } from '../../src/flow.ts'
import { inspection } from '../../src/inspection.ts'
import { Inspector } from '../../src/inspector.ts'
import { Joint } from '../../src/joint.ts'
import { loadPayloads } from '../../src/payload/index.ts'
import type { Screen, Size } from '../../src/tui/kit/screen.ts'
import { EMPTY, type Line } from '../../src/tui/kit/text.ts'
import type { Effect } from '../../src/tui/model/action.ts'
import { Desk } from '../../src/tui/model/desk.ts'
import { actionFor } from '../../src/tui/model/keymap.ts'
import type { Replays } from '../../src/tui/model/replay.ts'
import { initial, type State } from '../../src/tui/model/state.ts'
import { Traffic, type TrafficOptions } from '../../src/tui/model/traffic.ts'
import { update } from '../../src/tui/model/update.ts'

import type { Surroundings } from '../../src/tui/view/status.ts'

/** 2026-11-23T06:46:00Z, from which times count. */
export const ORIGIN = 1_795_416_360_000_000_000n

const context: MqttContext = { version: 4, guessed: false, topic: undefined }

export function bytesOf(frame: MqttFrame): Uint8Array {
  const writer = new Writer()
  mqtt.write(writer, frame, context)
  return writer.take()
}

/** A client of MQTT 3.1.1 that a sink is told of; a millisecond passes with every frame. */
export class Client {
  readonly id: number
  readonly #flow: FlowSink
  #time: number
  #packetId = 0

  constructor(sink: Sink, id: number, name = `sensor-${id}`) {
    this.id = id
    this.#time = id * 1e6
    this.#flow = sink.open({
      id,
      transport: 'stream',
      client: { host: '127.0.0.1', port: 40_000 + id },
      server: { host: '127.0.0.1', port: 1883 },
      started: this.#time,
      joined: 'start',
    })
    this.say('client', {
      type: 'connect',
      protocolName: 'MQTT',
      protocolVersion: 4,
      cleanStart: true,
      keepAlive: 60,
      clientId: name,
      username: 'plant',
      password: new TextEncoder().encode('s3cret'),
    })
    this.say('server', { type: 'connack', sessionPresent: false, reasonCode: 0 })
  }

  say(side: Side, frame: MqttFrame): void {
    this.#flow.data(side, bytesOf(frame), (this.#time += 1e6), 0, 0)
  }

  /** QoS 1: the publish, and its acknowledgement. */
  publish(topic: string, payload: string): void {
    const packetId = (this.#packetId % 65_535) + 1
    this.#packetId = packetId
    const bytes = new TextEncoder().encode(payload)
    this.say('client', { type: 'publish', dup: false, qos: 1, retain: false, topic, packetId, payload: bytes })
    this.say('server', { type: 'puback', packetId })
  }

  leave(): void {
    this.say('client', { type: 'disconnect' })
    this.#flow.end('client', (this.#time += 1e6), 'fin')
    this.#flow.end('server', this.#time, 'fin')
    this.#flow.close(this.#time)
  }
}

/** A user before the terminal UI, without the terminal: what they press, and what they see. */
export class User {
  readonly traffic: Traffic
  readonly sink: Joint
  readonly desk: Desk
  state: State
  readonly effects: Effect[] = []

  constructor(
    traffic: Traffic,
    { size, live, replays }: { readonly size: Size; readonly live: boolean; readonly replays?: Replays | undefined },
  ) {
    this.traffic = traffic
    this.sink = new Joint(new Inspector(inspection(), traffic.observer))
    this.sink.start(ORIGIN)
    this.desk = new Desk(traffic, replays)
    this.state = initial({ size, live, theme: 'dark' })
    this.desk.apply(this.state)
  }

  static async sits(
    options: Partial<TrafficOptions> & {
      readonly size?: Size
      readonly live?: boolean
      readonly replays?: Replays | undefined
    } = {},
  ): Promise<User> {
    const { size = { columns: 120, rows: 40 }, live = true, replays, ...more } = options
    const traffic = new Traffic({ codecs, secrets: false, payloads: await loadPayloads(), ...more })
    return new User(traffic, { size, live, replays })
  }

  /** Keys by their names, each on its own. */
  press(...keys: readonly string[]): this {
    for (const key of keys) {
      const action = actionFor(key, this.state)
      if (action === undefined) continue
      const { state, effect } = update(this.state, action, this.desk)
      this.state = state
      this.desk.apply(state)
      if (effect !== undefined) this.effects.push(effect)
    }
    return this
  }

  type(text: string): this {
    return this.press(...[...text].map(character => (character === ' ' ? 'space' : character)))
  }

  /** What is done between two drawings, until there is nothing left to do. */
  settle(): this {
    do this.desk.work(this.state)
    while (this.desk.table(this.state.kind).waiting > 0)
    return this
  }

  /** The chosen row's number. */
  get chosen(): number | undefined {
    return this.desk.subject(this.state)?.number
  }
}

/** A program around the traffic of which there is nothing to say. */
export const AROUND: Surroundings = {
  source: () => 'plant',
  second: () => 1,
  activity: () => '',
  live: false,
  unicode: true,
}

/** The screen as text, without its colours. */
export function linesOf({ rows, head, panes, foot }: Screen): string[] {
  const text = (line: Line): string => line.spans.map(span => span.text).join('')
  const across = [...panes].sort((a, b) => a.rect.x - b.rect.x)
  const between = Array.from({ length: rows - head.length - foot.length }, (_, index) => {
    const y = head.length + index
    return across.map(({ rect, lines }) => (y < rect.y ? '' : text(lines[y - rect.y] ?? EMPTY))).join('')
  })
  return [...head.map(text), ...between, ...foot.map(text)]
}
