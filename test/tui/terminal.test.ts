import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { jsonLines } from '../output/shown.ts'
import { metadataIn } from '../recording/record.ts'
import { noTmux, TmuxTerminal } from './tmux.ts'

/** The real program in a real terminal; skipped where there is no tmux. */

const CAPTURE = 'fixtures/mqtt/mqtt5_qos.pcap'
const SMALL = { columns: 80, rows: 24 }
const LARGE = { columns: 200, rows: 60 }
/** The shell is back. */
const ENDED = /\nready\$ *\n/

async function viewing(size: { columns: number; rows: number }, flags = '', settings = ''): Promise<TmuxTerminal> {
  const terminal = new TmuxTerminal(size)
  terminal.run(`${settings} mqinspect view ${CAPTURE} ${flags}`)
  // All of it was read.
  await terminal.shows(/^ mqinspect ((?!reading).)* 2 flows {2}183 frames .* findings/)
  await terminal.shows(/ \d+ of 183 *$/m)
  return terminal
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'mqinspect-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

/** Compares a screen with its picture, but for the line at the top, where findings are counted: there may be more rules. */
const pictured = (name: string, screen: string) =>
  expect(screen.slice(screen.indexOf('\n') + 1)).toMatchFileSnapshot(`screens/${name}.txt`)

describe.skipIf(noTmux)('a capture on a terminal', () => {
  test.each([
    ['80x24', SMALL],
    ['200x60', LARGE],
  ])('is seen at %s', async (name, size) => {
    const terminal = await viewing(size)
    await pictured(`frames-${name}`, terminal.screen())
    terminal.keys('/')
    terminal.keys('-l', 'mqtt.publish && mqtt.qos == 2')
    await terminal.shows('✓ Enter applies it')
    terminal.keys('Enter')
    await pictured(`filtered-${name}`, await terminal.settles(/mqtt\.qos == 2 +\d+ of \d+ *$/m))
    terminal.keys('6')
    await pictured(`ladder-${name}`, await terminal.settles(/═▶ 6 ladder .*\n.*│──/))
    terminal.keys('Escape')
    await terminal.shows(/^((?!▶ 6 ladder).)*$/s)
    terminal.keys('v')
    await pictured(`messages-${name}`, await terminal.settles('Destination'))
    terminal.keys('v')
    await pictured(`exchanges-${name}`, await terminal.settles('Outcome'))
    terminal.keys('v')
    await terminal.shows('Severity')
    await terminal.shows(/^▶?.*note .* #2 .*plaintext-credentials/m)
    terminal.keys('V')
    await terminal.shows('Outcome')
    terminal.keys('8')
    await pictured(`topology-${name}`, await terminal.settles('═▶ 8 topology'))
    terminal.keys('Escape')
    await terminal.shows(/^((?!▶ 8 topology).)*$/s)
    terminal.keys('?')
    await pictured(`help-${name}`, await terminal.settles('what works here'))
  })
})

describe.skipIf(noTmux)('the program', () => {
  test('has React as it is for production', async () => {
    const terminal = new TmuxTerminal({ ...SMALL, env: { NODE_OPTIONS: '--import=./test/tui/production.ts' } })
    terminal.run(`mqinspect view ${CAPTURE}`)
    await terminal.shows('183 frames')
  })
})

describe.skipIf(noTmux)('the terminal', () => {
  test('is as it was after q: its screen, its modes, its cursor', async () => {
    const terminal = new TmuxTerminal(SMALL)
    terminal.run(`echo before; mqinspect view ${CAPTURE}`)
    await terminal.shows('connect')
    expect([terminal.state('alternate_on'), terminal.state('mouse_any_flag')]).toEqual(['1', '1'])
    terminal.keys('q')
    await terminal.shows('before')
    await terminal.shows(ENDED)
    expect(terminal.state('alternate_on')).toBe('0')
    expect(terminal.state('mouse_any_flag')).toBe('0')
    expect(terminal.state('cursor_flag')).toBe('1')
    terminal.keys('echo typed', 'Enter')
    await terminal.shows(/\ntyped\n/)
  })

  test('is as it was after a crash, and the crash is told on it', async () => {
    const terminal = new TmuxTerminal({ ...SMALL, env: { NODE_OPTIONS: '--import=./test/tui/crash.ts' } })
    terminal.run(`mqinspect view ${CAPTURE}`)
    await terminal.shows('it was made to')
    await terminal.shows(ENDED)
    expect([terminal.state('alternate_on'), terminal.state('mouse_any_flag'), terminal.state('cursor_flag')]).toEqual([
      '0',
      '0',
      '1',
    ])
    terminal.keys('echo typed', 'Enter')
    await terminal.shows(/\ntyped\n/)
  })

  test('is given to the shell by Ctrl-Z, and drawn again after fg', async () => {
    const terminal = await viewing(SMALL)
    const before = terminal.screen()
    terminal.keys('C-z')
    await terminal.becomes('alternate_on', '0')
    await terminal.shows(/Stopped|Suspended/)
    terminal.keys('echo meanwhile', 'Enter')
    await terminal.shows(/\nmeanwhile\n/)
    terminal.keys('fg', 'Enter')
    await terminal.becomes('alternate_on', '1')
    await terminal.shows('connect')
    expect(terminal.screen()).toBe(before)
    terminal.keys('j', 'j')
    await terminal.shows(/^▶ +3 /m)
  })

  test('may be resized to anything, and back', async () => {
    const terminal = await viewing(SMALL)
    const before = terminal.screen()
    terminal.resize(200, 60)
    await terminal.shows('1 flows')
    terminal.resize(20, 5)
    await terminal.shows(/^(.{0,20}\n){5}$/)
    terminal.resize(80, 24)
    await terminal.shows(/details of frame 1/)
    await terminal.shows(before.trim().split('\n').at(-1) as string)
    expect(terminal.screen()).toBe(before)
  })

  test('has no colours with NO_COLOR, and its own or all of them without', async () => {
    const none = await viewing(SMALL, '', 'NO_COLOR=1')
    expect(none.colours()).not.toMatch(/\[(\d+;)*[34][0-8]/)
    const own = await viewing(SMALL, '', 'TERM=xterm')
    expect(own.colours()).toMatch(/\[(\d+;)*3[0-7]/)
    const all = await viewing(SMALL, '', 'COLORTERM=truecolor')
    expect(all.screen()).toBe(none.screen())
    expect(own.screen()).toBe(none.screen())
  })

  test('has a mouse: the wheel scrolls, a press chooses a row, and a pane', async () => {
    const terminal = await viewing(SMALL)
    terminal.bytes('\x1b[<0;10;7M')
    await terminal.shows(/^▶ +3 /m)
    terminal.bytes('\x1b[<0;10;14M')
    await terminal.shows('═▶ 3 details of frame 3')
    terminal.bytes('\x1b[<65;10;7M')
    await terminal.shows(/Length Info\n[▶ ] +4 /)
  })

  test('takes what is copied (OSC 52)', async () => {
    const terminal = await viewing(SMALL)
    terminal.keys('y')
    await terminal.shows('✓ copied frame 1')
    expect(JSON.parse(terminal.clipboard())).toMatchObject({ frame: 1, type: 'connect' })
  })
})

describe.skipIf(noTmux)('rows', () => {
  test('that are shown are saved as NDJSON, as decode has them', async () => {
    const terminal = await viewing(SMALL, "-Y 'mqtt.publish'")
    const path = join(await folder(), 'publishes.ndjson')
    terminal.keys('w', 'C-u')
    terminal.keys('-l', path)
    terminal.keys('Enter')
    await terminal.shows(/✓ \d+ rows in/)
    const rows = jsonLines(await readFile(path, 'utf8'))
    expect(rows.length).toBeGreaterThan(1)
    for (const row of rows) expect(row).toMatchObject({ type: 'publish', protocol: 'mqtt', mqtt: {} })
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  test('one of them is exported, and a file that is there is left alone', async () => {
    const terminal = await viewing(SMALL)
    const path = join(await folder(), 'row.json')
    for (const answer of ['✓ 1 row in', '✗ .*file already exists']) {
      terminal.keys('x', 'C-u')
      terminal.keys('-l', path)
      terminal.keys('Enter')
      await terminal.shows(new RegExp(answer))
    }
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ frame: 1, type: 'connect' })
  })
})

describe.skipIf(noTmux)('mqinspect proxy on a terminal', () => {
  /** An MQTT broker as far as is needed. */
  let port: number
  beforeAll(async () => {
    const server = net.createServer(socket => {
      socket.on('error', () => {})
      socket.once('data', () => {
        socket.write(Buffer.from('20020000', 'hex'))
        socket.on('data', data => socket.write(Buffer.concat(Array(data.length / 2).fill(Buffer.from('d000', 'hex')))))
      })
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    port = (server.address() as net.AddressInfo).port
    return () => void server.close()
  })

  /** Connects as MQTT clients do, and pings. */
  async function client(to: number): Promise<net.Socket> {
    const socket = net.connect(to, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    socket.write(Buffer.from('101b00044d51545404c2003c00026d650003616e6e0006733363726574', 'hex'))
    await new Promise(resolve => socket.once('data', resolve))
    socket.write(Buffer.from('c000', 'hex'))
    await new Promise(resolve => socket.once('data', resolve))
    return socket
  }

  test('shows what passes, keeps connections at the first q, and says at the end where it was recorded', async () => {
    const path = join(await folder(), 'r.pcapng')
    const terminal = new TmuxTerminal({ columns: 120, rows: 30 })
    terminal.run(`mqinspect proxy 127.0.0.1:0=127.0.0.1:${port} -w ${path}`)
    const listening = await terminal.shows(/127\.0\.0\.1:(\d+) → /)
    await client(Number(/127\.0\.0\.1:(\d+) → /.exec(listening)?.[1]))
    const screen = await terminal.shows('pingresp')
    expect(screen).toMatch(/ mqinspect ● REC 127\.0\.0\.1:/)
    expect(screen).toMatch(/ 1 flow \(1 open\) +4 frames/)
    expect(screen).not.toContain('s3cret')
    terminal.keys('q')
    await terminal.shows('1 connection goes through here')
    terminal.keys('q')
    await terminal.shows(new RegExp(`recorded in ${path}`))
    expect(terminal.state('alternate_on')).toBe('0')
  })

  test('Ctrl-C ends it in order, with the exit code of what is interrupted', async () => {
    const terminal = new TmuxTerminal({ columns: 120, rows: 30 })
    terminal.run(`mqinspect proxy 127.0.0.1:0=127.0.0.1:${port}; echo code $?`)
    await terminal.shows(/127\.0\.0\.1:(\d+) → /)
    await terminal.becomes('alternate_on', '1')
    terminal.keys('C-c')
    await terminal.shows('code 130')
    expect(terminal.state('alternate_on')).toBe('0')
  })

  test.each(['', '--no-tui'])('a terminal that is closed ends it in order: the recording is whole (%s)', async flag => {
    const path = join(await folder(), 'r.pcapng')
    const terminal = new TmuxTerminal({ columns: 120, rows: 30 })
    terminal.run(`mqinspect proxy 127.0.0.1:0=127.0.0.1:${port} -w ${path} ${flag}`)
    const listening = await terminal.shows(/127\.0\.0\.1:(\d+) → /)
    const socket = await client(Number(/127\.0\.0\.1:(\d+) → /.exec(listening)?.[1]))
    await terminal.shows('pingresp')
    const closed = once(socket, 'close')
    terminal.close()
    await closed
    const index = async () => metadataIn(await readFile(path), 'index').length
    await expect.poll(index, { timeout: 25_000 }).toBe(1)
  })

  test('prints lines with --no-tui, and where its output goes elsewhere', async () => {
    const terminal = new TmuxTerminal({ columns: 120, rows: 30 })
    terminal.run(`mqinspect proxy 127.0.0.1:0=127.0.0.1:${port} --no-tui`)
    const listening = await terminal.shows(/127\.0\.0\.1:(\d+) → /)
    await client(Number(/127\.0\.0\.1:(\d+) → /.exec(listening)?.[1]))
    await terminal.shows(/^ +4 .*pingresp/m)
    expect(terminal.state('alternate_on')).toBe('0')
  })
})
