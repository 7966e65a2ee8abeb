import { configured } from './config.ts'
import { EXIT } from './failure.ts'
import { Args, Command, type FlagInput, Flags } from './oclif.ts'
import { FORMATS, VIEWS } from './output/index.ts'

export { Args, Flags }

/**
 * Gives every flag its environment variable, named after it: `--show-secrets` is MQINSPECT_SHOW_SECRETS. What sets a
 * flag other than the command line (a file of settings) sets the variable, so there is one order of precedence.
 */
export function settings<T extends FlagInput>(flags: T): T {
  for (const [name, flag] of Object.entries(flags)) flag.env = variable(name)
  return flags
}

export const variable = (flag: string): string => `MQINSPECT_${flag.toUpperCase().replaceAll('-', '_')}`

/** What is shown, and how: the same for files and for live traffic. */
export const showFlags = settings({
  format: Flags.option({
    options: FORMATS,
    default: 'text',
    description: 'how rows are written; tree and hex show the bytes of each frame',
    helpGroup: 'OUTPUT',
  })(),
  json: Flags.boolean({ description: 'short for --format ndjson', helpGroup: 'OUTPUT' }),
  view: Flags.option({
    options: VIEWS,
    default: 'frames',
    description: 'what a row is: a frame, a message, a request with its answer, a connection, a diagnosis …',
    helpGroup: 'OUTPUT',
  })(),
  filter: Flags.string({
    char: 'Y',
    description: 'only rows that match: mqtt.qos > 0 && mqtt.topic ~ "sensors/#"; see docs/filters.md',
    helpValue: 'FILTER',
    helpGroup: 'OUTPUT',
  }),
  fields: list('only these values, tab-separated: time,mqtt.topic', 'a,b,c'),
  flow: list('only this flow, by its number; repeatable', 'N'),
  count: Flags.integer({ char: 'c', min: 1, description: 'stop after this many rows', helpValue: 'N' }),
  'decode-as': rules({
    char: 'd',
    description: 'decode as a protocol, whatever it looks like: tcp.port==5673,amqp091, or amqp091 for all; repeatable',
    helpValue: 'RULE',
  }),
  proto: files('names what Protocol Buffers in bodies hold, and which message they are; repeatable', 'FILE[:Type]'),
  avro: files('Avro schema of bodies, in JSON; repeatable', 'FILE'),
  'show-secrets': Flags.boolean({ description: 'show passwords and tokens instead of ***', helpGroup: 'OUTPUT' }),
  quiet: Flags.boolean({ char: 'q', description: 'no progress and no summary on stderr', helpGroup: 'OUTPUT' }),
  'no-color': Flags.boolean({ description: 'no colours, as NO_COLOR=1 does', helpGroup: 'OUTPUT' }),
})

/** How a capture is read. */
export const captureFlags = settings({
  keylog: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    description: 'TLS secrets to decrypt with, as SSLKEYLOGFILE has them; a pcapng may carry its own',
    helpValue: 'FILE',
  }),
})

/** Whether there is a terminal with somebody at it, that can be drawn on. */
export const onTerminal = (env: NodeJS.ProcessEnv = process.env): boolean =>
  process.stdin.isTTY === true && process.stdout.isTTY === true && env.TERM !== 'dumb'

/** The terminal UI. */
export const screenFlags = settings({
  theme: Flags.option({
    options: ['dark', 'light', 'plain'] as const,
    description: "colours of the terminal UI; without it, as the terminal's ground is, where that can be told",
    helpGroup: 'OUTPUT',
  })(),
})

function list(description: string, helpValue: string) {
  return Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
    description,
    helpValue,
    helpGroup: 'OUTPUT',
  })
}

function files(description: string, helpValue: string) {
  return Flags.string({ multiple: true, multipleNonGreedy: true, description, helpValue, helpGroup: 'PAYLOADS' })
}

/** Rules hold commas, so each is a flag of its own; in the environment a semicolon stands between them. */
function rules(options: { readonly char: 'd'; readonly description: string; readonly helpValue: string }) {
  return Flags.string({ ...options, multiple: true, multipleNonGreedy: true })
}

/** What all commands have in common. A command is its flags, one call into `src`, and an exit code. */
export abstract class BaseCommand extends Command {
  /** What oclif does on an error, it does after this; the executable tells it and sets the exit code. */
  protected override async catch(error: Error): Promise<never> {
    throw error
  }

  /** oclif takes a variable as one value, also of a flag that may be given several times. */
  protected override parse: Command['parse'] = async (...args) => {
    const definitions = { ...this.ctor.baseFlags, ...this.ctor.flags }
    const known = new Map(this.config.commands.map(({ id, flags }) => [id, new Set(Object.keys(flags))]))
    for (const [name, value] of await configured(this.ctor.id, known)) {
      const flag = definitions[name]
      const delimiter = flag?.type === 'option' ? (flag.delimiter ?? ';') : ';'
      process.env[variable(name)] ??= typeof value === 'string' ? value : value.join(delimiter)
    }
    const parsed = await super.parse(...args)
    const flags: Record<string, unknown> = parsed.flags
    for (const [name, value] of Object.entries(flags)) {
      const flag = definitions[name]
      if (flag?.type !== 'option' || !flag.multiple || typeof value !== 'string') continue
      flags[name] = value.split(flag.delimiter ?? ';').map(item => item.trim())
    }
    return parsed
  }

  /**
   * Runs `work` with a signal that the first Ctrl-C aborts (or SIGTERM, or SIGHUP): it is to finish what it has, and the
   * exit code tells of the interruption. The second ends the process at once, but for SIGHUP: of a terminal that is closed,
   * both the shell and the system tell.
   */
  protected async interruptible(work: (signal: AbortSignal) => Promise<number>): Promise<void> {
    const controller = new AbortController()
    const interrupt = (name: NodeJS.Signals): void => {
      if (!controller.signal.aborted) controller.abort()
      else if (name !== 'SIGHUP') quit(name)
    }
    const quit = (name: NodeJS.Signals): void => {
      // Not process.exit: it waits for writes under way, and a reader that stopped would make it wait for ever.
      process.removeListener(name, interrupt)
      // A signal that ends a process lets nobody clean up: whoever has the terminal is told before.
      process.emit('exit', EXIT.interrupted)
      process.kill(process.pid, name)
    }
    for (const name of INTERRUPTS) process.on(name, interrupt)
    try {
      const code = await work(controller.signal)
      process.exitCode = controller.signal.aborted ? EXIT.interrupted : code
    } finally {
      for (const name of INTERRUPTS) process.removeListener(name, interrupt)
    }
  }
}

const INTERRUPTS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
