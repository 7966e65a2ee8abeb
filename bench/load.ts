/**
 * Load generators beside each other: mqinspect and the clients of each protocol, in turn, against a sink that is no
 * limit, and against a real broker. Each generator is a process of its own; it runs with few and with many messages, and
 * what the difference costs is what messages cost, start-up, connecting and compiling left out.
 *
 *     npm run build && node bench/load.ts [--rounds 3] [--count 500000] [--only mqtt] [--sink | --broker]
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { coapServer, isMissing, mosquitto, rabbitmq } from '../test/interop/brokers.ts'
import { type Cost, OURS, run } from './process.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    /** Messages of the long runs, of what is fastest; others send fewer. */
    count: { type: 'string', default: '500000' },
    only: { type: 'string', default: '' },
    sink: { type: 'boolean', default: false },
    broker: { type: 'boolean', default: false },
  },
})
const ROUNDS = Number(values.rounds)
/** How many times as many messages the long runs have as the short ones. */
const FACTOR = 5

interface Generator {
  readonly name: string
  /** Of the long run, relative to `--count`: so many that each is busy for a second or so. */
  readonly share: number
  readonly command: (port: number, count: number) => readonly string[]
}

interface Case {
  readonly name: string
  readonly sink: string
  /** None: it is measured at the sink alone. */
  readonly broker?: Broker
  readonly ours: Generator
  readonly peers: readonly Generator[]
}

/** Something that is sent to: its port, and the process whose time it takes. */
interface Target {
  readonly port: number
  readonly pid: number
  readonly stop: () => Promise<void>
}

interface Broker {
  readonly name: string
  readonly command: string
  readonly start: () => Promise<Target>
}

const CLIENTS = fileURLToPath(new URL('load/peers.ts', import.meta.url))
const SINK = fileURLToPath(new URL('load/sink.ts', import.meta.url))

const ours = (scheme: string, share: number, window: number, ...options: readonly string[]): Generator => ({
  name: 'mqinspect',
  share,
  command: (port, count) => [
    ...[...OURS, 'load', `${scheme}://127.0.0.1:${port}`, '-y', '0', '--rate', 'max', '-s', '100', '-q'],
    ...['-c', String(count), '--in-flight', String(window), ...options],
  ],
})

/** The sink sends as many messages as what is consumed ends with; it says so when they are over by sending no more. */
const consuming = (scheme: string, share: number, ...options: readonly string[]): Generator => ({
  name: 'mqinspect',
  share,
  command: (port, count) => [
    ...[...OURS, 'load', `${scheme}://127.0.0.1:${port}`, '-x', '0', '-y', '1', '-q', '--until-idle', '1s'],
    ...['--source', `mqinspect/load/${count}`, ...options],
  ],
})

/** Nobody consumes: a queue keeps the last so many. */
const LIMIT = ['-o', 'arguments=x-max-length=1000']

/** As RabbitMQ's plugins address a queue. */
const QUEUE = '/queue/mqinspect.load'

const peer = (name: string, id: string, share: number, window: number): Generator => ({
  name,
  share,
  command: (port, count) => [process.execPath, CLIENTS, id, String(port), String(count), String(window)],
})

const BODY = 'x'.repeat(100)
const pub = (qos: number): Generator => ({
  name: 'mosquitto_pub -l',
  share: 2,
  command: (port, count) => [
    'sh',
    '-c',
    `yes ${BODY} | head -n ${count} | mosquitto_pub -l -p ${port} -t mqinspect/load -q ${qos} -V 5`,
  ],
})
const mosquittoPub = (qos: number): Generator[] => (isMissing('mosquitto_pub') ? [] : [pub(qos)])

/** What listens on a port of this machine, by /proc: brokers fork, and wrappers stay. */
function listening(port: number): number {
  const [line = ''] = execFileSync('ss', ['-Hltnp', `sport = :${port}`], { encoding: 'utf8' }).split('\n')
  return Number(/pid=(\d+)/.exec(line)?.[1] ?? Number.NaN)
}

