import type { AnyRule } from '../../core/index.ts'
import {
  authRefused,
  cleanStartLosesSession,
  clientIdentifier,
  connectionRefused,
  defaultCredentials,
  oldProtocol,
} from './connect.ts'
import { packetIdReused, publishUnanswered, qos2Incomplete, unexplainedDup } from './delivery.ts'
import { serverDisconnect, sessionTakenOver } from './disconnect.ts'
import { keepAliveMissed, keepAliveOff } from './keep-alive.ts'
import { packetTooLarge, receiveMaximumExceeded, topicAliasInvalid } from './limits.ts'
import { beyondCapabilities, noSubscribers, publishRefused, unsubscribeUnknown, wildcardInTopic } from './publish.ts'
import { packetIdUnknown, sessionLost, willPublished } from './session.ts'
import { qosDowngraded, retainedFlood, subscribeAll, subscribeStorm, subscriptionRefused } from './subscribe.ts'

/** What can be wrong with how MQTT is used, within one connection. */
export const rules: readonly AnyRule[] = [
  authRefused,
  connectionRefused,
  defaultCredentials,
  clientIdentifier,
  cleanStartLosesSession,
  sessionLost,
  oldProtocol,
  keepAliveOff,
  keepAliveMissed,
  subscriptionRefused,
  qosDowngraded,
  subscribeAll,
  subscribeStorm,
  retainedFlood,
  unsubscribeUnknown,
  wildcardInTopic,
  publishRefused,
  noSubscribers,
  beyondCapabilities,
  publishUnanswered,
  qos2Incomplete,
  unexplainedDup,
  packetIdReused,
  packetIdUnknown,
  receiveMaximumExceeded,
  topicAliasInvalid,
  packetTooLarge,
  serverDisconnect,
  sessionTakenOver,
  willPublished,
]
