import { Args, BaseCommand, captureFlags, screenFlags, showFlags } from '../src/command.ts'

const { filter, flow, 'decode-as': decodeAs, proto, avro, 'show-secrets': showSecrets, 'no-color': noColor } = showFlags

export default class View extends BaseCommand {
  static override summary = 'Look at a capture in the terminal: rows, fields, bytes, connections.'
  static override description =
    `FILE is a pcap or pcapng file, also compressed with gzip or zstd, a recording of mqinspect too; - reads standard
input, as it is written. It is shown while it is being read. ? tells the keys; they are all in docs/tui.md.`
  static override args = {
    file: Args.string({ required: true, ignoreStdin: true, description: 'a capture, or - for standard input' }),
  }
  static override flags = {
    filter,
    flow,
    'decode-as': decodeAs,
    proto,
    avro,
    'show-secrets': showSecrets,
    'no-color': noColor,
    ...screenFlags,
    ...captureFlags,
  }
  static override examples = [
    { description: 'A capture', command: '<%= config.bin %> view capture.pcapng' },
    {
      description: 'Only what was published, to begin with',
      command: '<%= config.bin %> view capture.pcapng -Y mqtt.publish',
    },
    { description: 'A capture that is going on', command: 'tcpdump -i lo -U -w - | <%= config.bin %> view -' },
  ]

  async run(): Promise<void> {
    const { args, flags } = await this.parse(View)
    const { view } = await import('../src/view.ts')
    await this.interruptible(signal => view({ ...flags, file: args.file }, signal))
  }
}
