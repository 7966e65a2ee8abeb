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
import { keepAliveMissed, keepAliveOff, pingUnanswered } from './keep-alive.ts'
import { packetTooLarge, receiveMaximumExceeded, topicAliasInvalid } from './limits.ts'
import { qosDowngraded, retainedFlood, subscribeAll, subscribeStorm, subscriptionRefused } from './subscribe.ts'

/** What can be wrong with how MQTT is used, within one connection. */
export const rules: readonly AnyRule[] = [
  authRefused,
  connectionRefused,
  defaultCredentials,
  clientIdentifier,
  cleanStartLosesSession,
  oldProtocol,
  keepAliveOff,
  keepAliveMissed,
  pingUnanswered,
  subscriptionRefused,
  qosDowngraded,
  subscribeAll,
  subscribeStorm,
  retainedFlood,
  publishUnanswered,
  qos2Incomplete,
  unexplainedDup,
  packetIdReused,
  receiveMaximumExceeded,
  topicAliasInvalid,
  packetTooLarge,
  serverDisconnect,
  sessionTakenOver,
]
