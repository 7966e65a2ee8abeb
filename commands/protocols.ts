import { BaseCommand, Flags, settings, showFlags } from '../src/command.ts'

export default class Protocols extends BaseCommand {
  static override summary = 'List the protocols that are supported, and how far.'
  static override flags = settings({
    format: Flags.option({
      options: ['text', 'ndjson', 'json'] as const,
      default: 'text',
      description: 'how it is written',
    })(),
    json: showFlags.json,
    'no-color': showFlags['no-color'],
  })
  static override examples = [
    '<%= config.bin %> protocols',
    {
      description: 'Every frame type of MQTT',
      command: '<%= config.bin %> protocols --json | jq -r \'select(.id=="mqtt").types[]\'',
    },
  ]

  async run(): Promise<void> {
    const { flags } = await this.parse(Protocols)
    const { protocols } = await import('../src/protocols.ts')
    await this.interruptible(() => protocols(flags))
  }
}
