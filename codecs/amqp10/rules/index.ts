import type { AnyRule } from '../../core/index.ts'
import { linkPerMessage } from './churn.ts'
import { connectionError, idleTimeoutMissed, idleTimeoutOff, maxFrameSizeSmall, sessionError } from './connection.ts'
import { messageRejected, messageReleased, settledSends } from './deliveries.ts'
import { linkStarving, unsettledGrowth, windowExhausted } from './flow.ts'
import { addressV1, detachErrorLoop, linkError } from './links.ts'
import { anonymous, authRefused, defaultCredentials } from './security.ts'
import { deliveryUnsettled, redeliveryLoop, transactionFailed } from './unsettled.ts'

/** What can be wrong with how AMQP 1.0 is used, within one connection. */
export const rules: readonly AnyRule[] = [
  authRefused,
  defaultCredentials,
  anonymous,
  connectionError,
  sessionError,
  linkError,
  detachErrorLoop,
  linkPerMessage,
  addressV1,
  linkStarving,
  windowExhausted,
  unsettledGrowth,
  deliveryUnsettled,
  redeliveryLoop,
  messageRejected,
  messageReleased,
  settledSends,
  transactionFailed,
  idleTimeoutOff,
  idleTimeoutMissed,
  maxFrameSizeSmall,
]
