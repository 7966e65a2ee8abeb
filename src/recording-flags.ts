import { Flags, settings } from './command.ts'

const GROUP = { helpGroup: 'RECORDING' } as const

/** What is overwritten in what is written. */
const redactionFlags = settings({
  'keep-secrets': Flags.boolean({ description: 'record passwords and tokens as they are, not overwritten', ...GROUP }),
  redact: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    description:
      'overwrite these fields, too: message.body, mqtt.payload, amqp091.properties.headers.*; ' +
      'with =hash, equal values stay equal; repeatable',
    helpValue: 'PATH',
    ...GROUP,
  }),
})

/** How a recording is written. */
export const recordingFlags = settings({
  write: Flags.string({ char: 'w', description: 'record to this file, as pcapng', helpValue: 'FILE', ...GROUP }),
  ...redactionFlags,
  rotate: Flags.string({
    description: 'go on in another file after this size or time: 100MB, 10m, or both: 100MB,10m',
    helpValue: 'SIZE|TIME',
    ...GROUP,
  }),
  keep: Flags.integer({
    min: 1,
    description: 'with --rotate: keep this many files, delete older ones',
    helpValue: 'N',
    ...GROUP,
  }),
  findings: Flags.boolean({
    description: 'put what is found wrong to the packets that show it, as comments',
    allowNo: true,
    default: true,
    ...GROUP,
  }),
  'min-free': Flags.string({
    description: 'stop recording where less than this is free on the disk; all else goes on',
    default: '100MB',
    helpValue: 'SIZE',
    ...GROUP,
  }),
})
