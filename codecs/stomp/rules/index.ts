import type { AnyRule } from '../../core/index.ts'
import { ackUnknown, deliveryUnacknowledged, redeliveryLoop, unackedGrowth } from './acknowledging.ts'
import {
  anonymous,
  connectRefused,
  defaultCredentials,
  errorFrame,
  heartbeatMissed,
  heartbeatOff,
  versionOne,
} from './connection.ts'
import { contentLengthWrong, escapeUndefined, nulInBody } from './framing.ts'
import { noDestination, receiptMissing, sendWithoutReceipt, transactionOpen, transientSend } from './sending.ts'
import { ackAuto, prefetchUnlimited } from './subscribing.ts'

/** What can be wrong with how STOMP is used, within one connection. */
export const rules: readonly AnyRule[] = [
  connectRefused,
  defaultCredentials,
  anonymous,
  versionOne,
  heartbeatOff,
  heartbeatMissed,
  errorFrame,
  nulInBody,
  contentLengthWrong,
  escapeUndefined,
  noDestination,
  sendWithoutReceipt,
  receiptMissing,
  transientSend,
  transactionOpen,
  ackUnknown,
  ackAuto,
  deliveryUnacknowledged,
  unackedGrowth,
  redeliveryLoop,
  prefetchUnlimited,
]
