import { utf8 } from '../../core/index.ts'
import type { CoapRule } from './rule.ts'

export const aborted: CoapRule = {
  id: 'coap/aborted',
  severity: 'error',
  title: 'A connection is aborted',
  why: 'One side met with something that it cannot go on after, and says so with Abort (RFC 8323 §5.6): what was under way is lost.',
  fix: 'Go by what the message says: a message that is larger than Max-Message-Size, a CSM option that is not understood, a connection that did not begin with a CSM. Both sides must keep to what the other’s CSM says.',
  types: ['abort'],
  watch: (_, report) => ({
    frame: (frame, { side }, number) => {
      const { payload } = frame
      const said = payload === undefined || payload.length === 0 ? '' : `: ${utf8(payload, 0, payload.length)}`
      report(`the ${side} aborts the connection${said}`, [number])
    },
  }),
}
