import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { again } from '../../src/again.ts'
import type { Sink } from '../../src/flow.ts'
import { inspection } from '../../src/inspection.ts'
import { Inspector } from '../../src/inspector.ts'
import type { Row } from '../../src/output/index.ts'
import { Recorder } from '../../src/recording/index.ts'
import type { Again } from '../../src/tui/model/past.ts'
import { SEGMENT_ROWS } from '../../src/tui/model/segment.ts'
import { screenOf } from '../../src/tui/view/screen.ts'
import { AROUND, Client, linesOf, ORIGIN, User } from './plant.ts'

/** One segment full, and one that fills: far less than passes. */
const LIMITS = { rows: SEGMENT_ROWS, bytes: 8 << 20 }
const FRAMES = 2.5 * SEGMENT_ROWS

function* talk(sink: Sink, frames: number): Generator<number> {
  const [one, two] = [new Client(sink, 1), new Client(sink, 2)]
  for (let frame = 4; frame < frames; frame += 4) {
    one.publish(`plant/line-1/${frame}`, `${frame}`)
    two.publish(`plant/line-2/${frame}`, `${frame}`)
    yield frame
  }
}

function chatter(sink: Sink, frames: number): void {
  for (const _ of talk(sink, frames));
}

/** The same, as sockets deliver it: what else there is to do is done meanwhile. */
async function slowly(sink: Sink, frames: number): Promise<void> {
  for (const frame of talk(sink, frames)) if (frame % 2_000 === 0) await sleep(1)
}

describe('of more than can be kept', () => {
  it('the newest is kept, and all is counted', async () => {
    const user = await User.sits({ limits: LIMITS })
    chatter(user.sink, FRAMES)
    const { numbers, store } = user.desk.table('frames')
    expect(store.total).toBe(FRAMES)
    expect(numbers.length).toBeGreaterThanOrEqual(LIMITS.rows)
    expect(numbers.length).toBeLessThanOrEqual(LIMITS.rows + SEGMENT_ROWS)
    expect(numbers.at(numbers.length - 1)).toBe(FRAMES)
    expect(store.get(1)).toBeUndefined()
    expect(user.press('g').chosen).toBe(numbers.at(0))
  })

  it('what one looks at stays while one looks at it', async () => {
    const user = await User.sits({ limits: LIMITS })
    const client = new Client(user.sink, 1)
    client.publish('plant', 'first')
    user.press('k')
    chatter(user.sink, FRAMES)
    expect(user.chosen).toBe(3)
    expect(user.desk.subject(user.state)?.body?.content.value).toBe('first')
    expect(user.press('F').chosen).toBe(4 + FRAMES)
    client.publish('plant', 'last')
    expect(user.traffic.kept.get(3)).toBeUndefined()
  })

  it('what was looked at stays what it was, though its place is used anew', async () => {
    const user = await User.sits({ limits: LIMITS })
    new Client(user.sink, 1).publish('plant', 'first')
    // One that fills most of what it is kept in is no exception.
    new Client(user.sink, 2).publish('large', 'x'.repeat(3 << 20))
    const { store } = user.desk.table('frames')
    const rows = [3, 7].map(number => store.get(number) as Row)
    const before = rows.map(({ packet }) => Buffer.from(packet.bytes).toString('hex'))
    chatter(user.sink, 2 * FRAMES)
    expect(user.traffic.kept.get(7)).toBeUndefined()
    expect(rows.map(({ packet }) => Buffer.from(packet.bytes).toString('hex'))).toEqual(before)
  })

  it('a filter says how much passed before it was asked', async () => {
    const user = await User.sits({ limits: LIMITS })
    user.press('/').type('mqtt.publish').press('enter')
    chatter(user.sink, FRAMES)
    const table = user.settle().desk.table('frames')
    expect(table.missed).toBeGreaterThan(0)
    // Of two frames, one is a publish; the first four are none.
    const asked = FRAMES - table.missed
    expect(Math.abs(table.numbers.length - asked / 2)).toBeLessThanOrEqual(4)
  })
})

describe('what is no longer kept', () => {
  it('is read from the recording, each frame as it was', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mqinspect-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const path = join(folder, 'recording.pcapng')
    const recorder = await Recorder.create(path)
    const user = await User.sits({
      limits: LIMITS,
      size: { columns: 120, rows: 30 },
      again: (observer, signal) => again({ path, decodeAs: [] }, observer, signal),
    })
    const sink = recorder.tap(new Inspector(inspection(), recorder.observe(user.traffic.observer)))
    sink.start(ORIGIN)
    await slowly(sink, FRAMES)
    await vi.waitFor(async () => expect((await stat(path)).size).toBeGreaterThan(FRAMES * 60), 10_000)

    user.press('g', '\\')
    const seen = (): string => linesOf(screenOf(user.state, user.desk, AROUND)).join('\n')
    expect(user.chosen).toBeUndefined()
    expect(seen()).toContain('being read')
    await vi.waitFor(() => expect(seen()).not.toContain('being read'), 20_000)
    expect(user.chosen).toBe(1)
    expect(seen()).toMatch(/ 1 06:46:00\.002000 +#1 → mqtt +connect .*client=sensor-1/)
    expect(seen()).not.toContain('s3cret')
    for (const frame of [1000, SEGMENT_ROWS, SEGMENT_ROWS + 2]) {
      user.press(':').type(String(frame)).press('enter')
      await vi.waitFor(() => expect(seen()).not.toContain('being read'), 20_000)
      expect(user.chosen).toBe(frame)
      // Frames come in fours: publish and puback of one client, then of the other.
      const at = 4 * Math.floor((frame - 5) / 4) + 4
      const publish = (frame - 5) % 2 === 0
      const row = user.desk.subject(user.state)?.row as { title: string }
      expect(row.title).toMatch(publish ? new RegExp(`^publish plant/line-\\d/${at} `) : /^puback id=\d+$/)
    }
    await recorder.finish()
  })

  it('is not shown in place of something else, where the recording lacks some of it', async () => {
    const again: Again = async observer => {
      const sink = new Inspector(inspection(), observer)
      sink.start(ORIGIN)
      const client = new Client(sink, 1)
      for (let count = 0; count < FRAMES; count++) client.say('client', { type: 'pingreq' })
    }
    const trouble: (string | undefined)[] = []
    const user = await User.sits({ limits: LIMITS, again })
    user.traffic.onPast = text => trouble.push(text)
    chatter(user.sink, FRAMES)
    user.press('g', ':').type('6000').press('enter')
    linesOf(screenOf(user.state, user.desk, AROUND))
    await vi.waitFor(() => expect(trouble.at(-1)).toMatch(/lacks some of what passed before frame 4097/))
    expect(user.chosen).toBeUndefined()
  })

  it('is said to be missing where it is nowhere', async () => {
    const trouble: (string | undefined)[] = []
    const user = await User.sits({ limits: LIMITS, again: () => Promise.resolve() })
    user.traffic.onPast = text => trouble.push(text)
    chatter(user.sink, FRAMES)
    user.press('g')
    linesOf(screenOf(user.state, user.desk, AROUND))
    await vi.waitFor(() => expect(trouble).toEqual(['frame 1 is not in what was recorded']))
  })
})
