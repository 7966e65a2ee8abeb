import { Flags, settings } from './command.ts'

const files = (description: string, helpValue: string) =>
  Flags.string({ multiple: true, multipleNonGreedy: true, description, helpValue, helpGroup: 'PAYLOADS' })

/** What describes bodies that do not describe themselves. */
export const payloadFlags = settings({
  proto: files('describes Protocol Buffers in bodies, and which message they are; repeatable', 'FILE[:Type]'),
  avro: files('Avro schema of bodies, in JSON; repeatable', 'FILE'),
})
