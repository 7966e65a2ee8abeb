import { ackWrongChannel, multipleAck, unknownDeliveryTag } from './answers.ts'
import { channelChurn, channelPerMessage, publishOnClosed } from './channels.ts'
import { authRefused, connectionBlocked, defaultCredentials, frameMaxSmall } from './connection.ts'
import { heartbeatDisabled, heartbeatLong, heartbeatMissed } from './heartbeat.ts'
import { getPolling, passiveDeclareFailing } from './polling.ts'
import { globalQos, prefetchUnlimited } from './prefetch.ts'
import { transientToDurable, unconfirmedPersistent } from './publishing.ts'
import { classicVersionOne, mirroredQueue, queueMasterLocator, transientQueue } from './queues.ts'
import { closedByBroker, declareInequivalent, resourceLocked } from './refused.ts'
import { requeueLoop } from './requeue.ts'
import { messageReturned, unroutableUnnoticed } from './routing.ts'
import type { AmqpRule } from './rule.ts'
import { deliveryUnacknowledged, unackedGrowth } from './unacknowledged.ts'

/** What can be wrong with how AMQP 0-9-1 is used. */
export const rules: readonly AmqpRule[] = [
  authRefused,
  defaultCredentials,
  frameMaxSmall,
  heartbeatDisabled,
  heartbeatLong,
  heartbeatMissed,
  connectionBlocked,
  closedByBroker,
  declareInequivalent,
  resourceLocked,
  passiveDeclareFailing,
  channelPerMessage,
  channelChurn,
  publishOnClosed,
  unconfirmedPersistent,
  transientToDurable,
  unroutableUnnoticed,
  messageReturned,
  prefetchUnlimited,
  globalQos,
  deliveryUnacknowledged,
  unackedGrowth,
  unknownDeliveryTag,
  ackWrongChannel,
  multipleAck,
  requeueLoop,
  getPolling,
  transientQueue,
  classicVersionOne,
  queueMasterLocator,
  mirroredQueue,
]
