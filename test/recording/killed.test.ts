import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { frame } from '../output/toy.ts'
import { readBack, record, recordingPath, Talk } from './record.ts'

const ENDLESS = fileURLToPath(new URL('endless.ts', import.meta.url))
/** More of them: MQINSPECT_KILLS=200 npx vitest run test/recording/killed.test.ts */
const KILLS = Number(process.env.MQINSPECT_KILLS ?? 5)
/** How long the longest of them records, in milliseconds. */
const LONGEST = 1_500

interface Killed {
  /** Frames that had been sent at a time. */
  sentAt(time: number): number
  readonly at: number
}

/** Has it recorded for so long since its first frame, then kills it without a word. */
async function kill(path: string, after: number): Promise<Killed> {
  const child = spawn(process.execPath, [ENDLESS, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', text => {
    said += text
  })
  const closed = once(child, 'close')
  await once(child.stdout, 'data')
  await sleep(after)
  const at = Date.now()
  child.kill('SIGKILL')
  const [, signal] = await closed
  expect(signal).toBe('SIGKILL')
  const lines = said.split('\n').slice(0, -1)
  const sent = lines.map(line => line.split(' ').map(Number) as [count: number, time: number])
  return { at, sentAt: time => sent.findLast(([, when]) => when <= time)?.[0] ?? 0 }
}

/** Of a packet that is cut the beginning is shown: bytes that fit no frame, and a hole. */
const wholeIn = (packets: readonly string[]): string[] => packets.filter(packet => packet.split(' ')[2] === 'frame')

test(
  `killed at any moment (${KILLS} of them), what went before the last second is there`,
  async () => {
    let most = 0
    for (let at = 0; at < KILLS; at++) {
      const path = await recordingPath()
      const { at: killed, sentAt } = await kill(path, Math.random() * LONGEST)
      const { packets, damage, bytes } = await readBack(path)
      const frames = wholeIn(packets)
      expect(frames.length).toBeGreaterThanOrEqual(sentAt(killed - 1_000))
      // Frames are numbered from 1: none is missing before the last.
      const text = bytes[0]?.client.toString('latin1') ?? ''
      for (const [number, one] of [...text.matchAll(/(\d+)\.+/g)].entries()) expect(Number(one[1])).toBe(number + 1)
      if (damage !== undefined) expect(damage).toContain('cut')
      expect((await stat(path)).mode & 0o777).toBe(0o600)
      most = Math.max(most, sentAt(killed) - frames.length)
    }
    // Something is lost, or this tests nothing.
    expect(most).toBeGreaterThan(0)
  },
  60_000 + KILLS * 10_000,
)

test('cut at any byte it opens, and what is whole is there', async () => {
  const { path } = await record(sink => {
    const talk = new Talk(sink).say('client', frame(1, 'hello')).say('server', frame(1, 'world'))
    talk.say('client', frame(2, 'ann\0secret')).end('client').end('server').close()
  })
  const bytes = await readFile(path)
  const whole = await readBack(path)
  let before = 0
  // A header that is cut is no capture yet: the first block is on the disk before anything is recorded.
  for (let length = bytes.readUInt32LE(4); length < bytes.length; length++) {
    const frames = wholeIn((await readBack(bytes.slice(0, length))).packets)
    expect(frames).toEqual(whole.packets.slice(0, frames.length))
    expect(frames.length).toBeGreaterThanOrEqual(before)
    before = frames.length
  }
  expect(before).toBe(whole.packets.length)
})
