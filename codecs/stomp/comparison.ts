import type { Comparison } from '../core/index.ts'

/** Frames have standard headers by their fields' names, messages have all headers by their own. */
export const comparison: Comparison = {
  terms: ['CONNECT', 'STOMP', 'CONNECTED'],
  passing: [
    'session',
    'messageId',
    'receipt',
    'receiptId',
    'subscription',
    'message-id',
    'receipt-id',
    'ack',
    'correlation-id',
    'timestamp',
    'expires',
  ],
  // RabbitMQ's and ActiveMQ's sessions; RabbitMQ's queues for subscriptions.
  generated: [/\bsession-[\w-]{22}/g, /\bID:[\w.-]+(?::\d+)+/g, /\bstomp-subscription-[\w-]{22}/g],
}
