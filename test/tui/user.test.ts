import { describe, expect, it } from 'vitest'
import type { FlowSink } from '../../src/flow.ts'
import { steady } from '../../src/steady.ts'
import { Client, User } from './plant.ts'

/** A user, and two clients that have said a little: ten frames. */
async function watching(options: Parameters<typeof User.sits>[0] = {}) {
  const user = await User.sits(options)
  const [one, two] = [new Client(user.sink, 1), new Client(user.sink, 2, 'gateway')]
  one.publish('plant/line-1/temperature', '{"celsius":21.5}')
  two.publish('plant/line-2/pressure', '{"bar":3}')
  one.publish('plant/line-1/temperature', '{"celsius":22}')
  return { user, one, two }
}

describe('the chosen row', () => {
  it('is the newest, as long as one follows', async () => {
    const { user, one } = await watching()
    expect(user.chosen).toBe(10)
    one.publish('plant', 'more')
    expect(user.chosen).toBe(12)
  })

  it('stays what it is while others arrive, and so does what is around it', async () => {
    const { user, one } = await watching({ size: { columns: 80, rows: 24 } })
    user.press('k', 'k')
    const before = [user.chosen, user.state.lists.frames.top]
    for (let count = 0; count < 500; count++) one.publish('plant', 'more')
    expect([user.chosen, user.state.lists.frames.top]).toEqual(before)
    expect(before[0]).toBe(8)
  })

  it('stays through a filter that lets it pass, and through the end of the filter', async () => {
    const { user } = await watching()
    user.press('k').press('/').type('mqtt.publish').press('enter').settle()
    expect(user.chosen).toBe(9)
    user.press('/', 'ctrl-u', 'enter').settle()
    expect(user.chosen).toBe(9)
  })

  it('is one for each kind of rows', async () => {
    const { user } = await watching()
    user.press('g', 'v')
    expect([user.state.kind, user.chosen]).toEqual(['messages', 3])
    user.press('k', 'V')
    expect([user.state.kind, user.chosen]).toEqual(['frames', 1])
    expect(user.press('v').chosen).toBe(2)
  })

  it('follows again when told to', async () => {
    const { user, one } = await watching()
    user.press('g')
    expect(user.chosen).toBe(1)
    one.publish('plant', 'more')
    expect(user.press('F').chosen).toBe(12)
  })
})

describe('keys of less, vim, mitmproxy and termshark', () => {
  it.each<[string, string[], number]>([
    ['g is the first', ['g'], 1],
    ['G is the last', ['g', 'G'], 10],
    ['j and k are one down and up', ['g', 'j', 'j', 'k'], 2],
    ['arrows are too', ['g', 'down', 'down', 'up'], 2],
    ["m and ' go back to a mark", ['g', 'j', 'm', 'a', 'G', "'", 'a'], 2],
    ["'' goes back to where one was", ['g', 'm', 'a', 'G', "'", 'a', "'", "'"], 10],
    [': and a number goes to that row', ['g', ':', '7', 'enter'], 7],
  ])('%s', async (_, keys, expected) => {
    const { user } = await watching()
    expect(user.press(...keys).chosen).toBe(expected)
  })

  it('a mark that is not set is said, with those that are', async () => {
    const { user } = await watching()
    user.press('m', 'a', "'", 'b')
    expect(user.state.note).toEqual({ text: 'no mark b; there is a', trouble: true })
  })

  it('q leaves what was opened last, then asks whether connections are to end', async () => {
    const { user } = await watching()
    user.press('?', 'q')
    expect(user.state.help).toBe(false)
    user.press('6')
    expect(user.state.layout.panes).toContain('ladder')
    user.press('q', 'q')
    expect(user.state.layout.panes).not.toContain('ladder')
    expect(user.effects).toEqual([])
    expect(user.state.leaving).toBe(true)
    user.press('j').press('q', 'q')
    expect(user.effects).toEqual([{ type: 'quit' }])
  })
})

