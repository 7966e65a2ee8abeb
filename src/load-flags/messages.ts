import { Flags, settings } from '../command.ts'
import { many } from './many.ts'

/** What is published, and when. */
export const messageFlags = settings({
  destination: Flags.string({
    ...many,
    char: 't',
    default: ['mqinspect/load'],
    description: "topic, queue, address, path to publish to; several in turn: 'orders-{1..100}'",
    helpValue: 'NAME',
    helpGroup: 'MESSAGES',
  }),
  source: Flags.string({
    ...many,
    description: 'what to consume, if not the destinations; several, each consumer all of them',
    helpValue: 'NAME',
    helpGroup: 'MESSAGES',
  }),
  spread: Flags.boolean({
    description: 'of several destinations or sources, each client has its part, not all of them',
    helpGroup: 'MESSAGES',
  }),
  rate: Flags.string({
    char: 'r',
    description:
      'messages a second that are due, all publishers together; max: as fast as answers come; recorded: as --from has them, recorded*2 twice as fast',
    helpValue: 'N',
    helpGroup: 'MESSAGES',
  }),
  stages: Flags.string({
    description: 'rates one after the other: 1k:30s,1k..5k:1m,5k:2m',
    helpValue: 'RATE:TIME,…',
    helpGroup: 'MESSAGES',
    exclusive: ['rate'],
  }),
  spacing: Flags.option({
    options: ['even', 'poisson'] as const,
    default: 'even',
    description: 'how what is due falls: evenly, or as from many independent senders',
    helpGroup: 'MESSAGES',
  })(),
  'in-flight': Flags.integer({
    min: 1,
    description: 'messages of each publisher that may wait for their answer; without --rate, the pace itself',
    helpValue: 'N',
    helpGroup: 'MESSAGES',
  }),
  count: Flags.string({
    char: 'c',
    description: 'stop after so many messages, of all publishers together; 1k/client: of each',
    helpValue: 'N[/client]',
    helpGroup: 'MESSAGES',
  }),
  duration: Flags.string({
    char: 'z',
    description: 'publish for so long; 10s, where nothing is said',
    helpValue: 'TIME',
    helpGroup: 'MESSAGES',
  }),
  size: Flags.string({
    ...many,
    delimiter: ',',
    char: 's',
    description: 'bytes of a body; several in turn: 100,10kB; at random: 100..10kB; each for a time: 100:30s,10kB:10s',
    helpValue: 'N',
    helpGroup: 'MESSAGES',
  }),
  body: Flags.string({
    ...many,
    description: 'text to send instead, a template; with %stamp in it, its loss can be told',
    helpValue: 'TEXT',
    helpGroup: 'MESSAGES',
  }),
  'body-file': Flags.string({
    ...many,
    description: 'a file to send instead',
    helpValue: 'FILE',
    helpGroup: 'MESSAGES',
  }),
  from: Flags.string({
    description: 'publish the messages of a recording, or of any other capture: bodies and destinations, in turn',
    helpValue: 'FILE',
    helpGroup: 'MESSAGES',
    exclusive: ['size', 'body', 'body-file'],
  }),
  filter: Flags.string({
    char: 'Y',
    description: 'of --from, only messages that match; see docs/filters.md',
    helpValue: 'FILTER',
    helpGroup: 'MESSAGES',
    dependsOn: ['from'],
  }),
  stamp: Flags.option({
    options: ['front'] as const,
    description: 'put what loss is told by over the first 32 bytes of bodies of your own',
    helpGroup: 'MESSAGES',
  })(),
  'content-type': Flags.string({ description: 'of the bodies', helpValue: 'TYPE', helpGroup: 'MESSAGES' }),
  header: Flags.string({
    ...many,
    description: 'a header, application property or user property, a template: tenant=%{a|b|c}; repeatable',
    helpValue: 'NAME=VALUE',
    helpGroup: 'MESSAGES',
  }),
  'drop-after': Flags.string({
    description: 'do not send what is so late any more; count it as dropped',
    helpValue: 'TIME',
    helpGroup: 'MESSAGES',
  }),
  'answer-timeout': Flags.string({
    description: 'for a message to be answered; later, it counts as unanswered',
    helpValue: 'TIME',
    helpGroup: 'MESSAGES',
  }),
  request: Flags.boolean({
    description: 'publishers ask and consumers answer; the time until the reply is measured',
    helpGroup: 'MESSAGES',
  }),
})
