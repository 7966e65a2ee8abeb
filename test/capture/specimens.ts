import { readdirSync, readFileSync } from 'node:fs'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { ethernet, ipv4, pcap, Talk, tcp, udp } from './build.ts'

export const folder = new URL('../../fixtures/captures/', import.meta.url).pathname

/** The captures of real programs that stand in the fixtures. */
export const captures = (): string[] => readdirSync(folder).filter(name => /\.pcap(ng)?(\.gz)?$/.test(name))

/** Small captures of many kinds, to be damaged. */
export function specimens(): Uint8Array[] {
  const talk = new Talk()
  const connection = [
    ...talk.handshake,
    talk.client(5, 'efgh'),
    talk.client(1, 'abcd'),
    talk.server(1, 'wxyz', 'AP', 9),
    talk.client(9, '', 'AF', 5),
    talk.server(5, '', 'AF', 10),
  ]
  const long = tcp({ data: 'x'.repeat(100), sport: 5 })
  const fragments = [
    ethernet(ipv4(6, long.subarray(0, 64), { id: 1, more: true })),
    ethernet(ipv4(6, long.subarray(64), { id: 1, offset: 64 })),
  ]
  const made = pcap([...connection, ...fragments, ethernet(ipv4(17, udp('datagram')))])
  const real = captures()
    .filter(name => !name.endsWith('.gz'))
    .map(name => readFileSync(folder + name))
    .filter(({ length }) => length < 20_000)
  return [made, made, gzipSync(made), zstdCompressSync(made), ...real]
}
