import { screenFlags, showFlags } from '../command.ts'
import { upstreamTlsFlags } from '../tls-flags.ts'
import { clientFlags } from './clients.ts'
import { consumingFlags } from './consuming.ts'
import { messageFlags } from './messages.ts'
import { runFlags } from './run.ts'

/** What a load test can be told: who the clients are, what they send and consume, what must hold, how it is shown. */
export const loadFlags = {
  ...clientFlags,
  ...messageFlags,
  ...consumingFlags,
  ...runFlags,
  ...screenFlags,
  json: showFlags.json,
  quiet: showFlags.quiet,
  'no-color': showFlags['no-color'],
  ...upstreamTlsFlags,
}
