/** What someone who compares two runs of the same work must know of a protocol. */
export interface Comparison {
  /** Types of the frames in which the two ends tell who they are and agree on the terms of their connection. */
  readonly terms: readonly string[]
  /** Fields, headers and properties that differ from run to run though the same is done: tags, identifiers, times. */
  readonly passing: readonly string[]
  /** How names look that brokers and clients of this protocol make up, each in a way of its own; global. */
  readonly generated?: readonly RegExp[]
}
