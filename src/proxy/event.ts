import type { CarrierStatus, Side } from '../../codecs/core/index.ts'
import { type Endpoint, formatEndpoint } from '../flow.ts'
import { advice, formatAddress, isSecure, type Route, reason } from '../net/index.ts'

/** What happens beside the traffic itself, for whoever runs the proxy. */
export type ProxyEvent =
  | { readonly type: 'listening'; readonly route: Route }
  /** The first connection to an upstream, or the first on which another thing was agreed on than before. */
  | { readonly type: 'upstream-secured'; readonly route: Route; readonly secured: CarrierStatus }
  | { readonly type: 'accept-failed'; readonly route: Route; readonly error: Error }
  | { readonly type: 'upstream-failed'; readonly route: Route; readonly client: Endpoint; readonly error: Error }
  /** A client that could not be let in: it does not speak TLS, or does not trust us. */
  | { readonly type: 'client-failed'; readonly route: Route; readonly client: Endpoint; readonly error: Error }
  | {
      readonly type: 'broken'
      readonly flow: number
      readonly side: Side
      readonly end: Endpoint
      readonly error: Error
    }
  | {
      readonly type: 'misfit'
      readonly flow: number
      readonly route: Route
      readonly client: Endpoint
      readonly misfit: Misfit
    }
  /** A connection that ended, of which something could not be shown. */
  | {
      readonly type: 'unshown'
      readonly flow: number
      readonly client: Endpoint
      readonly server: Endpoint
      readonly what: string
      readonly next?: string
    }
  /** Datagrams do not get to the upstream. Told again only once it has answered. */
  | { readonly type: 'undelivered'; readonly flow: number; readonly end: Endpoint; readonly error: Error }
  /** More clients at once than are relayed: those who were silent longest are forgotten. Told once a route. */
  | { readonly type: 'crowded'; readonly route: Route; readonly most: number }
  | { readonly type: 'decoding-failed'; readonly flow: number; readonly error: Error }

/** What the first bytes show to be wrong with a route; `silent`: none came after the TLS handshake. */
export type Misfit =
  | 'client-speaks-tls'
  | 'upstream-speaks-tls'
  | 'upstream-lacks-tls'
  | 'upstream-leaves'
  | 'both-speak-tls'
  | 'silent'

/** `127.0.0.1:11883 → mqtt://broker:1883` */
export const describeRoute = ({ listen, upstream }: Route): string =>
  `${formatAddress(listen)} → ${formatAddress(upstream)}`

/** One line for people. */
export function describeEvent(event: ProxyEvent): string {
  switch (event.type) {
    case 'listening':
      return (
        describeRoute(event.route) +
        (event.route.listen.transport === 'dtls' ? ', as it is: DTLS is not decrypted' : '')
      )
    case 'upstream-secured': {
      const { name, cipher, subprotocol } = event.secured
      const agreed = [
        name,
        ...(cipher === undefined ? [] : [cipher]),
        ...(subprotocol === undefined ? [] : [`ALPN ${subprotocol}`]),
      ]
      return `${formatAddress(event.route.upstream)}: ${agreed.join(', ')}`
    }
    case 'accept-failed':
      return `${formatAddress(event.route.listen)}: a connection could not be accepted: ${reason(event.error)}`
    case 'upstream-failed': {
      const client = formatEndpoint(event.client)
      return `${formatAddress(event.route.upstream)}: ${reason(event.error)}; ${client} was turned away`
    }
    case 'client-failed': {
      const client = formatEndpoint(event.client)
      return `${formatAddress(event.route.listen)}: client ${client} was turned away: ${reason(event.error, 'client')}`
    }
    case 'broken': {
      const why = reason(event.error, event.side)
      return `flow ${event.flow}: ${event.side} ${formatEndpoint(event.end)}: ${why}; passed on as a reset`
    }
    case 'misfit':
      return `flow ${event.flow}: ${MISFITS[event.misfit].what}`
    case 'unshown':
      return `flow ${event.flow}: ${event.what}`
    case 'undelivered':
      return `flow ${event.flow}: nothing gets to ${formatEndpoint(event.end)}: ${reason(event.error)}`
    case 'crowded':
      return `${describeRoute(event.route)}: more than ${event.most} clients; who was silent longest is forgotten, from now on`
    case 'decoding-failed':
      return `flow ${event.flow}: decoding failed (${event.error.message}); it is relayed on, but shown no more`
  }
}

