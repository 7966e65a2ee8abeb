import net, { type OnReadOpts, type Socket, type SocketConstructorOpts } from 'node:net'

/** Who gets what was read. */
export type Take = (chunk: Uint8Array) => void

/** What is read at once: as much as libuv would. */
const SIZE = 64 << 10

/**
 * All sockets are read into this one buffer, which stays in the processor's cache: bytes are passed on before the next
 * are read. Read into a buffer each, as Node does, relaying costs twice the processor time.
 *
 * It is less than half of its memory, so that whoever keeps a packet of it keeps a copy (see Packet.kept).
 */
const shared = new Uint8Array(new ArrayBuffer(SIZE * 2 + 8), 0, SIZE)

/** Reads one socket into the shared buffer. */
export class Reading {
  take: Take = () => {}

  readonly onread: OnReadOpts = {
    buffer: shared,
    callback: length => {
      this.take(shared.subarray(0, length))
      return true
    },
  }
}

/**
 * The connection of `socket`, which was accepted and is not read yet, read by `reading`. Node lets one choose the buffer
 * of a socket one makes, not of one it accepts: so one is made around the accepted one's handle. Undefined where this
 * Node has no such handle.
 */
export function takenOver(socket: Socket, { onread }: Reading): Socket | undefined {
  const accepted = socket as unknown as { _handle: { useUserBuffer?: unknown } | null }
  const handle = accepted._handle
  if (typeof handle?.useUserBuffer !== 'function') return undefined
  accepted._handle = null
  const options = { handle, onread, allowHalfOpen: true, pauseOnCreate: true }
  return new net.Socket(options as unknown as SocketConstructorOpts)
}
