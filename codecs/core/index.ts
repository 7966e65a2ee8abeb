export { concat } from './bytes.ts'
export type * from './carrier.ts'
export type * from './codec.ts'
export type { Comparison } from './comparison.ts'
export { type Conversation, type ConversationOptions, converse } from './conversation.ts'
export { DEFAULT_LIMITS, Decoder, type DecoderLimits } from './decoder.ts'
export type { Diagnostic, Severity } from './diagnostic.ts'
export { Exchange, type ExchangeOptions, Exchanges, GIVEN_UP, type Pending, type Step } from './exchange.ts'
export { type Field, secretRanges, walk } from './field.ts'
export { fnv } from './fnv.ts'
export { base64, fieldToJson, frameShape, frameToJson, type JsonOptions, MASK, toJson } from './json.ts'
export { Body, type Message, MOST_KEPT } from './message.ts'
export type * from './mock.ts'
export { nameAt, textAt } from './names.ts'
export { overdue } from './overdue.ts'
export { Packet, type PacketKind } from './packet.ts'
export { Expected, Pairs } from './pairs.ts'
export type { Insistence, Player, PlayOptions, Said } from './play.ts'
export { Deferred, i64At, Reader, u16At, u32At, u64At } from './reader.ts'
export { FrameReader, holdsSecrets, mayHoldSecrets, type Reading } from './reading.ts'
export { Recent } from './recent.ts'
export { type Identifier, Renumbering } from './renumbering.ts'
export { type AnyRule, type Report, type Rule, type Watched, type Watcher, Worsening } from './rule.ts'
export { indexOf } from './search.ts'
export { other, type Side } from './side.ts'
export { SparseMap, SparseSet } from './sparse.ts'
export { type CodeTable, codeTable } from './table.ts'
export { hex, latin1, utf8, utf8Length, validUtf8, writeUtf8 } from './text.ts'
export {
  Budget,
  type LevelChange,
  type Room,
  type TopologyChange,
  type Tracked,
  type Tracker,
  type TrackOptions,
} from './track.ts'
export { isDefaultPassword, isLoopback, isMulticast } from './well-known.ts'
export { counted, elapsed } from './words.ts'
export { Writer } from './writer.ts'