const of = (started: Promise<{ readonly port: number; readonly stop: () => Promise<void> }>): Promise<Target> =>
  started.then(({ port, stop }) => ({ port, stop, pid: listening(port) }))

const MOSQUITTO: Broker = {
  name: 'Mosquitto',
  command: 'mosquitto',
  // Nothing is dropped, and as much is under way as a client wants.
  start: () => of(mosquitto(['max_inflight_messages 0', 'max_queued_messages 0'])),
}
const RABBITMQ: Broker = { name: 'RabbitMQ', command: 'rabbitmq-server', start: () => of(rabbitmq()) }
const RABBITMQ_10: Broker = { ...RABBITMQ, start: () => of(rabbitmq(['rabbitmq_amqp1_0'])) }
const RABBITMQ_STOMP: Broker = {
  ...RABBITMQ,
  start: async () => {
    const { ports, stop, port } = await rabbitmq(['rabbitmq_stomp'], ['stomp.listeners.tcp.1'])
    return { port: ports[0] as number, pid: listening(port), stop }
  },
}
const LIBCOAP: Broker = { name: 'coap-server', command: 'coap-server-notls', start: () => of(coapServer()) }

const CASES: readonly Case[] = [
  {
    name: 'MQTT QoS 0',
    sink: 'mqtt',
    broker: MOSQUITTO,
    ours: ours('mqtt', 8, 1000),
    peers: [peer('MQTT.js', 'mqtt.js-0', 0.6, 1000), ...mosquittoPub(0)],
  },
  {
    name: 'MQTT QoS 1',
    sink: 'mqtt',
    broker: MOSQUITTO,
    ours: ours('mqtt', 4, 1000, '--qos', '1'),
    peers: [peer('MQTT.js', 'mqtt.js-1', 0.2, 1000), ...mosquittoPub(1)],
  },
  {
    name: 'AMQP 0-9-1',
    sink: 'amqp091',
    broker: RABBITMQ,
    ours: ours('amqp', 8, 1000, ...LIMIT, '-o', 'confirms=false'),
    peers: [peer('amqplib', 'amqplib', 0.3, 1000), peer('@cloudamqp/amqp-client', 'cloudamqp', 0.3, 1000)],
  },
  {
    name: 'AMQP 0-9-1 with confirms',
    sink: 'amqp091',
    broker: RABBITMQ,
    ours: ours('amqp', 4, 1000, ...LIMIT),
    peers: [
      peer('amqplib', 'amqplib-confirms', 0.2, 1000),
      peer('@cloudamqp/amqp-client', 'cloudamqp-confirms', 0.2, 1000),
    ],
  },
  {
    name: 'AMQP 1.0',
    sink: 'amqp10',
    broker: RABBITMQ_10,
    ours: ours('amqp', 3, 1000, '--protocol', 'amqp10', '--user', 'guest', '--password', 'guest', '-t', QUEUE),
    peers: [peer('rhea', 'rhea', 0.05, 1000)],
  },
  {
    name: 'STOMP with receipts',
    sink: 'stomp',
    broker: RABBITMQ_STOMP,
    ours: ours('stomp', 1.5, 1000, '-t', QUEUE),
    peers: [peer('@stomp/stompjs', 'stompjs', 0.2, 1000)],
  },
  {
    name: 'CoAP, confirmable',
    sink: 'coap',
    broker: LIBCOAP,
    // A datagram that finds a full buffer is lost, and is sent again after seconds.
    ours: ours('coap', 0.2, 50),
    peers: [peer('coap', 'coap', 0.03, 50)],
  },
  {
    name: 'MQTT QoS 0, consumer',
    sink: 'mqtt',
    ours: consuming('mqtt', 12),
    peers: [peer('MQTT.js', 'mqtt.js-0-consumer', 0.5, 1000)],
  },
  {
    name: 'MQTT QoS 1, consumer',
    sink: 'mqtt',
    ours: consuming('mqtt', 8, '--qos', '1'),
    peers: [peer('MQTT.js', 'mqtt.js-1-consumer', 0.2, 1000)],
  },
  {
    name: 'AMQP 0-9-1, consumer that acknowledges one by one',
    sink: 'amqp091',
    ours: consuming('amqp', 6),
    peers: [peer('amqplib', 'amqplib-consumer', 0.4, 1000)],
  },
  {
    name: 'AMQP 1.0, consumer that accepts one by one',
    sink: 'amqp10',
    ours: consuming('amqp', 3, '--protocol', 'amqp10', '--credit', '1000'),
    peers: [peer('rhea', 'rhea-consumer', 0.1, 1000)],
  },
]

