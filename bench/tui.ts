/**
 * The terminal UI while very much arrives: what it costs in processor time and memory beside the same traffic followed
 * without it, and how long a key takes to be seen.
 *
 *     node bench/tui.ts [--rate 100000] [--seconds 60] [--columns 120] [--rows 40] [--filter F] [--json]
 *
 * MQTT publishes at QoS 1 and their acknowledgements, on four connections, go through the inspector as the proxy sends
 * them. What is drawn goes through a FIFO; a key is seen when the character that it puts on the screen comes out of it.
 */
import { execFileSync } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { mkdtempSync, openSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import v8 from 'node:v8'
import { type Side, Writer } from '../codecs/core/index.ts'
import { codecs } from '../codecs/index.ts'
import { type MqttContext, type MqttFrame, mqtt } from '../codecs/mqtt/index.ts'
import { Diagnosis, trafficRules } from '../src/findings/index.ts'
import type { Sink } from '../src/flow.ts'
import { inspection } from '../src/inspection.ts'
import { Inspector } from '../src/inspector.ts'
import { loadPayloads } from '../src/payload/index.ts'
import { steady } from '../src/steady.ts'
import { Tracking } from '../src/tracking/index.ts'
import { Traffic } from '../src/tui/model/traffic.ts'

// As the executable and the UI have them.
v8.setFlagsFromString('--semi-space-growth-factor=1')
// Before anything loads React, which tells by it whether it is developed with.
process.env.NODE_ENV = 'production'
const { Tui } = await import('../src/tui/tui.ts')

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: '60' },
    columns: { type: 'string', default: '120' },
    rows: { type: 'string', default: '40' },
    filter: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
  },
})
const [rate, seconds, columns, rows] = [values.rate, values.seconds, values.columns, values.rows].map(Number) as [
  number,
  number,
  number,
  number,
]

const context: MqttContext = { version: 4, guessed: false, topic: undefined }
function bytesOf(frame: MqttFrame): Uint8Array {
  const writer = new Writer()
  mqtt.write(writer, frame, context)
  return writer.take()
}

/** A turn of one connection: publishes, then their acknowledgements. */
const BATCH = 50
const FLOWS = 4
const topic = (flow: number): string => `plant/line-${flow}/temperature`
const turns = Array.from({ length: FLOWS }, (_, flow) => {
  const payload = new TextEncoder().encode(`{"value":${flow}.25,"unit":"C","sensor":"s-${flow}"}`.padEnd(80))
  const join = (make: (packetId: number) => MqttFrame): Uint8Array =>
    Buffer.concat(Array.from({ length: BATCH }, (_, at) => bytesOf(make(at + 1))))
  return {
    client: join(packetId => ({
      type: 'publish',
      dup: false,
      qos: 1,
      retain: false,
      topic: topic(flow),
      packetId,
      payload,
    })),
    server: join(packetId => ({ type: 'puback', packetId })),
  }
})

/** Sends frames to a sink at the wanted rate until told to stop; says how many there were. */
async function traffic(sink: Sink, until: Promise<unknown>): Promise<number> {
  let over = false
  until.then(() => (over = true))
  const began = performance.now()
  const now = (): number => (performance.now() - began) * 1e6
  sink.start(BigInt(Date.now()) * 1_000_000n)
  const client = (at: number) => ({ host: '127.0.0.1', port: 40_000 + at })
  const flows = turns.map((turn, at) => {
    const info = {
      id: at + 1,
      transport: 'stream',
      client: client(at),
      server: { host: '127.0.0.1', port: 1883 },
      started: 0,
      joined: 'start',
    } as const
    const flow = sink.open(info)
    const say = (side: Side, bytes: Uint8Array): void => flow.data(side, bytes, now(), 0, 0)
    const hello: MqttFrame = {
      type: 'connect',
      protocolName: 'MQTT',
      protocolVersion: 4,
      cleanStart: true,
      keepAlive: 60,
      clientId: `s-${at}`,
    }
    say('client', bytesOf(hello))
    say('server', bytesOf({ type: 'connack', sessionPresent: false, reasonCode: 0 }))
    return { turn, say }
  })
  let frames = 2 * FLOWS
  const buffer = new Uint8Array(new ArrayBuffer(128 << 10), 0, 64 << 10)
  for (let at = 0; !over; ) {
    // As sockets deliver it: some chunks, then a turn of everything else.
    while (!over && frames < (rate * now()) / 1e9) {
      const { turn, say } = flows[at++ % FLOWS] as (typeof flows)[number]
      // Sockets are read into the same buffer again and again.
      buffer.set(turn.client)
      say('client', buffer.subarray(0, turn.client.length))
      buffer.set(turn.server)
      say('server', buffer.subarray(0, turn.server.length))
      frames += 2 * BATCH
      if (at % 8 === 0) break
    }
    await new Promise(resolve => setImmediate(resolve))
    if (frames >= (rate * now()) / 1e9) await sleep(1)
  }
  return frames
}