describe('a filter', () => {
  it('is told to be right or wrong while it is being written, and where', async () => {
    const { user } = await watching()
    user.press('/').type('mqtt.qos >')
    expect(user.desk.check('frames', 'mqtt.qos >')).toMatchObject({ ok: false })
    expect(user.desk.check('frames', 'mqtt.qos > 0')).toMatchObject({ ok: true })
    expect(user.desk.check('frames', 'mqtt.toppic == "a"')).toMatchObject({ ok: false, start: 0, end: 11 })
    user.press('enter')
    expect(user.state.prompt?.text, 'stays to be mended').toBe('mqtt.qos >')
    user.type(' 0').press('enter')
    expect(user.state).toMatchObject({ prompt: undefined, filters: { frames: 'mqtt.qos > 0' } })
  })

  it('is completed by tab, and had again from the history by up', async () => {
    const { user } = await watching()
    user.press('/').type('mqtt.topi').press('tab')
    expect(user.state.prompt?.text).toBe('mqtt.topic')
    user.type(' contains "line-2"').press('enter').settle()
    expect(user.desk.numbers('frames').length).toBe(1)
    user.press('/', 'ctrl-u', 'enter', '/', 'up')
    expect(user.state.prompt?.text).toBe('mqtt.topic contains "line-2"')
  })

  it('is asked of rows that arrive later too', async () => {
    const { user, two } = await watching()
    user.press('/').type('mqtt.topic ~ "plant/+/pressure"').press('enter').settle()
    expect(user.chosen).toBe(7)
    two.publish('plant/line-2/pressure', '{"bar":4}')
    expect(user.settle().chosen).toBe(11)
  })

  it('comes from a field of the details', async () => {
    const { user } = await watching()
    user.press('k', '3')
    while (
      !user.desk.twigs(user.state).some(({ path }) => path === user.state.chosen.details && path.endsWith('/topic'))
    )
      user.press('j')
    user.press('f')
    expect(user.state.prompt?.text).toBe('mqtt.topic == "plant/line-1/temperature"')
  })

  it('of a connection is what Enter on it gives', async () => {
    const { user } = await watching()
    user.press('1', 'j', 'enter').settle()
    expect(user.state.filters.frames).toBe('flow == 2')
    expect(user.desk.numbers('frames').length).toBe(4)
  })
})

describe('what is seen', () => {
  it('is frozen while counting goes on', async () => {
    const { user, one } = await watching()
    user.press('p')
    for (let count = 0; count < 50; count++) one.publish('plant', 'more')
    expect(user.desk.numbers('frames').length).toBe(10)
    expect(user.traffic.kept.total).toBe(110)
    expect(user.desk.table('frames').behind).toBe(100)
    expect(user.press('p').desk.numbers('frames').length).toBe(110)
  })

  it('is sorted by a column, either way, and no more', async () => {
    const { user } = await watching()
    const lengths = (): number[] => {
      const { numbers, store } = user.settle().desk.table('frames')
      return Array.from({ length: numbers.length }, (_, at) => store.get(numbers.at(at)).packet.length)
    }
    const { columns } = user.desk.table('frames').kind
    while (columns[user.state.sorts.frames?.column ?? -1]?.title !== 'Length') user.press('o')
    expect(lengths()).toEqual([...lengths()].sort((a, b) => a - b))
    user.press('O')
    expect(lengths()).toEqual([...lengths()].sort((a, b) => b - a))
    while (user.state.sorts.frames !== undefined) user.press('o')
    expect(user.press('g').chosen).toBe(1)
  })

  it('is copied as what has the keys: a row, a field, bytes, a body', async () => {
    const { user } = await watching()
    user.press('k', 'y', '5', 'y', '3', 'j', 'y', '4', 'y')
    const texts = user.effects.map(effect => (effect.type === 'copy' ? effect.text : ''))
    expect(JSON.parse(texts[0] as string)).toMatchObject({ frame: 9, type: 'publish', mqtt: { qos: 1 } })
    expect(JSON.parse(texts[1] as string)).toEqual({ celsius: 22 })
    expect(texts[2]).toBe('50')
    expect(texts[3]).toBe('32')
  })

  it('has no secrets, neither on the clipboard', async () => {
    const { user } = await watching()
    user.press('g', 'y', '4', 'G', 'y')
    for (const effect of user.effects) {
      expect(JSON.stringify(effect)).not.toContain('s3cret')
      expect(JSON.stringify(effect)).not.toContain(Buffer.from('s3cret').toString('hex'))
    }
    expect(user.effects).toHaveLength(2)
    expect(user.effects[1]).toEqual({ type: 'copy', text: '***' })
  })
})

describe('what is kept of live traffic', () => {
  it('stays as it was, though sockets are read into one buffer over and over', async () => {
    const user = await User.sits()
    const buffer = new Uint8Array(1 << 17).subarray(0, 1 << 16)
    const lending = steady(user.sink)
    const client = new Client(
      {
        ...lending,
        open(info) {
          const flow = lending.open(info)
          const data: FlowSink['data'] = (side, bytes, ...rest) => {
            buffer.fill(0)
            buffer.set(bytes)
            flow.data(side, buffer.subarray(0, bytes.length), ...rest)
            buffer.fill(0xff)
          }
          return { data, gap: flow.gap.bind(flow), end: flow.end.bind(flow), close: flow.close.bind(flow) }
        },
      },
      1,
    )
    for (const word of ['one', 'two', 'three']) client.publish('plant', word)
    const { numbers, store } = user.press('v').desk.table('messages')
    expect(Array.from({ length: numbers.length }, (_, at) => store.get(numbers.at(at)).body)).toEqual([
      'one',
      'two',
      'three',
    ])
  })
})

describe('the field under the cursor, and the byte', () => {
  it('lead to each other', async () => {
    const { user } = await watching()
    user.press('k', '4', 'g')
    const at = (offset: number): string | undefined => {
      user.press('g', ...Array<string>(offset).fill('l'))
      return user.state.chosen.details
    }
    expect(at(0)).toMatch(/packetType$/)
    expect(at(1)).toMatch(/remainingLength$/)
    expect(at(4)).toMatch(/topic$/)
  })
})
