import { Args, BaseCommand, Flags, onTerminal, screenFlags, settings, showFlags } from '../src/command.ts'
import { recordingFlags } from '../src/recording-flags.ts'
import { relayFlags } from '../src/relay-flags.ts'
import { tlsFlags } from '../src/tls-flags.ts'

/** Who asks for these wants rows printed. */
const PRINTED = ['no-tui', 'format', 'json', 'view', 'fields', 'count', 'quiet'] as const

export default class ProxyCommand extends BaseCommand {
  static override summary = 'Relay between clients and a broker, and show what they say.'
  static override description =
    `A route is [LISTEN=]UPSTREAM. LISTEN without a host is loopback; left out, it is UPSTREAM's port + 10000 on loopback.
Without a route, the brokers that answer on this machine are looked for, and each is relayed.

Addresses are [scheme://]host[:port] or unix:/path, IPv6 in brackets. Without a scheme it is TCP, and the protocol is told
by the bytes. A scheme with TLS (tls, mqtts, amqps, wss …) ends it on the side of LISTEN, begins it on that of UPSTREAM;
the first time, a certificate authority of your own is made for that, and it is said how clients come to trust it.

On a terminal it shows them on a screen of its own (? tells the keys); with --no-tui, with --format, --json, --view,
--fields, --count or --quiet, or where its output goes elsewhere, it prints them.

The first Ctrl-C ends it in order, with the recording complete; the exit code is then 130.`
  static override args = {
    route: Args.string({ multiple: true, ignoreStdin: true, description: '[LISTEN=]UPSTREAM; any number of them' }),
  }
  static override flags = {
    ...showFlags,
    ...recordingFlags,
    ...relayFlags,
    ...screenFlags,
    ...settings({
      'no-tui': Flags.boolean({
        description: 'print rows on a terminal too, instead of showing them on a screen',
        helpGroup: 'OUTPUT',
      }),
    }),
    ...tlsFlags,
  }
  static override examples = [
    { description: 'Every broker found on this machine', command: '<%= config.bin %> proxy' },
    { description: 'RabbitMQ: point your client at port 15672', command: '<%= config.bin %> proxy localhost:5672' },
    {
      description: 'Two routes, recorded for Wireshark',
      command: '<%= config.bin %> proxy :2000=broker.example:1883 :2001=broker.example:5672 -w traffic.pcapng',
    },
    {
      description: 'Topics as they are published',
      command: '<%= config.bin %> proxy mqtt://localhost --fields time,mqtt.topic',
    },
    {
      description: 'TLS on both sides; clients trust your own authority',
      command: '<%= config.bin %> proxy mqtts://:8884=mqtts://broker.example',
    },
    {
      description: 'A client without TLS, a broker with it and its own authority',
      command: '<%= config.bin %> proxy :1884=mqtts://broker.example --ca broker-ca.pem',
    },
    { description: 'CoAP over UDP', command: '<%= config.bin %> proxy coap://:5693=coap://localhost:5683' },
    { description: 'A broker on a Unix socket', command: '<%= config.bin %> proxy :1884=unix:/run/mosquitto.sock' },
  ]

  async run(): Promise<void> {
    const { args, flags, metadata } = await this.parse(ProxyCommand)
    const asked = PRINTED.some(name => flags[name] !== undefined && metadata.flags[name]?.setFromDefault !== true)
    const screen = onTerminal() && !asked
    const { proxy } = await import('../src/live.ts')
    await this.interruptible(signal => proxy({ ...flags, routes: args.route ?? [], screen }, signal))
  }
}
