import type { Comparison } from '../core/index.ts'

/** How a body is cut into blocks, and what an observation is counted in, is the transfer's affair. */
export const comparison: Comparison = {
  terms: ['csm'],
  passing: [
    'messageId',
    'token',
    'type',
    'observe',
    'etag',
    'echo',
    'requestTag',
    'block1',
    'block2',
    'qBlock1',
    'qBlock2',
  ],
}
