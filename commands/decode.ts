import { Args, BaseCommand, captureFlags, showFlags } from '../src/command.ts'

export default class Decode extends BaseCommand {
  static override summary = 'Show what is in a capture.'
  static override description =
    `FILE is a pcap or pcapng file, also compressed with gzip or zstd; - reads standard input, as it is written.

A capture that is damaged is shown as far as it can be read; the exit code is then 4.`
  static override args = {
    file: Args.string({ required: true, ignoreStdin: true, description: 'a capture, or - for standard input' }),
  }
  static override flags = {
    ...showFlags,
    ...captureFlags,
  }
  static override examples = [
    { description: 'Every frame, one a line', command: '<%= config.bin %> decode capture.pcap' },
    { description: 'The connections in it', command: '<%= config.bin %> decode capture.pcap --view flows' },
    {
      description: 'All fields of one connection, for jq',
      command: '<%= config.bin %> decode capture.pcap --flow 3 --json',
    },
    {
      description: 'Topics as they are published, from a running capture',
      command: 'tcpdump -i lo -w - port 1883 | <%= config.bin %> decode - --fields time,mqtt.topic',
    },
    {
      description: 'What was published to some topics',
      command: '<%= config.bin %> decode capture.pcap -Y \'mqtt.publish && mqtt.topic ~ "sensors/+/temp"\'',
    },
    {
      description: 'RabbitMQ on another port',
      command: '<%= config.bin %> decode capture.pcap -d tcp.port==5673,amqp091',
    },
    {
      description: 'AMQP over TLS',
      command: '<%= config.bin %> decode capture.pcapng --keylog keys.log',
    },
    {
      description: 'The bytes of the first ten frames',
      command: '<%= config.bin %> decode capture.pcap --format hex -c 10',
    },
  ]

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Decode)
    const { decode } = await import('../src/decode.ts')
    await this.interruptible(signal => decode({ ...flags, file: args.file }, signal))
  }
}
