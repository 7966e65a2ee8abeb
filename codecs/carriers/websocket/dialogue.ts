import type { Dialogue, Joined, Side } from '../../core/index.ts'
import { asksForWebSocket, grantsWebSocket, has, headEnd, header, isRequest, parseHead } from './head.ts'

/** What the server agreed to of permessage-deflate (RFC 7692 §7.1). */
export interface Deflate {
  /** Sides whose messages are each compressed on their own. */
  readonly noContextTakeover: Readonly<Record<Side, boolean>>
}

export type Context =
  | { readonly phase: 'http' }
  | { readonly phase: 'frames'; readonly side: Side; readonly deflate: Deflate | undefined }

const HTTP: Context = { phase: 'http' }

/** HTTP until the server has agreed to switch; frames from then on, in both directions. */
export function dialogue(joined: Joined): Dialogue<Context> {
  let frames = joined === 'middle' ? framesWith(undefined) : undefined
  let asked = false
  return {
    context(side, _bytes, _start, _end, must) {
      if (frames !== undefined) return frames[side]
      // What the client sends after asking is frames or not, as the server will have it.
      return asked && side === 'client' && !must ? undefined : HTTP
    },
    follow({ buffer, start, end, context, kind }) {
      if (context !== HTTP || kind !== 'frame') return
      const head = parseHead(buffer, start, start + Math.abs(headEnd(buffer, start, end, 0)))
      if (isRequest(head)) asked = asksForWebSocket(head)
      else {
        if (grantsWebSocket(head)) frames = framesWith(agreed(header(head, 'sec-websocket-extensions')))
        asked = false
      }
    },
  }
  function agreed(extensions: string | undefined): Deflate | undefined {
    const offer = extensions?.split(',').find(item => item.trim().startsWith('permessage-deflate'))
    if (offer === undefined) return undefined
    const holds = (parameter: string) =>
      has({ startLine: '', headers: [{ name: 'x', value: offer.replaceAll(';', ',') }] }, 'x', parameter)
    return {
      noContextTakeover: { client: holds('client_no_context_takeover'), server: holds('server_no_context_takeover') },
    }
  }
}

const framesWith = (deflate: Deflate | undefined): Readonly<Record<Side, Context>> => ({
  client: { phase: 'frames', side: 'client', deflate },
  server: { phase: 'frames', side: 'server', deflate },
})
