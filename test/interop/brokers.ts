import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

/** Real brokers, each on free ports of loopback with all its files in a temporary directory. */

export interface Broker {
  /** For the protocol asked for first. */
  readonly port: number
  readonly stop: () => Promise<void>
  /** To its process: SIGSTOP is a broker that hangs. */
  readonly signal: (name: NodeJS.Signals) => void
}

/** In CI a broker that is not there is a failure: a test that does not run proves nothing. */
const REQUIRED = process.env.MQINSPECT_REQUIRE_BROKERS === '1'

/** Debian puts brokers where a user's PATH may not look. */
const ENV = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/usr/local/sbin` }

/** Whether tests of this broker (a command, or a file it needs) cannot run, and so are skipped: for `describe.skipIf`. */
export function isMissing(command: string): boolean {
  const missing = command.startsWith('/')
    ? !existsSync(command)
    : spawnSync('sh', ['-c', `command -v ${command}`], { env: ENV }).status !== 0
  if (missing && REQUIRED) throw new Error(`${command} is not installed, and MQINSPECT_REQUIRE_BROKERS=1`)
  return missing
}

/** Systems take ports for connections from above these, and those of services that are known are below. */
const [LEAST, MOST] = [15_000, 32_000] as const

/**
 * Ports on loopback that nobody has. None of those that the system gives to connections: one of them may take it before
 * the broker does.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = []
  while (ports.length < count) {
    const port = randomInt(LEAST, MOST)
    if (!ports.includes(port) && (await isFree(port))) ports.push(port)
  }
  return ports
}

function isFree(port: number): Promise<boolean> {
  const server = net.createServer()
  return new Promise(resolve => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

async function answering(port: number, child: ChildProcess, output: () => string): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(50)) {
    if (child.exitCode !== null) throw new Error(`the broker ended with ${child.exitCode}:\n${output()}`)
    const socket = net.connect(port, '127.0.0.1')
    const there = await new Promise(resolve => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    })
    socket.destroy()
    if (there) return
  }
  throw new Error(`the broker does not answer on port ${port}:\n${output()}`)
}

/** Starts a broker's process; resolves when it answers. */
export async function start(
  command: string,
  args: readonly string[],
  { port, folder, env = {} }: { readonly port: number; readonly folder: string; readonly env?: NodeJS.ProcessEnv },
): Promise<Broker> {
  const child = spawn(command, args, { cwd: folder, env: { ...ENV, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', data => (output = (output + data).slice(-10_000)))
  const ended = once(child, 'close')
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    const forced = setTimeout(() => child.kill('SIGKILL'), 20_000)
    await ended
    clearTimeout(forced)
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    await answering(port, child, () => output)
  } catch (error) {
    await stop()
    throw error
  }
  return { port, stop, signal: name => child.kill(name) }
}

export const folderFor = (name: string): string => mkdtempSync(join(tmpdir(), `mqinspect-${name}-`))

/** RabbitMQ with these plugins; `listeners` become lines of its configuration, with a free port each; `more` are such. */
export async function rabbitmq(
  plugins: readonly string[] = [],
  listeners: readonly string[] = [],
  more: readonly string[] = [],
): Promise<Broker & { readonly ports: readonly number[]; readonly control: (...args: string[]) => Promise<unknown> }> {
  const folder = folderFor('rabbitmq')
  const [port, distribution, ...ports] = (await freePorts(2 + listeners.length)) as [number, number, ...number[]]
  const lines = [
    `listeners.tcp.default = 127.0.0.1:${port}`,
    'loopback_users = none',
    'log.console = true',
    'log.console.level = warning',
    'log.file = false',
    ...listeners.map((listener, at) => `${listener} = 127.0.0.1:${ports[at]}`),
    ...more,
  ]
  writeFileSync(join(folder, 'rabbitmq.conf'), `${lines.join('\n')}\n`)
  writeFileSync(join(folder, 'enabled_plugins'), `[${plugins.join(',')}].\n`)
  const env = {
    HOME: folder,
    RABBITMQ_NODENAME: `mqinspect-${process.pid}-${port}@localhost`,
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_DIST_PORT: String(distribution),
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
    RABBITMQ_PID_FILE: join(folder, 'pid'),
    // Two schedulers that sleep when there is nothing to do: tests share their machine.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none',
  }
  const control = (...args: string[]): Promise<unknown> =>
    promisify(execFile)(scriptOf('rabbitmqctl'), ['-n', env.RABBITMQ_NODENAME, ...args], { env: { ...ENV, ...env } })
  return { ...(await start(scriptOf('rabbitmq-server'), [], { port, folder, env })), ports, control }
}

/** Debian's wrappers change to a user of their own, who could not read our files. */
function scriptOf(name: string): string {
  const path = `/usr/lib/rabbitmq/bin/${name}`
  return existsSync(path) ? path : name
}

/** Mosquitto, with a WebSocket listener beside the plain one; `lines` are added to its configuration. */
export async function mosquitto(lines: readonly string[] = []): Promise<Broker & { readonly wsPort: number }> {
  const folder = folderFor('mosquitto')
  const [port, wsPort] = (await freePorts(2)) as [number, number]
  const websockets = [`listener ${wsPort} 127.0.0.1`, 'protocol websockets']
  const config = [`listener ${port} 127.0.0.1`, 'allow_anonymous true', ...lines, ...websockets]
  writeFileSync(join(folder, 'mosquitto.conf'), `${config.join('\n')}\n`)
  return { ...(await start('mosquitto', ['-c', join(folder, 'mosquitto.conf')], { port, folder })), wsPort }
}

/** libcoap's server, which makes a resource of whatever is put. */
export async function coapServer(): Promise<Broker> {
  const folder = folderFor('coap')
  const [port] = (await freePorts(1)) as [number]
  return start('coap-server-notls', ['-A', '127.0.0.1', '-p', String(port), '-d', '10'], { port, folder })
}

/** The output of a program that comes with a broker. */
export const run = async (command: string, ...args: readonly string[]): Promise<string> =>
  (await promisify(execFile)(command, [...args], { env: ENV })).stdout
