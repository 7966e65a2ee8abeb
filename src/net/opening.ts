import type { Socket } from 'node:net'
import { firstHello } from '../../codecs/carriers/index.ts'
import type { StartTls } from '../../codecs/core/index.ts'
import { timedOut } from './socket.ts'
import type { Hello, Patience } from './transport.ts'

/** The code of an error: somebody connected, and went away without a word, as health checks do. */
export const LEFT = 'LEFT'

export const gone = (): Error => coded('it left without a word', LEFT)

/**
 * The ClientHello that a client opens with, which stays to be read. Where it asks in its protocol to go over to TLS first,
 * that is agreed to. Rejects where there is none.
 */
export async function readOpening(socket: Socket, patience: Patience, ways: readonly StartTls[] = []): Promise<Hello> {
  const startTls = await readFirst(socket, patience, seen => {
    const way = ways.find(({ ask }) => startsWith(seen, ask))
    if (way !== undefined) return { found: way, taken: way.ask.length }
    return ways.some(({ ask }) => startsWith(ask, seen)) ? 'more' : { found: undefined, taken: 0 }
  })
  if (startTls !== undefined) socket.write(startTls.agree)
  const { serverName, alpn } = await readFirst(socket, patience, seen => {
    const hello = firstHello(seen)
    if (hello === undefined) throw coded('it does not speak TLS', 'NOT_TLS')
    return hello === 'more' ? hello : { found: hello, taken: 0 }
  })
  return { serverName, protocols: alpn, ...(startTls === undefined ? {} : { startTls }) }
}

/**
 * Has the other end, a server, go over to TLS; false where it takes the asking for a broken handshake, as one does that
 * speaks TLS from the first byte. Rejects where it answers anything else.
 */
export async function askForTls(socket: Socket, { ask, agree }: StartTls, patience: Patience): Promise<boolean> {
  socket.write(ask)
  try {
    return await readFirst(socket, patience, seen => {
      if (startsWith(seen, agree)) return { found: true, taken: agree.length }
      if (seen[0] === TLS_ALERT) return { found: false, taken: 0 }
      if (startsWith(agree, seen)) return 'more'
      throw coded('it does not go over to TLS when its protocol asks it to', 'NO_START_TLS')
    })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === LEFT) return false
    throw error
  }
}

/** RFC 8446 §5.1: the content type of a record. */
const TLS_ALERT = 21

/**
 * What `look` finds in the first bytes of the other end; what it did not take stays to be read. Rejects where it throws, and
 * where the other end leaves.
 */
function readFirst<T>(
  socket: Socket,
  { timeout, signal }: Patience,
  look: (seen: Uint8Array) => { readonly found: T; readonly taken: number } | 'more',
): Promise<T> {
  return new Promise((resolve, reject) => {
    let seen: Uint8Array = new Uint8Array(0)
    const timer = setTimeout(() => settle(() => reject(timedOut(timeout))), timeout)
    const settle = (then: () => void): void => {
      clearTimeout(timer)
      socket.pause()
      socket.off('data', take).off('end', left).off('close', left)
      signal.removeEventListener('abort', aborted)
      then()
    }
    const aborted = (): void => settle(() => reject(signal.reason as Error))
    const left = (): void => settle(() => reject(gone()))
    const take = (chunk: Buffer): void => {
      seen = Buffer.concat([seen, chunk])
      let looked: ReturnType<typeof look>
      try {
        looked = look(seen)
      } catch (error) {
        settle(() => reject(error as Error))
        return
      }
      if (looked === 'more') return
      const { found, taken } = looked
      settle(() => {
        // Put back as one chunk: it is what the handshake begins with.
        if (taken < seen.length) socket.unshift(seen.subarray(taken))
        resolve(found)
      })
    }
    socket.on('data', take).on('end', left).on('close', left)
    signal.addEventListener('abort', aborted)
    if (signal.aborted) aborted()
    else socket.resume()
  })
}

const startsWith = (bytes: Uint8Array, start: Uint8Array): boolean =>
  start.length <= bytes.length && start.every((byte, at) => byte === bytes[at])

const coded = (message: string, code: string): Error => Object.assign(new Error(message), { code })
