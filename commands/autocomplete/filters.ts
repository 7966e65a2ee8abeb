import { Args, BaseCommand } from '../../src/command.ts'
import { SHELLS, scripts } from '../../src/completion/index.ts'

export default class Filters extends BaseCommand {
  static override summary = 'Print what makes a shell complete filters and fields.'
  static override args = {
    shell: Args.string({ required: true, options: [...SHELLS], description: 'for which shell' }),
  }
  static override examples = [
    { description: 'In ~/.bashrc', command: 'source <(<%= config.bin %> autocomplete filters bash)' },
    { description: 'In ~/.zshrc, after compinit', command: 'source <(<%= config.bin %> autocomplete filters zsh)' },
  ]

  async run(): Promise<void> {
    const { args } = await this.parse(Filters)
    process.stdout.write(scripts[args.shell as keyof typeof scripts])
  }
}
