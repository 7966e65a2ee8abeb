/**
 * A large recording, and how long one connection of it takes to show: with its index, and without, as after a crash.
 * Both are whole processes, in turn on the same bytes.
 *
 *     npm run build && node bench/recording.ts [--flows 200] [--size 400] [--rounds 5]
 *
 * `--size` in megabytes, over all connections, of which four at a time are open.
 */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Writer } from '../codecs/core/index.ts'
import { type MqttFrame, mqtt } from '../codecs/mqtt/index.ts'
import type { FlowSink } from '../src/flow.ts'
import { inspection } from '../src/inspection.ts'
import { Inspector } from '../src/inspector.ts'
import { Recorder, readIndex } from '../src/recording/index.ts'

const { values } = parseArgs({
  options: {
    flows: { type: 'string', default: '200' },
    size: { type: 'string', default: '400' },
    rounds: { type: 'string', default: '5' },
  },
})
const [FLOWS, SIZE, ROUNDS] = [Number(values.flows), Number(values.size) * 1e6, Number(values.rounds)]
const OPEN = 4
const OURS = fileURLToPath(new URL('../bin/run.js', import.meta.url))

const context = { version: 4, guessed: false, topic: undefined } as const
function bytesOf(frame: MqttFrame): Uint8Array {
  const writer = new Writer()
  mqtt.write(writer, frame, context)
  return writer.take()
}
const connect = { type: 'connect', protocolName: 'MQTT', protocolVersion: 4, cleanStart: true, keepAlive: 60 } as const
const publish = { type: 'publish', dup: false, qos: 0, retain: false, topic: 'sensors/7/temperature' } as const
const message = bytesOf({ ...publish, payload: new Uint8Array(200).fill(0x61) })
const MESSAGES = 200
/** What comes in one read of a socket. */
const chunk = Buffer.concat(Array.from({ length: MESSAGES }, () => message))

/** Writes it as the proxy would. */
async function record(path: string): Promise<void> {
  const recorder = await Recorder.create(path, { minFree: 0 })
  const sink = recorder.tap(new Inspector(inspection(), recorder.observe({})))
  sink.start(BigInt(Date.now()) * 1_000_000n)
  const open: FlowSink[] = []
  const chunks = Math.ceil(SIZE / FLOWS / chunk.length / OPEN)
  let time = 0
  for (let id = 1; id <= FLOWS + OPEN - 1; id++) {
    if (id <= FLOWS) {
      const client = { host: '127.0.0.1', port: 10_000 + id }
      const server = { host: '127.0.0.1', port: 1883 }
      const flow = sink.open({ id, transport: 'stream', client, server, started: time, joined: 'start' })
      flow.data('client', bytesOf({ ...connect, clientId: `c${id}` }), ++time, 0, 0)
      flow.data('server', bytesOf({ type: 'connack', sessionPresent: false, reasonCode: 0 }), ++time, 0, 0)
      open.push(flow)
    }
    for (let at = 0; at < chunks; at++) for (const flow of open) flow.data('client', chunk, (time += 1000), 0, 0)
    if (open.length === OPEN || id > FLOWS) open.shift()?.close(time)
    await sink.drain?.()
  }
  await recorder.finish()
}

/** Seconds, and what was shown. */
function show(path: string, flow: number): { readonly seconds: number; readonly shown: string } {
  const began = performance.now()
  const args = ['decode', path, '--flow', String(flow), '--fields', 'frame,time,type']
  const shown = execFileSync(process.execPath, [OURS, ...args], { encoding: 'utf8', maxBuffer: 1 << 30 })
  return { seconds: (performance.now() - began) / 1000, shown }
}

const middle = (list: readonly number[]): number => list.toSorted((a, b) => a - b)[list.length >> 1] as number

const folder = mkdtempSync(join(tmpdir(), 'mqinspect-bench-'))
try {
  const path = join(folder, 'recording.pcapng')
  const began = performance.now()
  await record(path)
  const took = (performance.now() - began) / 1000
  const { size } = statSync(path)
  const index = await readIndex(path)
  if (index === undefined) throw new Error('the recording has no index')
  const without = join(folder, 'without.pcapng')
  copyFileSync(path, without)
  truncateSync(without, index.end)
  console.log(`${(size / 1e6).toFixed(0)} MB, ${FLOWS} connections, recorded in ${took.toFixed(1)} s`)
  console.log(`index: ${size - index.end} B at the end, ${index.chunks.length} stretches`)
  const [withIndex, withoutIndex]: [number[], number[]] = [[], []]
  for (let round = 0; round < ROUNDS; round++) {
    const flow = 1 + Math.floor((FLOWS * (round + 1)) / (ROUNDS + 1))
    const [one, all] = [show(path, flow), show(without, flow)]
    if (one.shown !== all.shown || one.shown === '') throw new Error(`flow ${flow} is not the same`)
    withIndex.push(one.seconds)
    withoutIndex.push(all.seconds)
  }
  const [one, all] = [middle(withIndex), middle(withoutIndex)]
  console.log(
    `decode --flow N: ${one.toFixed(2)} s with the index, ${all.toFixed(2)} s without: ${(all / one).toFixed(1)} times`,
  )
  const load = /^[\d.]+/.exec(readFileSync('/proc/loadavg', 'utf8'))?.[0]
  console.log(`medians of ${ROUNDS}, at a load of ${load}`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
