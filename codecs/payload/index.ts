export { parseCbor, parseCborSequence } from './cbor.ts'
export { type Link, parseLinkFormat } from './linkformat.ts'
