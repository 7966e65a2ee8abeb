import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { codecs } from '../../codecs/index.ts'
import { readCapture } from '../../src/capture/index.ts'
import { inspection } from '../../src/inspection.ts'
import { Inspector } from '../../src/inspector.ts'
import { parseRedactRule, Recorder } from '../../src/recording/index.ts'
import { Remarks } from '../../src/remarks.ts'
import { ORIGIN } from '../output/toy.ts'
import { hasTshark, INFO, recordingPath, tshark } from './record.ts'
import { BODY, type Conversation, conversations, HEADER, PASSWORD } from './talks.ts'

/** Records with these rules; `split` cuts all that is said into pieces of so many bytes. */
async function redacted(
  { port, transport, said }: Conversation,
  rules: readonly string[],
  { keepSecrets = false, split = Number.POSITIVE_INFINITY } = {},
): Promise<string> {
  const redact = rules.map(rule => parseRedactRule(rule, codecs))
  const recorder = await Recorder.create(await recordingPath(), { redact, keepSecrets })
  const remarks = new Remarks(recorder, {}, { discreet: rules.length > 0 })
  const sink = recorder.tap(new Inspector(inspection(), recorder.observe(remarks)))
  sink.start(ORIGIN)
  const flow = sink.open({ ...INFO, transport, server: { host: '127.0.0.1', port } })
  let time = INFO.started
  for (const [side, bytes] of said) {
    const size = transport === 'datagram' ? bytes.length : Math.min(split, bytes.length)
    for (let at = 0; at < bytes.length; at += size) {
      time += 1000
      flow.data(side, bytes.slice(at, at + size), time, 0, 0)
    }
  }
  flow.end('client', time, 'fin')
  flow.close(time)
  return (await recorder.finish()).path
}

/** What is in it, frame by frame: type and length. */
async function frames(path: string): Promise<string[]> {
  const seen: string[] = []
  await readCapture(
    { path },
    new Inspector(inspection(), {
      packet: ({ codec }, packet) => {
        const type = packet.kind === 'frame' ? codec?.type(packet) : packet.kind
        seen.push(`${packet.side} ${type} ${packet.length} ${packet.diagnostics.length}`)
      },
    }),
  )
  return seen
}

/** No stretch of four bytes of it. */
async function expectHidden(path: string, secret: string): Promise<void> {
  const bytes = await readFile(path)
  for (let at = 0; at + 4 <= secret.length; at++) {
    const part = secret.slice(at, at + 4)
    expect([part, bytes.indexOf(part)]).toEqual([part, -1])
  }
}

describe.each(Object.entries(conversations))('%s', (id, conversation) => {
  const rules = ['message.body', ...(conversation.headers === undefined ? [] : [conversation.headers])]

  test('what a rule names is not in the file, and the frames are the same', async () => {
    const kept = await redacted(conversation, [], { keepSecrets: true })
    const all = await readFile(kept)
    expect(all.includes(HEADER)).toBe(true)
    expect((await frames(kept)).filter(row => /malformed|gap/.test(row))).toEqual([])
    for (const split of [Number.POSITIVE_INFINITY, 1, 7]) {
      const path = await redacted(conversation, rules, { split })
      await expectHidden(path, BODY)
      await expectHidden(path, PASSWORD)
      if (conversation.headers !== undefined) await expectHidden(path, HEADER)
      expect(await frames(path)).toEqual(await frames(kept))
    }
  })

  test('without a rule only credentials are hidden', async () => {
    const path = await redacted(conversation, [])
    const bytes = await readFile(path)
    await expectHidden(path, PASSWORD)
    expect(bytes.includes(HEADER)).toBe(true)
  })

  test('one body is as long as before: letters x', async () => {
    const path = await redacted(conversation, ['message.body'])
    const bytes = (await readFile(path)).toString('latin1')
    expect(bytes.match(/x{9,}/g)?.join('').length).toBeGreaterThanOrEqual(BODY.length)
    expect(bytes).toContain(HEADER)
  })

  test.skipIf(!hasTshark)('Wireshark dissects it, with checksums (skipped where there is no tshark)', async () => {
    const path = await redacted(conversation, rules)
    const wrong = 'tcp.checksum.status == 0 or udp.checksum.status == 0 or _ws.malformed or tcp.analysis.flags'
    expect(tshark(path, '-o', 'udp.check_checksum:TRUE', '-Y', wrong)).toBe('')
  })

  test(`a protocol of another name is not touched by ${id === 'mqtt' ? 'stomp' : 'mqtt'}.*`, async () => {
    const path = await redacted(conversation, [`${id === 'mqtt' ? 'stomp' : 'mqtt'}.*`])
    expect((await readFile(path)).includes(HEADER)).toBe(true)
  })
})

describe('hashes', () => {
  const { mqtt } = conversations as Record<string, Conversation>

  test('equal values of one recording are equal, and of two are not', async () => {
    const twice = { ...(mqtt as Conversation), said: [...(mqtt as Conversation).said, (mqtt as Conversation).said[2]!] }
    const hashes = async (): Promise<string[]> => {
      const path = await redacted(twice, ['mqtt.payload=hash'])
      await expectHidden(path, BODY)
      return [...(await readFile(path)).toString('latin1').matchAll(/[0-9a-f]{30}/g)].map(([hash]) => hash)
    }
    const [first, second, ...more] = await hashes()
    expect(more).toEqual([])
    expect(first).toHaveLength(BODY.length)
    expect(second).toBe(first)
    expect((await hashes())[0]).not.toBe(first)
  })
})

test('comments on packets do not quote what is overwritten', async () => {
  const { mqtt } = conversations as Record<string, Conversation>
  const path = await redacted(mqtt as Conversation, ['mqtt.topic', 'mqtt.clientId', 'mqtt.username'])
  const bytes = await readFile(path)
  // The password without TLS was remarked on.
  expect(bytes.includes('plaintext-credentials')).toBe(true)
  for (const hidden of ['orders', 'probe', 'ann\0']) expect(bytes.includes(hidden)).toBe(false)
})

test.each([
  ['body', 'not a path'],
  ['mqtt.payload=rot13', 'rot13 is no way to overwrite'],
  ['mqqt.payload', 'no protocol is called mqqt'],
  ['mqtt.paylod', 'mqtt has no such field'],
  ['mqtt.packetId', 'a uint is not overwritten'],
])('--redact %s is told: %s', (rule, message) => {
  expect(() => parseRedactRule(rule, codecs)).toThrow(message)
})