const used = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** The same, followed and diagnosed, and nobody looks. */
const short = Math.min(10, seconds)
const began = used()
const without = await traffic(
  new Inspector(inspection(), new Tracking(new Diagnosis({}, trafficRules))),
  sleep(short * 1000),
)
const idle = (used() - began) / short

v8.setFlagsFromString('--heap-growing-percent=40')
const folder = mkdtempSync(join(tmpdir(), 'mqinspect-tui-'))
const fifo = join(folder, 'screen')
execFileSync('mkfifo', [fifo])
const reader = new Socket({ fd: openSync(fifo, 'r+'), readable: true, writable: false })
let drawn = 0
let seen = (_: string): void => {}
reader.setEncoding('utf8').on('data', text => {
  drawn += text.length
  seen(String(text))
})
class Keys extends EventEmitter {
  readonly isTTY = true
  setRawMode(): void {}
  setEncoding(): void {}
  resume(): void {}
  pause(): void {}
  ref(): void {}
  unref(): void {}
}
const stdin = new Keys()
const stdout = Object.assign(new EventEmitter(), { fd: openSync(fifo, 'w'), isTTY: true, columns, rows })
const shown = new Traffic({ codecs, secrets: false, payloads: await loadPayloads(), sampled: true })
const began2 = Date.now()
const tui = new Tui({
  traffic: shown,
  around: {
    live: true,
    source: () => 'bench',
    activity: () => '',
    unicode: true,
    second: () => Math.floor((Date.now() - began2) / 1000) + 1,
  },
  theme: 'dark',
  depth: 16_777_216,
  filter: values.filter,
  stdin: stdin as never,
  stdout: stdout as never,
})
tui.start()

/** One letter after the other on the line of commands: each is nowhere else on the screen. */
const LETTERS = [...'абвгдежзиклмнопрстуфхцчшщэюя']
const delays: number[] = []
let stop = false
async function press(): Promise<void> {
  stdin.emit('data', ':')
  for (let at = 0; !stop; at++) {
    await sleep(40 + (at % 7) * 13)
    const letter = LETTERS[at % LETTERS.length] as string
    const from = performance.now()
    const came = new Promise<void>(resolve => {
      seen = text => text.includes(letter) && resolve()
    })
    stdin.emit('data', letter)
    await came
    delays.push(performance.now() - from)
    stdin.emit('data', '\x15')
  }
}
let most = 0
const watch = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 200)
const from = { cpu: used(), time: performance.now() }
const pressing = press()
const frames = await traffic(steady(new Inspector(inspection(), shown.observer)), sleep(seconds * 1000))
const took = (performance.now() - from.time) / 1000
const cpu = (used() - from.cpu) / took
stop = true
await pressing
clearInterval(watch)
await tui.stop()
reader.destroy()
rmSync(folder, { recursive: true })

delays.sort((a, b) => a - b)
const at = (part: number): number => delays[Math.min(delays.length - 1, Math.floor(delays.length * part))] as number
const result = {
  frames,
  rate: Math.round(frames / took),
  rateWithout: Math.round(without / short),
  counted: shown.kept.total,
  processor: cpu,
  processorWithout: idle,
  memory: most,
  drawn,
  keys: { count: delays.length, p50: at(0.5), p99: at(0.99), most: at(1) },
}
if (values.json) console.log(JSON.stringify(result))
else {
  const percent = (part: number): string => `${(part * 100).toFixed(0)} %`
  const ms = (time: number): string => `${time.toFixed(1)} ms`
  const { keys } = result
  console.log(`wanted ${rate} frames/s; reached ${result.rate} with the UI, ${result.rateWithout} without`)
  console.log(`sent ${frames} frames, the screen counted ${result.counted}`)
  console.log(`processor ${percent(cpu)} of one core with the UI, ${percent(idle)} without`)
  console.log(`memory ${(most / 1e6).toFixed(0)} MB at most; ${(drawn / took / 1000).toFixed(0)} kB/s drawn`)
  console.log(`key to screen: p50 ${ms(keys.p50)}, p99 ${ms(keys.p99)}, most ${ms(keys.most)}, of ${keys.count} keys`)
}
process.exit(0)
