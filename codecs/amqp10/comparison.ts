import type { Comparison } from '../core/index.ts'

export const comparison: Comparison = {
  terms: ['protocol-header', 'sasl-mechanisms', 'sasl-init', 'open'],
  passing: [
    'channel',
    'handle',
    'deliveryId',
    'deliveryTag',
    'containerId',
    'messageId',
    'correlationId',
    'creationTime',
    'absoluteExpiryTime',
    'groupSequence',
  ],
}
