import type { Distribution } from '../histogram.ts'

/**
 * What is measured, each between two moments of one process's clock:
 *
 * - `connect`: from dialling until the client is ready (logged in, subscribed);
 * - `tls-handshake`: of that, from when TCP is connected until TLS is agreed on;
 * - `login`: of that, from when the transport is there, TLS and WebSocket included;
 * - `publish-confirm`: until the peer answered for a message (publisher confirm, PUBACK, disposition, receipt, response);
 * - `publish-deliver`: until it came to a consumer;
 * - `deliver-ack`: from its delivery until the consumer's acknowledgement is sent;
 * - `request-reply`: from a request until its reply came.
 *
 * Those of publishing are each known twice: from the moment the message was due (`latency`), which a stalled peer or
 * generator cannot hide, and from the moment it was sent (`service`).
 */
export const MEASURES = [
  ...(['connect', 'tls-handshake', 'login'] as const),
  ...(['publish-confirm', 'publish-deliver', 'deliver-ack', 'request-reply'] as const),
] as const
export type Measure = (typeof MEASURES)[number]

/** Counts of a run, of one of its intervals, of one group. All but bytes are messages, unless said otherwise. */
export interface Counts {
  /** Due by the plan; in a closed run, as many as were sent. */
  readonly due: number
  readonly sent: number
  /** Sent more than 10 ms after they were due. */
  readonly late: number
  /** Due, and not sent at all: the run was over, or too much was waiting. */
  readonly dropped: number
  readonly confirmed: number
  readonly refused: number
  /** Taken by the peer for nobody, and said so. */
  readonly unroutable: number
  /** Came back, as nobody wanted them; they are answered besides. */
  readonly returned: number
  /** Sent, an answer asked for, and none came; or none in the time that it may take. */
  readonly unconfirmed: number
  /** Of these, those that were answered later. */
  readonly answeredLate: number
  /** Each once for every subscription that it came to. */
  readonly delivered: number
  /** More than once to the same subscription. */
  readonly duplicates: number
  /** After one that was sent later by the same publisher. */
  readonly reordered: number
  /** The peer said so of a delivery. */
  readonly redelivered: number
  /** Expected by a subscription, and not delivered. */
  readonly lost: number
  /** Delivered, and not of this run. */
  readonly foreign: number
  /** Times that a consumer asked for a message, and there was none. */
  readonly empty: number
  readonly acked: number
  readonly replies: number
  readonly bytesSent: number
  readonly bytesReceived: number
  /** Connections that became ready, that could not be made, that ended before their time, that were made again. */
  readonly connected: number
  readonly connectFailures: number
  readonly disconnected: number
  readonly reconnected: number
  /** Of these, those that went to another upstream than the client was at before, or was to be at. */
  readonly failovers: number
}

/** What one measure came to, in microseconds. */
export interface Measured {
  readonly latency: Distribution
  readonly service: Distribution
}

/** The same, with what merging and plotting need: HDR histograms as `Histogram.encoded` has them. */
export interface MeasuredFully extends Measured {
  readonly latencyHdr: string
  readonly serviceHdr: string
}

/** A piece of the run. */
export interface Interval {
  /** Seconds since the start. */
  readonly from: number
  readonly to: number
  readonly counts: Counts
  /** What was recorded in it; measures without anything are left out. */
  readonly measures: Partial<Record<Measure, MeasuredFully>>
  /** How late after they were due messages were sent, in microseconds. */
  readonly lag: Distribution
  /** Clients that are ready, and messages under way, at its end. */
  readonly clients: number
  readonly inFlight: number
  /** Of the generator: seconds of processor time, share of the interval that its event loop was busy, bytes. */
  readonly cpuSeconds: number
  readonly busy: number
  readonly memory: number
  /** Share of the interval in which something was due, and no client had room for it. */
  readonly held: number
}

/** Something that went wrong, and how often. */
export interface Trouble {
  readonly reason: string
  /** What to do about it, where that is known. */
  readonly next?: string
  readonly count: number
  /** Seconds since the start, the first time. */
  readonly first: number
}

/** A group that had no connection at the end: it was lost for good, or never made. */
export interface Gone {
  readonly group: string
  readonly clients: number
  /** Seconds since the start, from when on there was none. */
  readonly since: number
  readonly reason: string
  /** Of what was due, not sent at all. */
  readonly unsent: number
}

