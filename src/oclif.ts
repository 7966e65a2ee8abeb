/** All that we take of oclif, by its parts: the whole of it takes a third longer to load. */
import { string } from '@oclif/core/args'
import { boolean, integer, option, string as text } from '@oclif/core/flags'

export { Command } from '@oclif/core/command'
export { Config } from '@oclif/core/config'
export type { FlagInput } from '@oclif/core/interfaces'
export { run } from '@oclif/core/run'

export const Args = { string }
export const Flags = { boolean, integer, option, string: text }
