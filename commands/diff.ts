import { Args, BaseCommand, captureFlags, Flags, settings, showFlags } from '../src/command.ts'

export default class Diff extends BaseCommand {
  static override summary = 'Tell in what two recordings or captures differ, in their meaning.'
  static override description =
    `A is what it was, B what it is. Compared are the terms of connections, what was declared, the messages by identifier or
by content, their order per destination, and how requests were answered; what differs from run to run though the same
is done does not count: tags, identifiers, times, names that were made up. How long answers took, and what mqinspect
lint finds, is told beside it.

The exit code is 0 where they are the same, 1 where they are not.`
  static override args = {
    a: Args.string({ required: true, ignoreStdin: true, description: 'a capture' }),
    b: Args.string({ required: true, ignoreStdin: true, description: 'another' }),
  }
  static override flags = {
    ...settings({
      format: Flags.option({
        options: ['text', 'ndjson', 'json', 'html'] as const,
        default: 'text',
        description: 'how differences are written; html is one page',
        helpGroup: 'OUTPUT',
      })(),
      ignore: Flags.string({
        multiple: true,
        multipleNonGreedy: true,
        delimiter: ',',
        description: 'not this section (order, latency …) or value (body.at, properties.headers.try); repeatable',
        helpValue: 'WHAT',
      }),
      'max-slowdown': Flags.string({
        description: 'answers that take more than so many times as long count as a difference',
        helpValue: 'TIMES',
      }),
    }),
    json: showFlags.json,
    'decode-as': showFlags['decode-as'],
    proto: showFlags.proto,
    avro: showFlags.avro,
    quiet: showFlags.quiet,
    'no-color': showFlags['no-color'],
    ...captureFlags,
  }
  static override examples = [
    { description: 'Before and after', command: '<%= config.bin %> diff before.pcapng after.pcapng' },
    {
      description: 'In CI: the times of day in the bodies aside, answers no more than twice as slow',
      command: '<%= config.bin %> diff good.pcapng new.pcapng --ignore body.at --max-slowdown 2',
    },
    { description: 'As a page', command: '<%= config.bin %> diff a.pcap b.pcap --format html > diff.html' },
  ]

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Diff)
    const { diff } = await import('../src/diff/index.ts')
    await this.interruptible(signal => diff({ ...flags, ...args }, signal))
  }
}
