import { type Plain, Table } from '../../../../codecs/amqp091/field-table.ts'
import { client, type Step, server } from '../talk.ts'
import { type Cases, times } from './case.ts'

type Given = Parameters<typeof client<'queue.declare'>>[1]

const declared = (given: Given = {}, args: Readonly<Record<string, Plain>> = {}): Step[] => [
  client('queue.declare', { queue: 'q', durable: true, arguments: Table.of(args), ...given }),
  server('queue.declare-ok', { queue: 'q' }),
]
const refused = (replyCode: number, replyText: string): Step[] => [
  client('queue.declare', { queue: 'q' }),
  server('channel.close', { replyCode, replyText, classId: 50, methodId: 10 }),
]
const inequivalent = refused(406, "PRECONDITION_FAILED - inequivalent arg 'durable' for queue 'q'")
const locked = refused(405, "RESOURCE_LOCKED - cannot obtain exclusive access to locked queue 'q'")
const exclusive: readonly Step[] = [
  client('basic.consume', { queue: 'q' }),
  server('channel.close', {
    replyCode: 403,
    replyText: "ACCESS_REFUSED - queue 'q' in vhost '/' in exclusive use",
    classId: 60,
    methodId: 20,
  }),
]
const forbidden = refused(403, "ACCESS_REFUSED - configure access to queue 'q' refused for user 'ann'")

export const queues: Cases = {
  'declare-inequivalent': {
    shows: {
      'a declare that differs, once for each queue': [
        times(3, () => inequivalent),
        "error: queue.declare of q was refused: 406 PRECONDITION_FAILED - inequivalent arg 'durable' for queue 'q' [1 2]",
      ],
    },
    not: {
      'one that is the same': declared(),
      'other reasons of 406': refused(406, 'PRECONDITION_FAILED - invalid arg'),
    },
  },
  'resource-locked': {
    shows: {
      'a queue of another connection': [
        locked,
        "error: queue.declare of q was refused: 405 RESOURCE_LOCKED - cannot obtain exclusive access to locked queue 'q' [1 2]",
      ],
      'a consumer that wants no other': [
        exclusive,
        "error: basic.consume of q was refused: 403 ACCESS_REFUSED - queue 'q' in vhost '/' in exclusive use [1 2]",
      ],
    },
    not: { 'a queue of one’s own': declared({ exclusive: true }), 'what permissions forbid': forbidden },
  },
  'transient-nonexclusive-queue': {
    shows: {
      'a queue that RabbitMQ 4.3 refuses, once': [
        times(2, () => declared({ durable: false })),
        'warning: queue q was declared with durable and exclusive off [2]',
      ],
    },
    not: {
      'a durable one': declared(),
      'an exclusive one': declared({ durable: false, exclusive: true }),
      'one that is asked for': declared({ durable: false, passive: true }),
      'one that was refused': inequivalent,
    },
  },
  'classic-queue-v1': {
    shows: {
      'lazy mode': [
        declared({}, { 'x-queue-mode': 'lazy' }),
        'warning: queue q was declared with x-queue-mode=lazy [2]',
      ],
      'any mode': [
        declared({}, { 'x-queue-mode': 'default', 'x-queue-version': 1 }),
        'warning: queue q was declared with x-queue-mode=default and x-queue-version=1 [2]',
      ],
    },
    not: { 'version 2': declared({}, { 'x-queue-version': 2, 'x-max-length': 10 }), 'no arguments': declared() },
  },
  'queue-master-locator': {
    shows: {
      'a place for the leader': [
        declared({}, { 'x-queue-master-locator': 'min-masters' }),
        'warning: queue q was declared with x-queue-master-locator=min-masters [2]',
      ],
    },
    not: { 'what has taken its place': declared({}, { 'x-queue-leader-locator': 'balanced' }) },
  },
  'mirrored-queue': {
    shows: {
      'a policy as arguments': [
        declared({}, { 'x-ha-policy': 'all', 'x-ha-policy-params': ['a'] }),
        'warning: queue q was declared with x-ha-policy and x-ha-policy-params [2]',
      ],
    },
    not: { 'a quorum queue': declared({}, { 'x-queue-type': 'quorum' }) },
  },
}
