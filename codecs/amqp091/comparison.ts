import type { Comparison } from '../core/index.ts'

export const comparison: Comparison = {
  terms: [
    'protocol-header',
    'connection.start',
    'connection.start-ok',
    'connection.tune',
    'connection.tune-ok',
    'connection.open',
  ],
  passing: ['deliveryTag', 'consumerTag', 'channel', 'messageCount', 'messageId', 'correlationId', 'timestamp'],
  generated: [/\bamq\.(?:gen|ctag)-[\w-]{22}/g],
}
