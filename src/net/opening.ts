import type { Socket } from 'node:net'
import { firstHello } from '../../codecs/carriers/index.ts'
import { timedOut } from './socket.ts'
import type { Hello, Patience } from './transport.ts'

/** The code of an error: somebody connected, and went away without a word, as health checks do. */
export const LEFT = 'LEFT'

export const gone = (): Error => coded('it left without a word', LEFT)

/** The ClientHello that a client opens with, which stays to be read. Rejects where there is none. */
export function readOpening(socket: Socket, { timeout, signal }: Patience): Promise<Hello> {
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
      const hello = firstHello(seen)
      if (hello === 'more') return
      settle(() => {
        if (hello === undefined) return reject(coded('it does not speak TLS', 'NOT_TLS'))
        // Put back as one chunk: it is what the handshake begins with.
        socket.unshift(seen)
        resolve({ serverName: hello.serverName, protocols: hello.alpn })
      })
    }
    socket.on('data', take).on('end', left).on('close', left)
    signal.addEventListener('abort', aborted)
    if (signal.aborted) aborted()
    else socket.resume()
  })
}

const coded = (message: string, code: string): Error => Object.assign(new Error(message), { code })
