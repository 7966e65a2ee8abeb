import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectAsync } from 'mqtt'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { isMissing, mosquitto } from '../interop/brokers.ts'
import { noTmux, TmuxTerminal } from './tmux.ts'

/** The real program in a real terminal, and a real broker; skipped where there is neither. */

const SIZE = { columns: 120, rows: 40 }

describe.skipIf(noTmux || isMissing('mosquitto'))('r, beside Mosquitto', () => {
  let broker: Awaited<ReturnType<typeof mosquitto>>

  beforeAll(async () => {
    broker = await mosquitto(process.getuid?.() === 0 ? ['user root'] : [])
  })

  afterAll(() => broker?.stop())

  /** Logs in by name, publishes, and leaves. */
  async function publish(port: number): Promise<void> {
    const client = await connectAsync(`mqtt://ann:s3cret@127.0.0.1:${port}`, { clientId: 'ann-1' })
    await client.publishAsync('plant/line-1', 'warm', { qos: 1 })
    await client.endAsync()
  }

  async function proxying(...flags: readonly string[]): Promise<{ terminal: TmuxTerminal; port: number }> {
    const terminal = new TmuxTerminal(SIZE)
    terminal.run(`mqinspect proxy 127.0.0.1:0=127.0.0.1:${broker.port} ${flags.join(' ')}`)
    const listening = await terminal.shows(/127\.0\.0\.1:(\d+) → /)
    await terminal.becomes('alternate_on', '1')
    return { terminal, port: Number(/127\.0\.0\.1:(\d+) → /.exec(listening)?.[1]) }
  }

  test('plays a connection that goes through the proxy to its upstream: a new one, the same as the one before', async () => {
    const { terminal, port } = await proxying()
    await publish(port)
    await terminal.shows(/ 1 flow {2}5 frames/)
    terminal.keys('r')
    await terminal.shows(new RegExp(`^replay flow 1 to: 127\\.0\\.0\\.1:${broker.port} +✓ Enter plays it`, 'm'))
    terminal.keys('Enter')
    const screen = await terminal.shows('✓ the same')
    expect(screen).toMatch(/═▶ 9 replay of flow 1 /)
    expect(screen).toMatch(/mqtt publish-confirm +1 +0 +0 +0/)
    // With the password that nobody has seen, as the proxy still has it.
    expect(screen).not.toContain('s3cret')
    await terminal.shows(/ 2 flows {2}10 frames/)
    terminal.keys('Escape')
    await terminal.shows(/^((?!9 replay of).)*$/s)
  })

  test('of a recording asks for the password that was overwritten; with it, it is the same', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mqinspect-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const path = join(folder, 'r.pcapng')
    const { terminal, port } = await proxying('-w', path)
    await publish(port)
    await terminal.shows(/ 1 flow {2}5 frames/)
    terminal.keys('q')
    await terminal.shows(`recorded in ${path}`)
    terminal.run(`mqinspect view ${path}`)
    await terminal.shows(/ 1 flow {2}5 frames/)
    terminal.keys('r')
    await terminal.shows('Enter plays it')
    terminal.keys('Enter')
    await terminal.shows('! flow 1: the recording has no password of ann: it was overwritten')
    await terminal.shows('! Give --user and --password')
    terminal.keys('r', 'Up')
    terminal.keys('-l', ' --user ann --password s3cret')
    terminal.keys('Enter')
    await terminal.shows('✓ the same')
  })

  test('says that a connection that is being replayed waits, and Esc stops it', async () => {
    const terminal = new TmuxTerminal(SIZE)
    // A subscriber: what it got, somebody else published, who is not played.
    terminal.run('mqinspect view fixtures/mqtt/mqtt311_qos.pcap')
    await terminal.shows('184 frames')
    terminal.keys('-l', `:replay 127.0.0.1:${broker.port}`)
    terminal.keys('Enter')
    await terminal.shows(/… replaying .* Esc stops it/)
    terminal.keys('Escape')
    await terminal.shows('✗ stopped: what is missing below was not done')
    await terminal.shows(/missing .* deliver q\/0/)
    terminal.keys('q', 'q')
    await terminal.becomes('alternate_on', '0')
  })
})
