import { SparseSet, type TopologyChange } from '../../core/index.ts'
import { type AmqpRule, MOST_NAMES } from './rule.ts'

/** A rule over queues as they are declared: says what is wrong with one, or nothing. Told once a queue. */
const declared = (
  text: Omit<AmqpRule, 'watch'>,
  say: (
    name: string,
    details: Readonly<Record<string, unknown>>,
    args: Readonly<Record<string, unknown>>,
  ) => string | undefined,
): AmqpRule => ({
  ...text,
  things: ['queue'],
  watch: (_, report) => {
    const told = new SparseSet<string>()
    return {
      topology: ({ action, name, details = {}, frame }: TopologyChange) => {
        if (action !== 'add' || told.has(name) || told.size === MOST_NAMES) return
        const message = say(name, details, (details.arguments ?? {}) as Record<string, unknown>)
        if (message === undefined) return
        told.add(name)
        report(message, [frame])
      },
    }
  },
})

export const transientQueue = declared(
  {
    id: 'amqp091/transient-nonexclusive-queue',
    severity: 'warning',
    title: 'A queue is neither durable nor exclusive',
    why: 'RabbitMQ has deprecated such queues and refuses them by default as of 4.3: it closes the connection with 541, and the client does not start after the upgrade. In a cluster they vanish with their node while other clients still rely on them.',
    fix: 'Declare it durable, with x-expires if it shall go when unused, or exclusive if one connection alone uses it. Until then deprecated_features.permit.transient_nonexcl_queues = true lets it pass where the broker still can.',
  },
  (name, { durable, exclusive }) =>
    durable === false && exclusive === false ? `queue ${name} was declared with durable and exclusive off` : undefined,
)

export const classicVersionOne = declared(
  {
    id: 'amqp091/classic-queue-v1',
    severity: 'warning',
    title: 'A queue asks for what classic queues version 1 had',
    why: 'RabbitMQ 4 has version 2 of classic queues only. Lazy mode has had no effect since 3.12, and RabbitMQ 4.3 refuses a declare with x-queue-mode, whatever its value, or with x-queue-version=1: the client does not start after the upgrade.',
    fix: 'Leave x-queue-mode and x-queue-version out: version 2 keeps few messages in memory by itself. As arguments belong to the queue’s identity, all who declare it leave them out at once, and it is deleted and declared anew.',
  },
  (name, _, { 'x-queue-mode': mode, 'x-queue-version': version }) => {
    const lazy = mode === undefined ? [] : [`x-queue-mode=${mode}`]
    const asked = version === 1 ? [...lazy, 'x-queue-version=1'] : lazy
    return asked.length > 0 ? `queue ${name} was declared with ${asked.join(' and ')}` : undefined
  },
)

export const queueMasterLocator = declared(
  {
    id: 'amqp091/queue-master-locator',
    severity: 'warning',
    title: 'A queue says by x-queue-master-locator where its leader shall be',
    why: 'RabbitMQ has deprecated it with the mirrored queues that it was for, and 4.3 refuses a declare with it by default: the client does not start after the upgrade.',
    fix: 'Use x-queue-leader-locator (client-local or balanced), or queue_leader_locator in rabbitmq.conf for all.',
  },
  (name, _, { 'x-queue-master-locator': locator }) =>
    locator === undefined ? undefined : `queue ${name} was declared with x-queue-master-locator=${locator}`,
)

export const mirroredQueue = declared(
  {
    id: 'amqp091/mirrored-queue',
    severity: 'warning',
    title: 'A queue asks to be mirrored',
    why: 'Mirrored classic queues are gone in RabbitMQ 4.0, and x-ha-policy as an argument has meant nothing since 3.0: the queue lives on one node, and is away when that node is.',
    fix: 'Declare a quorum queue (x-queue-type=quorum, durable) for what must survive the loss of a node, and remove ha-mode policies.',
  },
  (name, _, args) => {
    const asked = Object.keys(args).filter(key => key.startsWith('x-ha-'))
    return asked.length > 0 ? `queue ${name} was declared with ${asked.join(' and ')}` : undefined
  },
)
