import type { Side } from '../../codecs/core/index.ts'
import { type Endpoint, formatEndpoint } from '../flow.ts'
import { formatAddress, type Route, reason } from '../net/index.ts'

/** What happens beside the traffic itself, for whoever runs the proxy. */
export type ProxyEvent =
  | { readonly type: 'listening'; readonly route: Route }
  | { readonly type: 'accept-failed'; readonly route: Route; readonly error: Error }
  | { readonly type: 'upstream-failed'; readonly route: Route; readonly client: Endpoint; readonly error: Error }
  | {
      readonly type: 'broken'
      readonly flow: number
      readonly side: Side
      readonly end: Endpoint
      readonly error: Error
    }
  | { readonly type: 'decoding-failed'; readonly flow: number; readonly error: Error }

/** `127.0.0.1:11883 → mqtt://broker:1883` */
export const describeRoute = ({ listen, upstream }: Route): string =>
  `${formatAddress(listen)} → ${formatAddress(upstream)}`

/** One line for people. */
export function describeEvent(event: ProxyEvent): string {
  switch (event.type) {
    case 'listening':
      return describeRoute(event.route)
    case 'accept-failed':
      return `${formatAddress(event.route.listen)}: a connection could not be accepted: ${reason(event.error)}`
    case 'upstream-failed': {
      const client = formatEndpoint(event.client)
      return `${formatAddress(event.route.upstream)}: ${reason(event.error)}; ${client} was turned away`
    }
    case 'broken':
      return `flow ${event.flow}: ${event.side} ${formatEndpoint(event.end)}: ${reason(event.error)}; passed on as a reset`
    case 'decoding-failed':
      return `flow ${event.flow}: decoding failed (${event.error.message}); it is relayed on, but shown no more`
  }
}
