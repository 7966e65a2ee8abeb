import type { Socket } from 'node:net'
import { type Address, formatAddress } from './address.ts'
import { settled } from './socket.ts'
import type { Dial, DialOptions } from './transport.ts'
import { Messages, WEBSOCKET, WebSocketConnection } from './websocket-connection.ts'

/**
 * WebSocket as a client, over what `under` connects (TCP, TLS). It asks for the subprotocols of the codec, and each write
 * is one message: text where the codec's frames are text.
 */
export const dialWebSocket =
  (under: Dial): Dial =>
  async (address, options) => {
    const carried = await under(address, options)
    const { WebSocket } = await import('./ws.ts')
    const { host, port, path = '/' } = address
    const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`
    const socket = new WebSocket(`ws://${authority}${path}`, [...(options.codec?.subprotocols ?? [])], {
      createConnection: () => carried.stream.resume() as Socket,
      ...WEBSOCKET,
    })
    const stream = new Messages(socket, carried.stream, options.codec?.textual === true)
    try {
      await settled(stream, 'open', options)
    } catch (error) {
      carried.stream.destroy()
      throw opening(error as NodeJS.ErrnoException, address, options)
    }
    return new WebSocketConnection(stream, socket, carried)
  }

/** What the opening handshake failed of [RFC 6455 §4.1], where the words for it are a parser's. */
function opening(error: NodeJS.ErrnoException, address: Address, { codec }: DialOptions): Error {
  const { message, code = '' } = error
  const [, status] = /^Unexpected server response: (\d+)/.exec(message) ?? []
  const names = codec?.subprotocols?.join(', ')
  const why =
    status !== undefined
      ? `it answers ${status} to a WebSocket for ${address.path ?? '/'}`
      : code.startsWith('HPE_')
        ? 'it does not speak WebSocket'
        : /^Server sent (no|an invalid) subprotocol/.test(message)
          ? `no WebSocket for ${names} at ${formatAddress(address)}`
          : undefined
  return why === undefined ? error : Object.assign(new Error(why, { cause: error }), { code: 'NOT_WEBSOCKET' })
}
