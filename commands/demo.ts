import { BaseCommand, Flags, settings } from '../src/command.ts'

export default class Demo extends BaseCommand {
  static override summary = 'See it work: an embedded broker, clients, and the proxy between them.'
  static override description =
    `Nothing to install and nothing to configure. It uses loopback only, takes about ten seconds, and leaves a recording
that mqinspect decode and Wireshark open.`
  static override flags = settings({
    write: Flags.string({
      char: 'w',
      description: 'where to leave the recording',
      default: 'demo.pcapng',
      helpValue: 'FILE',
    }),
    'no-color': Flags.boolean({ description: 'no colours, as NO_COLOR=1 does', helpGroup: 'OUTPUT' }),
  })
  static override examples = [{ description: 'All of it', command: '<%= config.bin %> demo' }]

  async run(): Promise<void> {
    const { flags } = await this.parse(Demo)
    const { demo } = await import('../src/demo/index.ts')
    await this.interruptible(signal => demo(flags, signal))
  }
}
