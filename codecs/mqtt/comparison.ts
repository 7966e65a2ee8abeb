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
  // Mosquitto's name for a client without one.
  generated: [/\bauto-[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\b/g],
}
