import { Args, BaseCommand, Flags, settings, showFlags } from '../src/command.ts'
import { recordingFlags } from '../src/recording-flags.ts'
import { relayFlags } from '../src/relay-flags.ts'
import { tlsFlags } from '../src/tls-flags.ts'

export default class RecordCommand extends BaseCommand {
  static override summary = 'Record what clients and a broker say, with nothing on the screen but how far it is.'
  static override description =
    `A route is [LISTEN=]UPSTREAM, as mqinspect proxy has it: clients connect to LISTEN. With -i nothing is relayed:
dumpcap or tcpdump, whichever is installed, listens to the interface.

The file is a pcapng that mqinspect decode and Wireshark open. Passwords and tokens are overwritten in it, unless
--keep-secrets is given. The first Ctrl-C ends it in order, with the recording complete; the exit code is then 130.`
  static override args = {
    route: Args.string({ multiple: true, ignoreStdin: true, description: '[LISTEN=]UPSTREAM; any number of them' }),
  }
  static override flags = {
    ...recordingFlags,
    ...settings({
      interface: Flags.string({
        char: 'i',
        description: 'listen to this network interface instead: lo, eth0, any',
        helpValue: 'IFACE',
      }),
      'capture-filter': Flags.string({
        char: 'f',
        description: 'with -i: what to capture, as tcpdump says it; left out, the usual ports of all protocols',
        helpValue: 'FILTER',
      }),
      count: Flags.integer({ char: 'c', min: 1, description: 'stop after this many frames', helpValue: 'N' }),
    }),
    ...relayFlags,
    'decode-as': showFlags['decode-as'],
    quiet: showFlags.quiet,
    ...tlsFlags,
  }
  static override examples = [
    {
      description: 'RabbitMQ: point your client at port 15672',
      command: '<%= config.bin %> record localhost:5672 -w traffic.pcapng',
    },
    {
      description: 'The last gigabyte of traffic, in files of 100 MB',
      command: '<%= config.bin %> record mqtt://localhost -w traffic.pcapng --rotate 100MB --keep 10',
    },
    {
      description: 'Without what messages hold; equal customers stay equal',
      command:
        "<%= config.bin %> record localhost:5672 -w traffic.pcapng --redact message.body --redact 'amqp091.properties.headers.customer=hash'",
    },
    {
      description: 'An hour of what passes an interface',
      command: 'sudo <%= config.bin %> record -i eth0 -w traffic.pcapng --duration 1h',
    },
    {
      description: 'A broker on another port, overheard',
      command: "sudo <%= config.bin %> record -i lo -f 'tcp port 5673' -d tcp.port==5673,amqp091 -w traffic.pcapng",
    },
  ]

  async run(): Promise<void> {
    const { args, flags } = await this.parse(RecordCommand)
    const { record } = await import('../src/record.ts')
    await this.interruptible(signal => record({ ...flags, routes: args.route ?? [] }, signal))
  }
}
