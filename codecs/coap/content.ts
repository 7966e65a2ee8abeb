import { parseCbor, parseCborSequence, parseLinkFormat } from '../payload/index.ts'
import { contentFormatName } from './content-formats.ts'

/** Media types whose bytes mean something that neither text nor base64 shows. */
const PARSERS: readonly (readonly [RegExp, (bytes: Uint8Array) => unknown])[] = [
  [/^application\/link-format$/, parseLinkFormat],
  [/[+/]cbor-seq$/, parseCborSequence],
  [/[+/](?:cbor|cwt|cose|cose-key|cose-key-set|multipart-core)(?:; (?:id|cose-type)=.*)?$/, parseCbor],
]

/** What a payload of this Content-Format says; undefined where that is what its text says, or where it is not that. */
export function decodeContent(format: number, payload: Uint8Array): unknown {
  const name = contentFormatName(format)
  if (name === undefined) return undefined
  return PARSERS.find(([pattern]) => pattern.test(name))?.[1](payload)
}
