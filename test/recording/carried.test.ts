import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { constants, createDeflateRaw } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { Side } from '../../codecs/core/index.ts'
import { codecs } from '../../codecs/index.ts'
import { readCapture } from '../../src/capture/index.ts'
import type { FlowInfo } from '../../src/flow.ts'
import { inspection } from '../../src/inspection.ts'
import { Inspector } from '../../src/inspector.ts'
import { KeyLog } from '../../src/keylog.ts'
import { parseRedactRule, Recorder } from '../../src/recording/index.ts'
import { ORIGIN } from '../output/toy.ts'
import { hasTshark, INFO, recordingPath, tshark } from './record.ts'
import { BODY, HEADER, mqttSaid, PASSWORD, stompSaid } from './talks.ts'

type Said = readonly (readonly [Side, Uint8Array])[]

const http = (...lines: string[]): Buffer => Buffer.from(`${lines.join('\r\n')}\r\n\r\n`)
const upgrade = (subprotocol: string, ...more: string[]): Said => [
  [
    'client',
    http(
      `GET /ws?v=1&access_token=${PASSWORD} HTTP/1.1`,
      'Host: broker',
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Protocol: ${subprotocol}, base64url.bearer.authorization.k8s.io.${PASSWORD}`,
      `Authorization: Bearer ${PASSWORD}`,
      ...more,
    ),
  ],
  [
    'server',
    http(
      'HTTP/1.1 101 Switching Protocols',
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
      `Sec-WebSocket-Protocol: ${subprotocol}`,
      ...more,
    ),
  ],
]

const FIN = 0x80
const COMPRESSED = 0x40
const BINARY = 2
const PING = 9

/** A frame, masked if it is the client's. */
function frame(side: Side, first: number, payload: Uint8Array): readonly [Side, Uint8Array] {
  const length = payload.length < 126 ? [payload.length] : [126, payload.length >> 8, payload.length & 0xff]
  if (side === 'server') return [side, Buffer.concat([Buffer.from([first, ...length]), payload])]
  const key = [0x37, 0xfa, 0x21, 0x3d]
  length[0] = (length[0] as number) | 0x80
  return [side, Buffer.from([first, ...length, ...key, ...payload.map((byte, at) => byte ^ (key[at & 3] as number))])]
}

/** In frames of so many bytes, so that nothing is aligned to anything, in one message each. */
const whole = (said: Said, size = Number.POSITIVE_INFINITY): Said =>
  said.flatMap(([side, bytes]) => pieces(bytes, size).map(piece => frame(side, FIN | BINARY, piece)))

/** In fragments of so many bytes, with a ping after each. */
const fragmented = (said: Said, size: number): Said =>
  said.flatMap(([side, bytes]) => {
    const all = pieces(bytes, size)
    return all.flatMap((piece, at) => [
      frame(side, (at === 0 ? BINARY : 0) | (at === all.length - 1 ? FIN : 0), piece),
      frame(side, FIN | PING, Buffer.from('hi')),
    ])
  })

function pieces(bytes: Uint8Array, most: number): Uint8Array[] {
  const size = Math.min(most, bytes.length)
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size))
}

/** As a peer does that keeps its context: one stream a side, a flush after each message, whose tail is cut off. */
async function compressed(said: Said, fragments: number): Promise<Said> {
  const streams = { client: createDeflateRaw(), server: createDeflateRaw() }
  const out: (readonly [Side, Uint8Array])[] = []
  for (const [side, bytes] of said) {
    const deflate = streams[side]
    const chunks: Buffer[] = []
    const take = (chunk: Buffer): number => chunks.push(chunk)
    deflate.on('data', take)
    deflate.write(bytes)
    await promisify((done: (error?: Error | null) => void) => deflate.flush(constants.Z_SYNC_FLUSH, () => done()))()
    deflate.off('data', take)
    const message = Buffer.concat(chunks).subarray(0, -4)
    const all = pieces(message, Math.ceil(message.length / fragments))
    for (const [at, piece] of all.entries()) {
      out.push(frame(side, (at === 0 ? COMPRESSED | BINARY : 0) | (at === all.length - 1 ? FIN : 0), piece))
    }
  }
  return out
}

const DEFLATE = 'Sec-WebSocket-Extensions: permessage-deflate'

interface Options {
  readonly rules?: readonly string[]
  readonly keepSecrets?: boolean
  readonly info?: Partial<FlowInfo>
  /** Bytes of each chunk. */
  readonly split?: number
}

async function recorded(said: Said, { rules = [], info = {}, keepSecrets = false, split }: Options = {}) {
  const told: string[] = []
  const redact = rules.map(rule => parseRedactRule(rule, codecs))
  const options = { redact, keepSecrets, onTrouble: (message: string) => told.push(message) }
  const recorder = await Recorder.create(await recordingPath(), options)
  const sink = recorder.tap(new Inspector(inspection(), recorder.observe({})))
  sink.start(ORIGIN)
  const flow = sink.open({ ...INFO, server: { host: '127.0.0.1', port: 8083 }, ...info })
  let time = INFO.started
  for (const [side, bytes] of said) {
    for (const piece of pieces(bytes, split ?? bytes.length)) flow.data(side, piece.slice(), (time += 1000), 0, 0)
  }
  for (const side of ['client', 'server'] as const) flow.end(side, time, 'fin')
  flow.close(time)
  return { path: (await recorder.finish()).path, told }
}

/** The frames carried, with their lengths; and what carries them. */
async function framesOf(path: string): Promise<{ frames: string[]; carriers: string }> {
  const frames: string[] = []
  let carriers = ''
  const inspector = new Inspector(inspection(), {
    packet: (flow, packet) => {
      const type = packet.kind === 'frame' ? flow.codec?.type(packet) : packet.kind
      frames.push(`${packet.side} ${type} ${packet.length} ${packet.diagnostics.length}`)
    },
    closed: flow => {
      carriers = flow.carriers.map(({ name, fault }) => `${name}${fault === undefined ? '' : `: ${fault}`}`).join(', ')
    },
  })
  await readCapture({ path }, inspector)
  return { frames, carriers }
}

/** All bytes of the file, as they are and as they are under the mask. */
async function views(path: string): Promise<Buffer[]> {
  const bytes = await readFile(path)
  const key = [0x37, 0xfa, 0x21, 0x3d]
  const masked = [0, 1, 2, 3].map(shift =>
    Buffer.from(bytes.map((byte, at) => byte ^ (key[(at + shift) & 3] as number))),
  )
  return [bytes, ...masked]
}

/** No four letters of them are in any view. */
async function expectHidden(path: string, ...secrets: string[]): Promise<void> {
  for (const view of await views(path)) {
    for (const secret of secrets) {
      for (let at = 0; at + 4 <= secret.length; at++) {
        const part = secret.slice(at, at + 4)
        expect([part, view.indexOf(part)]).toEqual([part, -1])
      }
    }
  }
}

const rules = ['message.body', 'mqtt.properties.userProperties.card', 'stomp.headers.card']
const TALKS = [
  ['mqtt', mqttSaid],
  ['v12.stomp', stompSaid],
] as const

describe.each(TALKS)('%s in WebSocket', (subprotocol, said) => {
  test.each([
    ['a frame each', (all: Said) => whole(all)],
    ['in frames of 3 bytes', (all: Said) => whole(all, 3)],
    ['in fragments of 7 bytes with pings between', (all: Said) => fragmented(all, 7)],
  ])('%s: hidden under the mask, where it stands', async (_, framed) => {
    const all = [...upgrade(subprotocol), ...framed(said)]
    const kept = await framesOf((await recorded(all, { keepSecrets: true })).path)
    expect(kept.frames).toHaveLength(said.length)
    for (const split of [undefined, 1, 11]) {
      const { path, told } = await recorded(all, { rules, ...(split === undefined ? {} : { split }) })
      expect(told).toEqual([])
      await expectHidden(path, PASSWORD, BODY, HEADER)
      expect(await framesOf(path)).toEqual(kept)
    }
  })

  test.each([1, 3])('compressed, in %i fragments: written anew in the clear, without it', async fragments => {
    const all = [...upgrade(subprotocol, DEFLATE), ...(await compressed(said, fragments))]
    const kept = await framesOf((await recorded(all, { keepSecrets: true })).path)
    expect(kept.frames).toHaveLength(said.length)
    const { path, told } = await recorded(all, { rules })
    expect(told).toEqual([])
    await expectHidden(path, PASSWORD, BODY, HEADER)
    expect(await framesOf(path)).toEqual(kept)
    // Not only compressed, where nobody sees it with grep: it is overwritten.
    expect((await views(path)).some(view => view.includes('x'.repeat(BODY.length)))).toBe(true)
  })

  test('within TLS that was taken off (wss)', async () => {
    const info = { server: { host: '127.0.0.1', port: 443 }, unwrapped: [{ name: 'TLS 1.3', serverName: 'broker' }] }
    const { path } = await recorded([...upgrade(subprotocol), ...whole(said)], { rules, info })
    await expectHidden(path, PASSWORD, BODY, HEADER)
    const { frames, carriers } = await framesOf(path)
    expect(frames).toHaveLength(said.length)
    expect(carriers).toBe('TLS 1.3, WebSocket')
  })

  test.skipIf(!hasTshark)('Wireshark dissects it (skipped where there is no tshark)', async () => {
    const { path } = await recorded([...upgrade(subprotocol), ...whole(said)], { rules })
    expect(tshark(path, '-Y', '_ws.malformed or tcp.checksum.status != 1 or tcp.analysis.flags')).toBe('')
    const decodeAs = ['-d', 'tcp.port==8083,http']
    expect(
      tshark(path, ...decodeAs, '-Y', 'websocket')
        .trim()
        .split('\n').length,
    ).toBeGreaterThanOrEqual(said.length)
  })
})

describe('TLS in a capture that has its keys', () => {
  const CAPTURE = new URL('../../fixtures/captures/amqps_tls13_dsb.pcapng', import.meta.url).pathname

  async function again(keepSecrets: boolean) {
    const told: string[] = []
    const path = await recordingPath()
    const recorder = await Recorder.create(path, { keepSecrets, onTrouble: message => told.push(message) })
    await readCapture(
      { path: CAPTURE },
      recorder.tap(new Inspector(inspection([], new KeyLog()), recorder.observe({}))),
    )
    await recorder.finish()
    const inspector = new Inspector(inspection([], new KeyLog()), {
      packet: ({ codec }, packet) => frames.push(`${codec?.type(packet)}`),
    })
    const frames: string[] = []
    await readCapture({ path }, inspector)
    return { path, told, frames }
  }

  test('with its keys the recording could be decrypted, so it has none, and that is told', async () => {
    const { path, told, frames } = await again(false)
    expect((await readFile(path)).includes('TRAFFIC_SECRET')).toBe(false)
    expect(frames).not.toContain('connection.start-ok')
    expect(told).toEqual([expect.stringContaining('keys of TLS are not written')])
  })

  test('they are kept with the secrets', async () => {
    const { path, told, frames } = await again(true)
    expect((await readFile(path)).includes('TRAFFIC_SECRET')).toBe(true)
    expect(frames).toContain('connection.start-ok')
    expect(told).toEqual([])
  })
})