/** What one generator did: messages a second, a second of its processor, and who was busy. */
interface Measured {
  readonly rate: number
  readonly perCpu: number
  /** Shares of a core, of the generator and of its target, in the long run. */
  readonly busy: number
  readonly targetBusy: number
}

/** Seconds of processor time, of all threads. */
function processorTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS
}
const TICKS = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

async function measure({ command, share }: Generator, { port, pid }: Target): Promise<Measured> {
  const most = Math.round(Number(values.count) * share)
  const few = Math.round(most / FACTOR)
  const short = await run(command(port, few))
  const before = processorTime(pid)
  const long = await run(command(port, most))
  const targetTime = processorTime(pid) - before
  const of = (key: keyof Cost): number => long[key] - short[key]
  return {
    rate: (most - few) / of('wall'),
    perCpu: (most - few) / of('cpu'),
    busy: long.cpu / long.wall,
    targetBusy: targetTime / long.wall,
  }
}

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN
const thousands = (number: number): string => (number / 1000).toFixed(number < 10_000 ? 1 : 0)

async function compare({ name, ours: mine, peers }: Case, where: string, target: Target): Promise<void> {
  console.log(`${name}, ${where} (load ${loadavg()[0]?.toFixed(1)})`)
  const all = [mine, ...peers]
  const rounds: Measured[][] = []
  for (let round = 0; round < ROUNDS; round++) {
    const turns: Measured[] = []
    for (const generator of all) turns.push(await measure(generator, target))
    rounds.push(turns)
  }
  for (const [at, generator] of all.entries()) {
    const each = (key: keyof Measured): number => median(rounds.map(turns => (turns[at] as Measured)[key]))
    const ratios = rounds.map(turns => (turns[0] as Measured).perCpu / (turns[at] as Measured).perCpu)
    const ratio =
      at === 0
        ? ''
        : `ratio ${median(ratios).toFixed(1)} (${Math.min(...ratios).toFixed(1)} to ${Math.max(...ratios).toFixed(1)})`
    const shares = `generator ${percent(each('busy'))}, peer ${percent(each('targetBusy'))} of a core`
    console.log(
      `  ${generator.name.padEnd(24)} ${thousands(each('rate')).padStart(6)} k/s ` +
        `${thousands(each('perCpu')).padStart(6)} k/CPU-s  ${shares}  ${ratio}`,
    )
  }
  console.log('')
}

const percent = (share: number): string => `${Math.round(share * 100)} %`

async function startSink(protocol: string): Promise<Target> {
  const child: ChildProcess = spawn(process.execPath, [SINK, protocol], { stdio: ['ignore', 'pipe', 'inherit'] })
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout?.once('data', data => resolve(Number(data)))
    child.once('exit', code => reject(new Error(`the sink of ${protocol} ended with ${code}`)))
  })
  return {
    port,
    pid: child.pid as number,
    stop: async () => {
      child.kill()
    },
  }
}

async function against(each: Case, where: string, starting: Promise<Target>): Promise<void> {
  const target = await starting
  try {
    await compare(each, where, target)
  } finally {
    await target.stop()
  }
}

for (const each of CASES.filter(({ name }) => name.toLowerCase().includes(values.only.toLowerCase()))) {
  if (!values.broker) await against(each, 'a sink', startSink(each.sink))
  if (values.sink || each.broker === undefined) continue
  if (isMissing(each.broker.command)) console.log(`${each.name}: ${each.broker.name} is not installed\n`)
  else await against(each, each.broker.name, each.broker.start())
}
