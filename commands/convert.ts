import { Args, BaseCommand, captureFlags, Flags, settings, showFlags } from '../src/command.ts'

export default class Convert extends BaseCommand {
  static override summary = 'Write a recording or capture as another file, or some of it.'
  static override description =
    `IN is a capture, a recording, or NDJSON that this command wrote. OUT is a pcapng, NDJSON or CSV, by its extension
(.pcapng, .ndjson, .jsonl, .csv) or --format; - writes NDJSON, or CSV with --format csv, to standard output.

As pcapng and NDJSON, connections are written as they were carried, chunk by chunk, with their times; from one to the other
and back nothing is lost. With -Y, --flow, --from and --to some of it is written; with --redact some of it is overwritten
on the way. As CSV it is a view, as mqinspect decode has it: the rows that -Y matches, the columns of --fields.`
  static override args = {
    in: Args.string({ required: true, ignoreStdin: true, description: 'a capture, a recording or NDJSON' }),
    out: Args.string({ required: true, ignoreStdin: true, description: 'the file to write, or - for standard output' }),
  }
  static override flags = {
    ...settings({
      format: Flags.option({ options: ['pcapng', 'ndjson', 'csv'] as const, description: 'what OUT is' })(),
      filter: Flags.string({
        char: 'Y',
        description:
          'only connections of which a frame matches, whole: mqtt.topic ~ "sensors/#"; of CSV, only such rows',
        helpValue: 'FILTER',
      }),
      from: Flags.string({
        description: 'from this time on: 2026-11-23T06:46:00Z, or 30s after the beginning',
        helpValue: 'TIME',
      }),
      to: Flags.string({ description: 'up to this time', helpValue: 'TIME' }),
      redact: Flags.string({
        multiple: true,
        multipleNonGreedy: true,
        description:
          'overwrite these fields: message.body, mqtt.payload=hash, amqp091.properties.headers.*; repeatable',
        helpValue: 'PATH',
      }),
      'redact-secrets': Flags.boolean({ description: 'overwrite passwords and tokens, as recording does' }),
    }),
    view: showFlags.view,
    fields: showFlags.fields,
    'show-secrets': showFlags['show-secrets'],
    proto: showFlags.proto,
    avro: showFlags.avro,
    flow: showFlags.flow,
    'decode-as': showFlags['decode-as'],
    quiet: showFlags.quiet,
    ...captureFlags,
  }
  static override examples = [
    { description: 'For scripts', command: '<%= config.bin %> convert traffic.pcapng traffic.ndjson' },
    { description: 'And back, for Wireshark', command: '<%= config.bin %> convert traffic.ndjson again.pcapng' },
    {
      description: 'The connections that publish to some topics',
      command: '<%= config.bin %> convert traffic.pcapng sensors.pcapng -Y \'mqtt.topic ~ "sensors/#"\'',
    },
    {
      description: 'One connection, half a minute of it',
      command: '<%= config.bin %> convert traffic.pcapng part.pcapng --flow 3 --from 10s --to 40s',
    },
    {
      description: 'Latencies for a spreadsheet',
      command:
        '<%= config.bin %> convert traffic.pcapng latencies.csv --view exchanges --fields time,kind,key,elapsedUs',
    },
    {
      description: 'A capture that may be given away',
      command: '<%= config.bin %> convert capture.pcap public.pcapng --redact-secrets --redact message.body',
    },
  ]

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Convert)
    const { convert } = await import('../src/convert/index.ts')
    await this.interruptible(signal => convert({ ...flags, input: args.in, output: args.out }, signal))
  }
}
