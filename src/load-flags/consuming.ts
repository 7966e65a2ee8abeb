import { Flags, settings } from '../command.ts'

/** How deliveries are taken. */
export const consumingFlags = settings({
  ack: Flags.boolean({
    default: true,
    allowNo: true,
    description: 'acknowledge deliveries',
    helpGroup: 'CONSUMING',
  }),
  'ack-every': Flags.integer({
    min: 1,
    default: 1,
    description: 'acknowledge so many at once',
    helpValue: 'N',
    helpGroup: 'CONSUMING',
  }),
  credit: Flags.integer({
    min: 0,
    aliases: ['prefetch'],
    description: 'prefetch, link credit, receive maximum',
    helpValue: 'N',
    helpGroup: 'CONSUMING',
  }),
  work: Flags.string({
    description: 'time that each delivery takes; several, each for a time: 5ms:30s,50ms:10s',
    helpValue: 'TIME',
    helpGroup: 'CONSUMING',
  }),
  'consume-rate': Flags.string({
    description:
      'deliveries a second that all consumers together work off, each one after the other; several, each for a time: 500:30s,50:10s',
    helpValue: 'N',
    helpGroup: 'CONSUMING',
    exclusive: ['work'],
  }),
  reject: Flags.string({
    description: 'share of deliveries to reject: 1%',
    helpValue: 'SHARE',
    helpGroup: 'CONSUMING',
  }),
  requeue: Flags.string({ description: 'share to give back', helpValue: 'SHARE', helpGroup: 'CONSUMING' }),
  'consume-count': Flags.string({
    description: 'deliveries after which consumers leave, of all together; 1k/client: of each',
    helpValue: 'N[/client]',
    helpGroup: 'CONSUMING',
  }),
  'consume-after': Flags.string({
    description: 'begin to consume so long after the start: a backlog',
    helpValue: 'TIME',
    helpGroup: 'CONSUMING',
  }),
})
