import { Args, BaseCommand, Flags, settings } from '../src/command.ts'
import { playedFlags } from '../src/played-flags.ts'
import { tlsFlags } from '../src/tls-flags.ts'

export default class Mock extends BaseCommand {
  static override summary = "Play the broker's side of a recording, to live clients."
  static override description =
    `FILE is a recording or any other capture. Whoever connects is played the recorded connection that it is most like, by what
it says first; each once, or with --loop over and over. What a client does is answered as it was when a recorded client
did that, in whatever order it does it; deliveries come as recorded, after what made them possible. Identifiers, tags and
names that were made up are this client's; what it publishes is what is delivered. Any password is taken, unless the
recording has it refused.

What the recording has nothing for is answered as a broker would, or refused with --strict, and told in the end; so is
what the recording has and nobody did.`
  static override args = {
    file: Args.string({ required: true, ignoreStdin: true, description: 'a capture, or - for standard input' }),
  }
  static override flags = {
    ...settings({
      listen: Flags.string({
        required: true,
        description: 'where clients connect: [scheme://][host][:port]; without a host it is loopback',
        helpValue: 'ADDR',
      }),
      strict: Flags.boolean({ description: 'refuse what the recording has nothing for; the exit code is then 1' }),
      loop: Flags.boolean({ description: 'begin anew when all of the recording is played' }),
      speed: Flags.string({ default: '1', description: 'so many times as fast as recorded; or max', helpValue: 'N' }),
      once: Flags.boolean({ description: 'end when each recorded connection was played once' }),
      count: Flags.integer({ char: 'c', min: 1, description: 'end after so many connections', helpValue: 'N' }),
      duration: Flags.string({ description: 'stop after this time: 30s, 5m, 2h', helpValue: 'TIME' }),
    }),
    ...playedFlags,
    cert: tlsFlags.cert,
    key: tlsFlags.key,
  }
  static override examples = [
    { description: 'A broker out of a recording', command: '<%= config.bin %> mock traffic.pcapng --listen :1883' },
    {
      description: 'A test in CI: as fast as it goes, and nothing but what was recorded',
      command: '<%= config.bin %> mock traffic.pcapng --listen :5672 --speed max --strict --once',
    },
    {
      description: 'Over TLS, with a certificate by your own authority, again and again',
      command: '<%= config.bin %> mock traffic.pcapng --listen mqtts:// --loop',
    },
    {
      description: 'To a browser, over WebSocket',
      command: '<%= config.bin %> mock traffic.pcapng --listen ws://:15675',
    },
    {
      description: 'One recorded client, and where a live one does otherwise',
      command:
        '<%= config.bin %> mock traffic.pcapng --listen :1883 -Y \'mqtt.clientId == "sensor-7"\' --count 1 --json',
    },
  ]

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Mock)
    const { mock } = await import('../src/mock/index.ts')
    await this.interruptible(signal => mock({ ...flags, file: args.file }, signal))
  }
}