const MISFITS: Readonly<Record<Misfit, { readonly what: string; readonly next: (route: Route) => string }>> = {
  'client-speaks-tls': {
    what: 'the client speaks TLS within what is relayed, so the upstream gets TLS within TLS',
    next: ({ listen, upstream }) =>
      isSecure(listen)
        ? 'The client does TLS twice: is there a tunnel of its own?'
        : `End it here, with a scheme for LISTEN: ${upstream.scheme ?? 'tls'}://${formatEndpoint(listen)}=${formatAddress(upstream)}`,
  },
  'upstream-speaks-tls': {
    what: 'the upstream speaks TLS, and is spoken to without',
    next: ({ upstream }) => `Give it a scheme with TLS: tls://${formatEndpoint(upstream)}`,
  },
  'upstream-lacks-tls': {
    what: 'the client speaks TLS, and the upstream does not',
    next: ({ listen, upstream }) =>
      `End it here: tls://${formatEndpoint(listen)}=${formatAddress(upstream)}; or have the client speak without.`,
  },
  'upstream-leaves': {
    what: 'the upstream ended the connection at what the client said first, without a word',
    next: ({ upstream }) =>
      isSecure(upstream)
        ? 'Is it the port of another protocol? Its log may say why.'
        : `If it speaks TLS, give it a scheme with TLS: tls://${formatEndpoint(upstream)}. Else its log may say why.`,
  },
  'both-speak-tls': {
    what: 'client and upstream speak TLS with each other, of which nothing can be shown',
    next: ({ listen, upstream }) =>
      `End it here, and begin it again: tls://${formatEndpoint(listen)}=tls://${formatEndpoint(upstream)}`,
  },
  silent: {
    what: 'the client left without a word after the TLS handshake, as some do that do not trust the certificate',
    next: () => 'If it should have stayed, make it trust the authority whose file was named at the start.',
  },
}

/** How it goes, where nothing is wrong. */
export const isNotice = ({ type }: ProxyEvent): boolean => type === 'listening' || type === 'upstream-secured'

/** What to do about it, for people. */
export function adviceOn(event: ProxyEvent): string | undefined {
  switch (event.type) {
    case 'upstream-failed':
      return (
        advice(event.error) ??
        `Is the broker running, and is ${formatAddress(event.route.upstream)} its address? The proxy goes on listening.`
      )
    case 'accept-failed':
      return advice(event.error)
    case 'client-failed':
      return advice(event.error, 'client')
    case 'broken':
      return advice(event.error, event.side)
    case 'misfit':
      return MISFITS[event.misfit].next(event.route)
    case 'unshown':
      return event.next
    case 'undelivered':
      return `Does anything listen on UDP port ${event.end.port} there? Clients go on being relayed.`
    default:
      return undefined
  }
}

/** What makes an event the same as another that was told: a client that tries again every second is told of once. */
export function recurring(event: ProxyEvent): string | undefined {
  switch (event.type) {
    case 'upstream-secured':
      return describeEvent(event)
    case 'client-failed':
      return [formatAddress(event.route.listen), event.client.host, reason(event.error, 'client')].join(' ')
    case 'misfit':
      return [formatAddress(event.route.listen), event.client.host, event.misfit].join(' ')
    case 'unshown':
      return [formatEndpoint(event.server), event.client.host, event.what].join(' ')
    default:
      return undefined
  }
}
