import { Args, BaseCommand, Flags, settings } from '../src/command.ts'
import { playedFlags } from '../src/played-flags.ts'
import { upstreamTlsFlags } from '../src/tls-flags.ts'

export default class Replay extends BaseCommand {
  static override summary = "Play the clients' side of a recording again, to a live broker."
  static override description =
    `FILE is a recording or any other capture. Each connection in it is made again, and does what its client did: in the
order of the recording, and nothing before what it waited for then has come. What the broker chooses anew (packet
identifiers, delivery tags, names it makes up) is put in; keep-alives are its own; acknowledgements go to what is
delivered now.

In the end each exchange is told beside that of the recording. With --expect same, the exit code is 1 where one went
otherwise.`
  static override args = {
    file: Args.string({ required: true, ignoreStdin: true, description: 'a capture, or - for standard input' }),
  }
  static override flags = {
    ...settings({
      to: Flags.string({
        required: true,
        description: 'whom to play it to: [scheme://][user:pass@]host[:port][/path]',
        helpValue: 'UPSTREAM',
      }),
      user: Flags.string({ description: 'log in as this user, not as the recorded ones', helpValue: 'NAME' }),
      password: Flags.string({ description: 'its password', helpValue: 'TEXT' }),
      vhost: Flags.string({ description: 'open this virtual host, not the recorded one', helpValue: 'NAME' }),
      map: Flags.string({
        multiple: true,
        multipleNonGreedy: true,
        description:
          'use another queue, exchange, topic, path: orders=orders-test; a/*=b/* for all that begin so; repeatable',
        helpValue: 'THEN=NOW',
      }),
      speed: Flags.string({ default: '1', description: 'so many times as fast as recorded; or max', helpValue: 'N' }),
      rate: Flags.integer({
        min: 1,
        description: 'publish so many messages a second',
        helpValue: 'N',
        exclusive: ['speed'],
      }),
      loop: Flags.integer({
        min: 1,
        default: 1,
        description: 'play it so many times, one after the other',
        helpValue: 'N',
      }),
      copies: Flags.integer({
        min: 1,
        default: 1,
        description: 'so many of each connection at once, with client ids and queues of their own',
        helpValue: 'N',
      }),
      timeout: Flags.string({
        default: '10s',
        description: 'how long to wait for what the broker did in the recording; then it goes on without',
        helpValue: 'TIME',
      }),
    }),
    ...playedFlags,
    ...upstreamTlsFlags,
  }
  static override examples = [
    { description: 'Again, as it was', command: '<%= config.bin %> replay traffic.pcapng --to mqtt://localhost' },
    {
      description: 'As fast as it goes, in CI',
      command: '<%= config.bin %> replay traffic.pcapng --to localhost:5672 --speed max --expect same',
    },
    {
      description: 'Recorded in the clear, played over TLS, as another user',
      command: '<%= config.bin %> replay traffic.pcapng --to mqtts://ann:secret@broker.example',
    },
    {
      description: 'Over WebSocket',
      command: '<%= config.bin %> replay traffic.pcapng --to wss://broker.example/mqtt',
    },
    {
      description: 'One client, fifty times, recorded',
      command:
        '<%= config.bin %> replay traffic.pcapng --to :1883 -Y \'mqtt.clientId == "sensor-7"\' --copies 50 -w run.pcapng',
    },
  ]

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Replay)
    const { replay } = await import('../src/replay/index.ts')
    await this.interruptible(signal => replay({ ...flags, file: args.file }, signal))
  }
}
