import type { Comparison } from '../core/index.ts'

export const comparison: Comparison = {
  terms: ['connect', 'connack'],
  passing: [
    'packetId',
    'remainingLength',
    'dup',
    'topicAlias',
    'aliased',
    'subscriptionIdentifiers',
    'assignedClientIdentifier',
    'correlationData',
  ],
  generated: [
    // Mosquitto's name for a client without one, and that of its own clients for themselves.
    /\bauto-[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\b/g,
    /\bmosq-[0-9A-Za-z]{18}\b/g,
  ],
}
