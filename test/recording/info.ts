import type { FlowInfo } from '../../src/flow.ts'

/** A flow like any other. */
export const INFO: FlowInfo = {
  id: 1,
  transport: 'stream',
  client: { host: '127.0.0.1', port: 50001 },
  server: { host: '127.0.0.1', port: 7 },
  started: 1_000,
  joined: 'start',
}