/** A span in which the peer asked not to be published to, or nothing went on for a second or more. */
export interface Blocked {
  readonly from: number
  /** Absent where it never ended. */
  readonly to?: number
  readonly reason: string
}

/** What a threshold asked for, and what there was. */
export interface ThresholdResult {
  /** As written: `publish-confirm p(99) < 50ms`. */
  readonly threshold: string
  readonly ok: boolean
  /** In the threshold's own unit: microseconds, messages, messages a second, a share from 0 to 1; null: never measured. */
  readonly actual: number | null
  /** As people read it: `61.2 ms`. */
  readonly shown: string
  /** It ended the run, at this second. */
  readonly endedAt?: number
}

/** Whether what was sent can be accounted for. */
export interface Proof {
  readonly ok: boolean
  /** `sent 10,000 = confirmed 9,990 + refused 10 + unconfirmed 0`, one a line; what does not add up is said. */
  readonly lines: readonly string[]
  /** The first of what was lost: publisher and sequence numbers. */
  readonly lost: readonly string[]
}

/** Where connections of a group went, and what was agreed on there: one of each kind. */
export interface Place {
  /** Without credentials. */
  readonly url: string
  /** Connections that became ready there; and clients whose last one was there. */
  readonly connections: number
  readonly clients: number
  readonly tls?: {
    /** `TLS 1.3` */
    readonly version: string
    /** OpenSSL's name. */
    readonly cipher: string
    /** That ALPN selected, if any. */
    readonly protocol?: string
  }
}

/** One part of the plan: who published or consumed what, and what came of it. */
export interface GroupResult {
  readonly name: string
  readonly protocol: string
  /** Without credentials. */
  readonly url: string
  readonly clients: number
  /** Known when it is over. */
  readonly places: readonly Place[]
  readonly counts: Counts
  readonly measures: Partial<Record<Measure, Measured>>
}

/** A step of the rate, or of the search for the highest: what it asked for, and what it came to. */
export interface StageResult {
  readonly name: string
  readonly from: number
  readonly to: number
  /** Messages a second that were due, and that were sent and answered. */
  readonly rate: number
  readonly achieved: number
  readonly measures: Partial<Record<Measure, Measured>>
  /** Of a search: whether the threshold held. */
  readonly held?: boolean
}

/** What held the rate where it was, as far as can be told, and from what. */
export interface Limit {
  readonly what: 'plan' | 'broker' | 'generator' | 'window'
  readonly why: string
}

/** A rate that a search tried. */
export interface SearchedRate {
  readonly rate: number
  readonly tries: number
  /** In how many of them the threshold held. */
  readonly held: number
  /** What made it fail, where it did. */
  readonly limit?: Limit
}

/** What a search for the highest rate came to. */
export interface SearchResult {
  readonly threshold: string
  /** Seconds of each try. */
  readonly step: number
  /** Ascending. */
  readonly rates: readonly SearchedRate[]
  /** The highest rate that held; null where none did. */
  readonly held: number | null
  /** The lowest that did not; null where none was found. */
  readonly failed: number | null
  /** What made that one fail. */
  readonly limit: Limit
}

/** All that came of a run: what the reports are made of, and the JSON summary itself. */
export interface LoadResult {
  readonly mqinspect: string
  /** Tells runs apart. */
  readonly run: string
  /** ISO 8601. */
  readonly started: string
  /** Of the measured part. */
  readonly seconds: number
  readonly interrupted: boolean
  /** The run in words, a line each: groups and arrivals. */
  readonly plan: readonly string[]
  readonly counts: Counts
  readonly measures: Partial<Record<Measure, MeasuredFully>>
  readonly lag: Distribution
  readonly groups: readonly GroupResult[]
  readonly stages: readonly StageResult[]
  /** Of a search for the highest rate; its tries are the stages. */
  readonly search?: SearchResult
  readonly intervals: readonly Interval[]
  readonly troubles: readonly Trouble[]
  readonly blocked: readonly Blocked[]
  readonly gone: readonly Gone[]
  readonly proof: Proof
  readonly thresholds: readonly ThresholdResult[]
  readonly limit: Limit
  readonly generator: {
    readonly workers: number
    readonly cpuSeconds: number
    /** Sent, and come (also what was foreign, or a reply), for each second of processor time. */
    readonly messagesPerCpuSecond: number
    readonly memory: number
    readonly node: string
    readonly cpus: number
  }
  /** True where all is accounted for, nobody was without a connection in the end, and every threshold held. */
  readonly ok: boolean
}
