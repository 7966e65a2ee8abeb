import type { AnyCodec } from '../../codecs/core/index.ts'
import { LOOPBACK } from './address.ts'
import { tcp } from './tcp.ts'

/** A port on loopback that a broker was found behind. */
export interface Found {
  readonly port: number
  /** Who usually has this port. */
  readonly codecs: readonly AnyCodec[]
}

/** On loopback an answer takes microseconds; a firewall that swallows it should not hold things up. */
const TIMEOUT = 500

/** Which of the ports that brokers usually have answer on loopback. Nothing is said to them. */
export async function findBrokers(codecs: readonly AnyCodec[], host = LOOPBACK): Promise<Found[]> {
  const usual = new Map<number, AnyCodec[]>()
  for (const codec of codecs) {
    if (codec.transport !== 'stream') continue
    for (const port of codec.ports) usual.set(port, [...(usual.get(port) ?? []), codec])
  }
  const found = await Promise.all(
    [...usual].map(async ([port, known]) => ((await answers(host, port)) ? [{ port, codecs: known }] : [])),
  )
  return found.flat()
}

async function answers(host: string, port: number): Promise<boolean> {
  const address = { scheme: undefined, transport: 'tcp', codec: undefined, host, port } as const
  const none = { user: undefined, password: undefined, path: undefined }
  try {
    const options = { timeout: TIMEOUT, signal: new AbortController().signal }
    const { stream } = await tcp.dial({ ...address, ...none }, options)
    stream.destroy()
    return true
  } catch {
    return false
  }
}
