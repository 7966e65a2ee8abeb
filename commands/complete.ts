import { codecs } from '../codecs/index.ts'
import { BaseCommand } from '../src/command.ts'

/** What shells call: `mqinspect complete -- decode FILE -Y mqtt.to`. */
export default class Complete extends BaseCommand {
  static override summary = 'Tell what a filter or a list of fields may become.'
  static override hidden = true
  static override strict = false

  async run(): Promise<void> {
    const { argv } = await this.parse(Complete)
    const { offer, offerLines } = await import('../src/completion/index.ts')
    process.stdout.write(offerLines(offer(argv as string[], codecs)))
  }
}
