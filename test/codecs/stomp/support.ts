import { FrameReader, Packet, type Reading, type Side, Writer } from '../../../codecs/core/index.ts'
import { type CommandFrame, type Context, type StompFrame, stomp, type Version } from '../../../codecs/stomp/index.ts'

const reader = new FrameReader()

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
export const textOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString()

/** Octets of a frame as a packet, in the middle of a larger buffer, as a chunk would hold it. */
export function packetOf(bytes: Uint8Array, version: Version | undefined, side: Side = 'client'): Packet<Context> {
  const around = new Uint8Array(bytes.length + 16).fill(0xee)
  around.set(bytes, 8)
  return new Packet('frame', side, 0, 0, 0, around, 8, 8 + bytes.length, bytes.length, { version }, [])
}

export interface Read extends Reading<StompFrame> {
  readonly frame: CommandFrame
}

export const read = (text: string | Uint8Array, version: Version | undefined, deep = true, side?: Side): Read =>
  reader.read(stomp, packetOf(typeof text === 'string' ? utf8(text) : text, version, side), deep) as Read

export function write(frame: StompFrame, version: Version | undefined): Uint8Array {
  const writer = new Writer()
  stomp.write(writer, frame, { version })
  return writer.take()
}

export const delimit = (bytes: Uint8Array): number =>
  stomp.delimit(bytes, 0, bytes.length, { version: undefined }, { at: 0, mark: 0 })

export const pairs = ({ headers }: CommandFrame): [string, string][] =>
  headers.entries.map(({ name, value }) => [name, value])
