import { type Act, type AnyCodec, converse, type Frame, FrameReader, type Spoken } from '../../codecs/core/index.ts'
import { bytesOf, type Said } from '../tracking/story.ts'

export interface Read {
  /** `subscribe a/#`, what the client did. */
  readonly acts: readonly string[]
  readonly signatures: readonly string[]
  /** `suback answers subscribe a/#`, `publish after subscribe a/#`, what the broker said, and for what. */
  readonly words: readonly string[]
}

/** What a mock reads in a recorded conversation. */
export function readingOf<F extends Frame>(codec: AnyCodec, context: unknown, steps: readonly Said<F>[]): Read {
  const reader = codec.mock?.reader()
  if (reader === undefined) throw new TypeError(`${codec.id} cannot be mocked`)
  const conversation = converse(codec)
  const acts: Act[] = []
  const words: string[] = []
  for (const step of steps) {
    if ('client' in step) conversation.push('client', bytesOf(codec, step.client, context), 0)
    else if ('server' in step) conversation.push('server', bytesOf(codec, step.server, context), 0)
    for (let packet = conversation.next(); packet !== undefined; packet = conversation.next()) {
      const { frame } = frames.read(codec, packet)
      if (packet.side === 'client') acts.push(...reader.did(frame, packet))
      else words.push(...reader.said(frame, packet).map(spoken => wordsOf(codec, spoken)))
    }
  }
  return { acts: acts.map(nameOf), signatures: acts.map(({ signature }) => signature), words }
}

function wordsOf(codec: AnyCodec, { packets, to, kind, also = [], part = 0, once = false }: Spoken): string {
  const types = packets.map(packet => codec.type(packet))
  const what = [...new Set(types)].join('+')
  const those = [to, ...also].map(act => (act === undefined ? 'nothing' : nameOf(act))).join(' and ')
  const more = `${part > 0 ? ` (part ${part})` : ''}${once ? ' once' : ''}`
  return `${what} ${kind === 'answer' ? 'answers' : 'after'} ${those}${more}`
}

const nameOf = ({ type, address }: Act): string =>
  address === undefined || address === '' ? type : `${type} ${address}`

const frames = new FrameReader()
