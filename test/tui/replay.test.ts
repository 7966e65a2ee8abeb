import net from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { replaying } from '../../src/replaying.ts'
import { SEGMENT_ROWS } from '../../src/tui/model/segment.ts'
import { screenOf } from '../../src/tui/view/screen.ts'
import { AROUND, bytesOf, Client, linesOf, User } from './plant.ts'

/** A broker as far as is needed: it lets everybody in, and takes one message of each. Answers with its port. */
async function broker(answers = true): Promise<number> {
  const server = net.createServer(socket => {
    socket.on('error', () => {})
    socket.once('data', () => {
      if (!answers) return
      socket.write(bytesOf({ type: 'connack', sessionPresent: false, reasonCode: 0 }))
      socket.once('data', () => socket.write(bytesOf({ type: 'puback', packetId: 1 })))
    })
    onTestFinished(() => void socket.destroy())
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return (server.address() as net.AddressInfo).port
}

/** A user, and two clients that said a little. */
async function watching(options: Parameters<typeof User.sits>[0] = {}): Promise<User> {
  const replays = replaying({
    nowhere: 'Record it.',
    beside: flow => info => user.sink.add({ ...info, route: `replay of flow ${flow.id}` }),
  })
  const user = await User.sits({ replays, ...options })
  for (const id of [1, 2]) new Client(user.sink, id).publish(`plant/line-${id}`, 'warm')
  return user
}

/** Does what was asked for, and waits for the end of it. */
async function played(user: User): Promise<string[]> {
  for (const effect of user.effects.splice(0)) {
    if (effect.type === 'replay') await user.desk.play(effect.flow, effect.text)
  }
  return pane(user)
}

const pane = (user: User): string[] => {
  const lines = linesOf(screenOf(user.state, user.desk, AROUND)).map(line => line.trimEnd())
  return lines.slice(lines.findIndex(line => line.includes('9 replay')))
}

const foot = (user: User): string =>
  linesOf(screenOf(user.state, user.desk, AROUND))
    .at(-1)
    ?.trim() ?? ''

describe('r', () => {
  it('asks to whom the chosen connection is to be played, and suggests where it went on this machine', async () => {
    const user = await watching()
    expect(foot(user.press('g', 'r'))).toMatch(/^replay flow 1 to: 127\.0\.0\.1:1883 +✓ Enter plays it$/)
  })

  it('suggests no address elsewhere: that is for somebody to write', async () => {
    const user = await watching()
    const far = user.sink.open({
      id: 3,
      transport: 'stream',
      client: { host: '10.0.0.1', port: 50_000 },
      server: { host: '10.0.0.2', port: 1883 },
      started: 0,
      joined: 'start',
    })
    far.data('client', bytesOf({ ...HELLO, clientId: 'far' }), 1, 0, 0)
    expect(foot(user.press('G', 'r'))).toMatch(/^replay flow 3 to: +✗ to whom\?/)
  })

  it.each([
    ['localhost', /✗ localhost: no port to connect to/],
    ['dtls://localhost:5684', /✗ .*dtls/],
    ['localhost:1 --speed never', /✗ --speed never is neither a number above 0 nor max/],
    ['localhost:1 --spede 2', /✗ Unknown option '--spede'/],
    ['localhost:1 --copies 0', /✗ --copies 0 is no number above 0/],
  ])('of %s says what is wrong, and does nothing', async (text, trouble) => {
    const user = (await watching({ size: { columns: 160, rows: 40 } })).press('r', 'ctrl-u').type(text)
    expect(foot(user)).toMatch(trouble)
    user.press('enter')
    expect(user.effects).toEqual([])
    expect(user.state.prompt?.text).toBe(text)
  })

  it('is about the connection that was chosen when it was pressed, whatever comes meanwhile', async () => {
    const user = (await watching()).press('r')
    new Client(user.sink, 3).publish('plant/line-3', 'warm')
    expect(foot(user)).toMatch(/^replay flow 2 to/)
  })

  it('plays it to a broker, shows what comes of it as a new connection, and compares', async () => {
    const port = await broker()
    const user = (await watching()).press('g', 'r', 'ctrl-u').type(`127.0.0.1:${port}`).press('enter', '\\')
    const lines = await played(user)
    expect(lines[0]).toContain('9 replay of flow 1')
    expect(lines[1]).toMatch(/✓ the same {2}2 frames to 127\.0\.0\.1:\d+ in/)
    expect(lines.join('\n')).toMatch(/mqtt connect +1 +0 +0 +0 /)
    await vi.waitFor(() => expect(user.traffic.open).toBe(2))
    expect(user.traffic.flows.store.total).toBe(3)
    const flow = user.traffic.flows.store.get(3)?.flow
    expect(flow).toMatchObject({ frames: { client: 2, server: 2 }, route: 'replay of flow 1' })
    expect(flow?.facts.client.clientId).toBe('sensor-1')
  })

  it('is the command :replay as well, and what was written comes back with the arrow', async () => {
    const port = await broker()
    const user = (await watching()).press(':').type(`replay 127.0.0.1:${port} --speed max`).press('enter')
    expect((await played(user))[1]).toContain('✓ the same')
    expect(foot(user.press('r', 'ctrl-u').type('localhost:1').press('enter', 'r', 'up'))).toContain('to: localhost:1')
  })

  it('shows what did not come, and Esc stops it, then leaves', async () => {
    const port = await broker(false)
    const user = (await watching()).press('g', 'r', 'ctrl-u').type(`127.0.0.1:${port}`).press('enter', '\\')
    const over = played(user)
    await vi.waitFor(() => expect(user.desk.replay?.playing?.run.frames).toBe(1))
    expect(pane(user)[1]).toMatch(/… replaying .* Esc stops it/)
    expect(foot(user.press('2', 'r'))).toMatch(/✗ flow 1 is being replayed/)
    user.press('9', 'esc')
    expect(user.effects.splice(0)).toEqual([{ type: 'stop-replay' }])
    user.desk.replay?.stop()
    expect((await over)[1]).toMatch(/✗ stopped/)
    expect(pane(user).join('\n')).toMatch(/≠ different {2}connect sensor-1 {2}then ok Connection accepted {2}now un/)
    expect(pane(user).join('\n')).toMatch(/- missing {2}publish-confirm plant\/line-1 {2}then ok puback/)
    expect(pane(user.press('esc'))).toHaveLength(1)
  })

  it('says that nobody listens, and what to do', async () => {
    const user = (await watching()).press('r', 'ctrl-u').type('127.0.0.1:1').press('enter')
    const lines = await played(user)
    expect(lines[1]).toMatch(/✗ flow 2 was not replayed|✗ failed/)
    expect(lines[2]).toMatch(/! cannot connect to 127\.0\.0\.1:1/)
    expect(lines[3]).toContain('! See whether the broker listens there.')
  })

  it('says of a connection whose beginning is nowhere any more what would have helped', async () => {
    const user = await watching({ limits: { rows: SEGMENT_ROWS, bytes: 4 << 20 } })
    user.press('1', 'g')
    const client = new Client(user.sink, 3)
    for (let frame = 0; frame < 3 * SEGMENT_ROWS; frame++) client.publish('plant/line-3', 'warm')
    const lines = await played(user.press('r', 'enter'))
    expect(lines[1]).toContain('✗ flow 1 was not replayed')
    expect(lines[2]).toContain('! flow 1 is no longer in memory from its beginning')
    expect(lines[3]).toContain('! Record it.')
  })
})

const HELLO = { type: 'connect', protocolName: 'MQTT', protocolVersion: 4, cleanStart: true, keepAlive: 60 } as const
