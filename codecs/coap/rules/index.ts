import type { AnyRule } from '../../core/index.ts'
import { badOption, echoMissing, errorLoop, noAnswer, retryTooSoon } from './answers.ts'
import { blocksOutOfOrder, representationChanged, uploadIncomplete } from './blocks.ts'
import { notificationAfterReset, notificationOutOfOrder, notObservable } from './observe.ts'
import { unknownCriticalOption } from './options.ts'
import { aborted } from './reliable.ts'
import { processedTwice, resetLoop, separateUnacknowledged, tokenMismatch } from './replies.ts'
import {
  datagramTooLarge,
  messageIdReused,
  nstartExceeded,
  retransmissionStorm,
  retransmittedTooOften,
  retransmittedTooSoon,
} from './transmission.ts'

/** What can be wrong with how CoAP is used, between two endpoints. */
export const rules: readonly AnyRule[] = [
  noAnswer,
  errorLoop,
  retryTooSoon,
  badOption,
  unknownCriticalOption,
  echoMissing,
  tokenMismatch,
  retransmissionStorm,
  retransmittedTooSoon,
  retransmittedTooOften,
  nstartExceeded,
  messageIdReused,
  processedTwice,
  resetLoop,
  separateUnacknowledged,
  notObservable,
  notificationOutOfOrder,
  notificationAfterReset,
  blocksOutOfOrder,
  uploadIncomplete,
  representationChanged,
  datagramTooLarge,
  aborted,
]
