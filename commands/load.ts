import { Args, BaseCommand, Flags, onTerminal, screenFlags, settings, showFlags } from '../src/command.ts'
import { usage } from '../src/failure.ts'
import { tlsFlags } from '../src/tls-flags.ts'

const isScenario = (name: string): boolean => /\.ya?ml$/.test(name)

/** Who asks for these wants lines printed. */
const PRINTED = ['no-tui', 'json', 'quiet'] as const

const many = { multiple: true, multipleNonGreedy: true } as const

export default class Load extends BaseCommand {
  static override summary = 'Load a broker, and measure what it does with it, honestly.'
  static override description =
    `Publishers and consumers of AMQP 0-9-1, AMQP 1.0, MQTT, STOMP or CoAP. Messages are due at moments that nothing holds up
(--rate, --stages), and latencies count from those moments: a broker that stalls cannot hide it. How long it took from
when a message was really sent is shown beside it. Every message is numbered: what is lost, comes twice or out of order
is told, and in the end all that was sent is accounted for.

Names and bodies may be templates: %i the client's number, %c its client id, %s the message's number, %rand_9 one of 1
to 9, %now milliseconds since 1970, %uuid, %{FILE.csv:COLUMN}; %stamp what a message is known again by.
The options of each protocol (--option) are in docs/load.md.

On a terminal it shows how it goes on a screen of its own (? tells the keys); with --no-tui, --json or --quiet, or where its
output goes elsewhere, it prints a line an interval. The first q or Ctrl-C ends it in order, with the summary; the exit code
is then 130.

Exit codes: 99 where a --threshold is crossed, 1 where not all is accounted for, 3 where nobody could connect.`
  static override args = {
    upstream: Args.string({
      multiple: true,
      ignoreStdin: true,
      description: '[scheme://][user:pass@]host[:port]; several share the clients; or a scenario: FILE.yaml',
    }),
  }
  static override flags = {
    ...settings({
      protocol: Flags.string({
        description: 'what to speak, where the scheme leaves it open: amqp091, amqp10, mqtt, stomp, coap',
        helpValue: 'ID',
        helpGroup: 'CLIENTS',
      }),
      'protocol-version': Flags.string({
        description: 'of the protocol: 5, 3.1.1 or 3.1 of MQTT',
        helpValue: 'VERSION',
        helpGroup: 'CLIENTS',
      }),
      publishers: Flags.integer({
        char: 'x',
        min: 0,
        default: 1,
        description: 'clients that publish',
        helpValue: 'N',
        helpGroup: 'CLIENTS',
      }),
      consumers: Flags.integer({
        char: 'y',
        min: 0,
        default: 1,
        description: 'clients that consume',
        helpValue: 'N',
        helpGroup: 'CLIENTS',
      }),
      idle: Flags.integer({
        min: 0,
        default: 0,
        description: 'clients that only stay connected',
        helpValue: 'N',
        helpGroup: 'CLIENTS',
      }),
      'consume-from': Flags.string({
        ...many,
        description: 'where consumers connect, if elsewhere, and in which protocol',
        helpValue: 'UPSTREAM',
        helpGroup: 'CLIENTS',
      }),
      user: Flags.string({ description: 'log in as', helpValue: 'NAME', helpGroup: 'CLIENTS' }),
      password: Flags.string({ description: 'its password', helpValue: 'TEXT', helpGroup: 'CLIENTS' }),
      vhost: Flags.string({ description: 'virtual host', helpValue: 'NAME', helpGroup: 'CLIENTS' }),
      'client-id': Flags.string({ description: 'template of client ids', helpValue: 'TEXT', helpGroup: 'CLIENTS' }),
      'keep-alive': Flags.integer({
        min: 0,
        description: 'heartbeat or keep-alive in seconds; 0 for none',
        helpValue: 'N',
        helpGroup: 'CLIENTS',
      }),
      'connect-rate': Flags.string({
        description: 'connections that are begun a second',
        helpValue: 'N',
        helpGroup: 'CLIENTS',
      }),
      lifetime: Flags.string({
        description: 'end each connection after so long, and make it again',
        helpValue: 'TIME',
        helpGroup: 'CLIENTS',
      }),
      'local-address': Flags.string({
        ...many,
        delimiter: ',',
        description: 'addresses of this machine to connect from, in turn: 127.0.0.2,127.0.0.3',
        helpValue: 'IP',
        helpGroup: 'CLIENTS',
      }),
      reconnect: Flags.string({
        default: '1s',
        description: 'when a connection is lost: after so long; 2s:5 five times in a row at most; never',
        helpValue: 'TIME',
        helpGroup: 'CLIENTS',
      }),
      option: Flags.string({
        ...many,
        char: 'o',
        description: 'an option of the protocol: qos=1, persistent=true, exchange=orders; repeatable',
        helpValue: 'NAME=VALUE',
        helpGroup: 'CLIENTS',
      }),
      qos: Flags.integer({
        min: 0,
        max: 2,
        description: 'short for --option qos=N',
        helpValue: 'N',
        helpGroup: 'CLIENTS',
      }),
      destination: Flags.string({
        ...many,
        char: 't',
        default: ['mqinspect/load'],
        description: 'topic, queue, address, path to publish to; several in turn',
        helpValue: 'NAME',
        helpGroup: 'MESSAGES',
      }),
      source: Flags.string({
        ...many,
        description: 'what to consume, if not the destinations',
        helpValue: 'NAME',
        helpGroup: 'MESSAGES',
      }),
      rate: Flags.string({
        char: 'r',
        description:
          'messages a second that are due, all publishers together; max: as fast as answers come; recorded: as --from has them, recorded*2 twice as fast',
        helpValue: 'N',
        helpGroup: 'MESSAGES',
      }),
      stages: Flags.string({
        description: 'rates one after the other: 1k:30s,1k..5k:1m,5k:2m',
        helpValue: 'RATE:TIME,…',
        helpGroup: 'MESSAGES',
        exclusive: ['rate'],
      }),
      spacing: Flags.option({
        options: ['even', 'poisson'] as const,
        default: 'even',
        description: 'how what is due falls: evenly, or as from many independent senders',
        helpGroup: 'MESSAGES',
      })(),
      'in-flight': Flags.integer({
        min: 1,
        description: 'messages of each publisher that may wait for their answer; without --rate, the pace itself',
        helpValue: 'N',
        helpGroup: 'MESSAGES',
      }),
      count: Flags.string({
        char: 'c',
        description: 'stop after so many messages',
        helpValue: 'N',
        helpGroup: 'MESSAGES',
      }),
      duration: Flags.string({
        char: 'z',
        description: 'publish for so long; 10s, where nothing is said',
        helpValue: 'TIME',
        helpGroup: 'MESSAGES',
      }),
      size: Flags.string({
        ...many,
        delimiter: ',',
        char: 's',
        description: 'bytes of a body; several in turn: 100,10kB',
        helpValue: 'N',
        helpGroup: 'MESSAGES',
      }),
      body: Flags.string({
        ...many,
        description: 'text to send instead, a template; with %stamp in it, its loss can be told',
        helpValue: 'TEXT',
        helpGroup: 'MESSAGES',
      }),
      'body-file': Flags.string({
        ...many,
        description: 'a file to send instead',
        helpValue: 'FILE',
        helpGroup: 'MESSAGES',
      }),
      from: Flags.string({
        description: 'publish the messages of a recording, or of any other capture: bodies and destinations, in turn',
        helpValue: 'FILE',
        helpGroup: 'MESSAGES',
        exclusive: ['size', 'body', 'body-file'],
      }),
      filter: Flags.string({
        char: 'Y',
        description: 'of --from, only messages that match; see docs/filters.md',
        helpValue: 'FILTER',
        helpGroup: 'MESSAGES',
        dependsOn: ['from'],
      }),
      stamp: Flags.option({
        options: ['front'] as const,
        description: 'put what loss is told by over the first 32 bytes of bodies of your own',
        helpGroup: 'MESSAGES',
      })(),
      'content-type': Flags.string({ description: 'of the bodies', helpValue: 'TYPE', helpGroup: 'MESSAGES' }),
      header: Flags.string({
        ...many,
        description: 'a header, application property or user property; repeatable',
        helpValue: 'NAME=VALUE',
        helpGroup: 'MESSAGES',
      }),
      'drop-after': Flags.string({
        description: 'do not send what is so late any more; count it as dropped',
        helpValue: 'TIME',
        helpGroup: 'MESSAGES',
      }),
      request: Flags.boolean({
        description: 'publishers ask and consumers answer; the time until the reply is measured',
        helpGroup: 'MESSAGES',
      }),
      ack: Flags.boolean({
        default: true,
        allowNo: true,
        description: 'acknowledge deliveries',
        helpGroup: 'CONSUMING',
      }),
      'ack-every': Flags.integer({
        min: 1,
        default: 1,
        description: 'acknowledge so many at once',
        helpValue: 'N',
        helpGroup: 'CONSUMING',
      }),
      credit: Flags.integer({
        min: 0,
        aliases: ['prefetch'],
        description: 'prefetch, link credit, receive maximum',
        helpValue: 'N',
        helpGroup: 'CONSUMING',
      }),
      work: Flags.string({ description: 'time that each delivery takes', helpValue: 'TIME', helpGroup: 'CONSUMING' }),
      'consume-rate': Flags.string({
        description: 'deliveries a second that all consumers together work off, each one after the other',
        helpValue: 'N',
        helpGroup: 'CONSUMING',
        exclusive: ['work'],
      }),
      reject: Flags.string({
        description: 'share of deliveries to reject: 1%',
        helpValue: 'SHARE',
        helpGroup: 'CONSUMING',
      }),
      requeue: Flags.string({ description: 'share to give back', helpValue: 'SHARE', helpGroup: 'CONSUMING' }),
      'consume-after': Flags.string({
        description: 'begin to consume so long after the start: a backlog',
        helpValue: 'TIME',
        helpGroup: 'CONSUMING',
      }),
      threshold: Flags.string({
        ...many,
        description: "what must hold: 'publish-confirm p(99) < 50ms', 'lost == 0'; exit code 99; repeatable",
        helpValue: 'TEXT',
        helpGroup: 'VERDICT',
      }),
      'find-limit': Flags.string({
        description: "search for the highest rate at which this holds: 'p99<50ms'",
        helpValue: 'TEXT',
        helpGroup: 'VERDICT',
        exclusive: ['stages', 'duration', 'count'],
      }),
      step: Flags.string({
        default: '5s',
        description: 'how long --find-limit holds each rate',
        helpValue: 'TIME',
        helpGroup: 'VERDICT',
      }),
      'allow-loss': Flags.boolean({ description: 'what is lost is no failure', helpGroup: 'VERDICT' }),
      report: Flags.string({
        ...many,
        description: 'write the result: .html .json .csv .hlog .xml (JUnit) .md; repeatable',
        helpValue: 'FILE',
        helpGroup: 'OUTPUT',
      }),
      compare: Flags.boolean({
        description: 'load nothing: compare two results, A.json B.json, and tell how sure that is',
        helpGroup: 'VERDICT',
      }),
      'max-regression': Flags.string({
        description: 'of --compare: exit with 99 where B is shown to be worse by more than this: 10%',
        helpValue: 'SHARE',
        helpGroup: 'VERDICT',
        dependsOn: ['compare'],
      }),
      prometheus: Flags.string({
        description: 'serve metrics while it runs; on loopback, where no host is given',
        helpValue: '[HOST:]PORT',
        helpGroup: 'OUTPUT',
      }),
      otlp: Flags.string({
        description: 'send metrics to an OpenTelemetry collector on this machine: http://localhost:4318',
        helpValue: 'URL',
        helpGroup: 'OUTPUT',
      }),
      'no-tui': Flags.boolean({
        description: 'print lines on a terminal too, instead of showing them on a screen',
        helpGroup: 'OUTPUT',
      }),
      'otlp-anywhere': Flags.boolean({ description: 'the collector may be elsewhere', helpGroup: 'OUTPUT' }),
      'save-scenario': Flags.string({
        description: 'write what the command line says as a scenario, too; without passwords',
        helpValue: 'FILE.yaml',
        helpGroup: 'OUTPUT',
      }),
      interval: Flags.string({
        default: '1s',
        description: 'how often to tell how it goes',
        helpValue: 'TIME',
        helpGroup: 'OUTPUT',
      }),
      workers: Flags.integer({
        min: 1,
        max: 64,
        default: 1,
        description: 'threads to share the work; one is enough for most brokers',
        helpValue: 'N',
      }),
      'until-idle': Flags.string({
        description: 'end when nothing was delivered for so long: -x 0 empties a queue',
        helpValue: 'TIME',
        helpGroup: 'CONSUMING',
      }),
      timeout: Flags.string({ default: '10s', description: 'for a client to be ready', helpValue: 'TIME' }),
      drain: Flags.string({
        default: '5s',
        description: 'how long in the end to wait for answers and deliveries, when none come any more',
        helpValue: 'TIME',
      }),
      'yes-i-own-this-broker': Flags.boolean({ description: 'load a broker that is not on this machine' }),
    }),
    ...screenFlags,
    json: showFlags.json,
    quiet: showFlags.quiet,
    'no-color': showFlags['no-color'],
    ca: tlsFlags.ca,
    insecure: tlsFlags.insecure,
    'server-name': tlsFlags['server-name'],
    'client-cert': tlsFlags['client-cert'],
    'client-key': tlsFlags['client-key'],
  }
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
