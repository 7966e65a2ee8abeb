import { captureFlags, Flags, settings, showFlags } from './command.ts'

/** What playing a recording can be told, whichever side of it is played. */
export const playedFlags = {
  ...settings({
    filter: Flags.string({
      char: 'Y',
      description: 'only recorded connections of which a frame matches; see docs/filters.md',
      helpValue: 'FILTER',
    }),
    expect: Flags.option({ options: ['same'] as const, description: 'exit code 1 where anything went otherwise' })(),
    write: Flags.string({ char: 'w', description: 'record the run to this file, as pcapng', helpValue: 'FILE' }),
    'keep-secrets': Flags.boolean({ description: 'record passwords and tokens as they are, not overwritten' }),
  }),
  flow: showFlags.flow,
  json: showFlags.json,
  'decode-as': showFlags['decode-as'],
  quiet: showFlags.quiet,
  'no-color': showFlags['no-color'],
  ...captureFlags,
}
