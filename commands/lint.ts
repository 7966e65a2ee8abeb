import { Args, BaseCommand, captureFlags, Flags, settings, showFlags } from '../src/command.ts'
import { usage } from '../src/failure.ts'
import { FORMATS } from '../src/output/index.ts'

export default class Lint extends BaseCommand {
  static override summary = 'Tell what is wrong with the traffic in a capture, why it matters, and what to do.'
  static override description =
    `FILE is what mqinspect decode takes. Each finding names its rule, the frames that show it, and a remedy.

With --fail-on the exit code is 99 where something at least as bad was found: a gate for CI. JUnit and SARIF are written
with --format.`
  static override args = {
    file: Args.string({ ignoreStdin: true, description: 'a capture, or - for standard input' }),
  }
  static override flags = {
    ...settings({
      'fail-on': Flags.option({
        options: ['note', 'warning', 'error'] as const,
        description: 'exit with 99 where a finding is at least as bad',
      })(),
      ignore: Flags.string({
        multiple: true,
        multipleNonGreedy: true,
        delimiter: ',',
        description: 'not this rule; repeatable',
        helpValue: 'RULE',
      }),
      rules: Flags.boolean({ description: 'list the rules instead' }),
      format: Flags.option({
        options: FORMATS.filter(format => format !== 'tree' && format !== 'hex'),
        default: 'text' as const,
        description: 'how findings are written',
        helpGroup: 'OUTPUT',
      })(),
    }),
    json: showFlags.json,
    filter: showFlags.filter,
    flow: showFlags.flow,
    count: showFlags.count,
    'decode-as': showFlags['decode-as'],
    'show-secrets': showFlags['show-secrets'],
    quiet: showFlags.quiet,
    'no-color': showFlags['no-color'],
    ...captureFlags,
  }
  static override examples = [
    { description: 'All findings', command: '<%= config.bin %> lint capture.pcap' },
    {
      description: 'In CI',
      command: '<%= config.bin %> lint capture.pcap --fail-on warning --format junit > lint.xml',
    },
    { description: 'What is looked for', command: '<%= config.bin %> lint --rules' },
    {
      description: 'Of one protocol, but for one rule',
      command: '<%= config.bin %> lint capture.pcap -Y amqp091 --ignore amqp091/heartbeat-disabled',
    },
  ]

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Lint)
    const { lint, listRules } = await import('../src/lint.ts')
    const { file } = args
    await this.interruptible(signal => {
      if (flags.rules) return listRules(flags)
      if (file === undefined) throw usage('no FILE to look at', 'mqinspect lint capture.pcap; --rules lists the rules.')
      return lint({ ...flags, file }, signal)
    })
  }
}
