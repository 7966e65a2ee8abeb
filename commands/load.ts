import { Args, BaseCommand, onTerminal } from '../src/command.ts'
import { usage } from '../src/failure.ts'
import { loadFlags } from '../src/load-flags/index.ts'

const isScenario = (name: string): boolean => /\.ya?ml$/.test(name)

/** Who asks for these wants lines printed. */
const PRINTED = ['no-tui', 'json', 'quiet'] as const

export default class Load extends BaseCommand {
  static override summary = 'Load a broker, and measure what it does with it, honestly.'
  static override description =
    `Publishers and consumers of AMQP 0-9-1, AMQP 1.0, MQTT, STOMP or CoAP. Messages are due at moments that nothing holds up
(--rate, --stages), and latencies count from those moments: a broker that stalls cannot hide it. How long it took from
when a message was really sent is shown beside it. Every message is numbered: what is lost, comes twice or out of order
is told, and in the end all that was sent is accounted for.

Names, bodies, headers and options of messages may be templates: %i the client's number, %c its client id, %s the
message's number, %rand_9 one of 1 to 9, %{a|b|c} one of these in turn, %now milliseconds since 1970, %uuid, %run,
%{FILE.csv:COLUMN}; %stamp what a message is known again by.
The options of each protocol (--option) are in docs/load.md.

On a terminal it shows how it goes on a screen of its own (? tells the keys); with --no-tui, --json or --quiet, or where its
output goes elsewhere, it prints a line an interval. The first q or Ctrl-C ends it in order, with the summary; the exit code
is then 130.

Exit codes: 99 where a --threshold is crossed, 1 where not all is accounted for, 3 where nobody could connect, or nobody was
connected any more in the end.`
  static override args = {
    upstream: Args.string({
      multiple: true,
      ignoreStdin: true,
      description: '[scheme://][user:pass@]host[:port]; several share the clients; or a scenario: FILE.yaml',
    }),
  }
  static override flags = loadFlags
  static override examples = [
    { description: '1000 messages a second for ten seconds', command: '<%= config.bin %> load mqtt://localhost' },
    {
      description: 'RabbitMQ, five publishers, a ramp, and what must hold',
      command:
        "<%= config.bin %> load amqp://localhost -t orders -x 5 --stages 1k..5k:30s,5k:1m --threshold 'publish-confirm p(99) < 50ms'",
    },
    {
      description: 'The highest rate at which deliveries take less than 20 ms',
      command: "<%= config.bin %> load mqtt://localhost --qos 1 --find-limit 'publish-deliver p99<20ms'",
    },
    {
      description: 'As fast as it goes, 1000 under way, with a report',
      command: '<%= config.bin %> load amqp://localhost -t orders --rate max --in-flight 1000 --report run.html',
    },
    {
      description: 'What a file says, see docs/load-scenarios.md; but faster',
      command: '<%= config.bin %> load shop.yaml --rate 5k',
    },
    {
      description: 'The messages of a recording, twice as fast as they came then',
      command: "<%= config.bin %> load mqtt://localhost --from shop.pcapng --rate 'recorded*2'",
    },
    {
      description: 'Whether today is worse than yesterday',
      command: '<%= config.bin %> load --compare yesterday.json today.json --max-regression 10%',
    },
    {
      description: '20,000 connections, 500 a second',
      command: '<%= config.bin %> load mqtt://localhost -x 0 -y 0 --idle 20000 --connect-rate 500',
    },
  ]

  async run(): Promise<void> {
    const { args, flags, raw } = await this.parse(Load)
    const { compareResults, load } = await import('../src/load/index.ts')
    const named = args.upstream ?? []
    const given = new Set(raw.flatMap(token => (token.type === 'flag' ? token.flag : [])))
    await this.interruptible(signal => {
      const [scenario, ...others] = named.filter(isScenario)
      if (others.length > 0) throw usage('one scenario at a time', 'A scenario may have several steps.')
      const upstream = named.filter(each => !isScenario(each))
      if (!flags.compare) {
        const screen = onTerminal() && !PRINTED.some(name => flags[name] === true)
        return load({ ...flags, scenario, upstream, given, screen }, signal)
      }
      const [a, b, ...more] = named
      if (a !== undefined && b !== undefined && more.length === 0) return compareResults({ ...flags, a, b })
      throw usage('--compare takes two results', 'mqinspect load --compare a.json b.json')
    })
  }
}
