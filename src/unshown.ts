import type { Flow } from './flow.ts'

/** Why of a connection nothing, or not all, could be shown, and what to do about it. */
export interface Unshown {
  readonly what: string
  readonly next?: string
}

/** Undefined where all is well, and of a stream that is all TLS: of that the proxy tells when it begins. */
export function unshown(flow: Flow): Unshown | undefined {
  const { carriers, codec, bytes, frames, transport } = flow
  const fault = carriers.find(carrier => carrier.fault !== undefined)
  if (fault !== undefined) return { what: `its ${fault.name} breaks the rules: ${fault.fault}`, next: ALL_THE_SAME }
  const inmost = carriers.at(-1)
  const told = inmost?.encrypted === true && transport === 'stream' && frames.client + frames.server === 0
  if (inmost?.opaque !== undefined && !told) {
    return { what: `${inmost.name}: ${inmost.opaque}`, ...advice[inmost.name.split(' ')[0] as string] }
  }
  if (codec !== undefined || bytes.client + bytes.server === 0) return undefined
  if (inmost === undefined || inmost.name === 'WebSocket') {
    const what = inmost === undefined ? 'its bytes are' : 'what its WebSocket carries is'
    const port = `${transport === 'stream' ? 'tcp' : 'udp'}.port==${flow.server.port}`
    return { what: `${what} of no protocol that is known here`, next: `If it is, say which: -d ${port},mqtt` }
  }
  return inmost.encrypted === true ? undefined : { what: `it is ${inmost.name}, which carries nothing`, next: PAGE }
}

const ALL_THE_SAME = 'It was relayed and read all the same; a peer that is strict ends the connection.'
const PAGE = 'Is this the port of a management page? Clients use another.'

/** By the carrier that could not be looked into. */
const advice: Readonly<Record<string, { readonly next: string }>> = {
  HTTP: { next: 'Are path, subprotocol and credentials what the broker wants of a WebSocket?' },
  TLS: { next: 'To look into it, have it ended here and begun again: tls:// for both ends of the route.' },
  DTLS: { next: 'DTLS is relayed as it is; to look at it, let both ends speak without: coap://' },
}
