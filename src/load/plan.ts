import type { DriveOption, DriveSettings } from '../../codecs/core/index.ts'
import type { UpstreamTlsRequest } from '../tls/index.ts'
import type { SizeRange } from './amounts.ts'
import type { Spacing, Stage } from './arrivals.ts'
import type { Phased } from './cycle.ts'
import { isLimited, type Quota } from './quota.ts'
import type { Rhythm } from './recorded/index.ts'
import type { SecretSource } from './secrets/index.ts'
import { STAMP_LENGTH } from './stamp.ts'

/** What is published by a group, in what rhythm. */
export interface PublishPlan {
  /** Each client publishes to all of these in turn. Templates. */
  readonly destinations: readonly string[]
  /** Clients have them between them, instead. */
  readonly spread: boolean
  /** Bodies, in turn: one after the other, or each for its time, over and over. */
  readonly bodies: readonly Phased<readonly BodyPlan[]>[]
  /** Whether stamps go over the front of bodies that keep no place for one. */
  readonly stampsFront: boolean
  /** Of files that templates name, by `file:column`. */
  readonly columns: Readonly<Record<string, readonly string[]>>
  /** Open: the rate of the whole group. Closed (`undefined`): the next goes as soon as one is answered. */
  readonly stages: readonly Stage[] | undefined
  readonly spacing: Spacing
  /** In place of what the stages say: as recorded, which they say about. */
  readonly rhythm: Rhythm | undefined
  /** Of a recording that the bodies are of, in words. */
  readonly recorded: string | undefined
  readonly quota: Quota
  /** Seconds after which what was due is not sent any more, and counts as dropped; Infinity for never. */
  readonly patience: number
  /** Milliseconds that a message may wait for its answer, before it counts as unanswered; Infinity: as long as it takes. */
  readonly answerTimeout: number
  /** Templates, as are headers. */
  readonly contentType: string | undefined
  readonly headers: Readonly<Record<string, string>>
  /** Options of the protocol that messages have each for itself: templates. */
  readonly options: Readonly<Record<string, OptionTemplate>>
  /** Whether each is a request, which a consumer somewhere answers. */
  readonly requests: boolean
}

/** Bytes of nothing in particular, with a stamp in front; or text, a template, with `%stamp` where it goes. */
export type BodyPlan = { readonly size: SizeRange } | { readonly text: string } | RecordedBody

/** An option of which each value that the template comes to is one. */
export interface OptionTemplate {
  readonly kind: DriveOption['kind']
  readonly template: string
}

/** Of a recording: sent as it was. */
export interface RecordedBody {
  readonly bytes: Uint8Array
  readonly contentType: string | undefined
  /** Which of the plan's destinations it goes to; undefined for each of them in turn. */
  readonly destination: number | undefined
}

/** What is consumed by a group, and what is done with it. */
export interface ConsumePlan {
  /** Each client consumes all of these. Templates. */
  readonly sources: readonly string[]
  /** Clients have them between them, instead. */
  readonly spread: boolean
  /** Deliveries that they take, whatever these are; who has its own leaves. */
  readonly quota: Quota
  /** False: deliveries are not acknowledged. */
  readonly settles: boolean
  /** Acknowledgements go for so many deliveries at once. */
  readonly every: number
  /** Milliseconds of work for each delivery, each for its time, over and over. */
  readonly work: readonly Phased<number>[]
  /** Of deliveries, the shares (0 to 1) that are not accepted. */
  readonly rejects: number
  readonly releases: number
  /** Seconds of the run after which they begin. */
  readonly after: number
  /** Whether requests among them are answered. */
  readonly replies: boolean
}

export interface GroupPlan {
  readonly name: string
  /** As `parseUpstream` takes them, with credentials; clients are spread over them. */
  readonly urls: readonly string[]
  /** The codec's id. */
  readonly protocol: string
  readonly version: string | undefined
  readonly user: string | undefined
  readonly password: string | undefined
  /** Where the password comes from otherwise; workers are given it as the password. */
  readonly secret: SecretSource | undefined
  readonly virtualHost: string | undefined
  /** Template. */
  readonly clientId: string
  readonly clients: number
  /** The number of the first, in templates. */
  readonly firstClient: number
  /** Seconds; 0: none. */
  readonly keepAlive: number
  readonly inFlight: number
  readonly credit: number
  readonly settings: DriveSettings
  /** Whether what its clients made is taken away in the end. */
  readonly cleanup: boolean
  readonly publish: PublishPlan | undefined
  readonly consume: ConsumePlan | undefined
  /** Connections a second that are begun, of the whole group; Infinity: all at once. */
  readonly connectRate: number
  /** IP addresses of this machine to connect from, in turn; none: what the system chooses. */
  readonly localAddresses: readonly string[]
  /** Seconds that a connection lasts, before it is ended and made again; Infinity: to the end. */
  readonly lifetime: number
  /** Whether a client whose upstream is not to be reached goes on to the next of them. */
  readonly failover: boolean
  /** What is done when a connection is lost. */
  readonly reconnect: { readonly delay: number; readonly most: number }
}

/** Whether a run is over as soon as its consumers have all that they are to have, as nobody else says when. */
export const endsConsumed = ({ groups }: Pick<Plan, 'groups'>): boolean => {
  const quotas = groups.flatMap(({ consume }) => consume?.quota ?? [])
  return (
    quotas.length > 0 &&
    quotas.every(isLimited) &&
    groups.every(({ publish }) => publish === undefined || !isLimited(publish.quota))
  )
}

/** A run, as it is handed to each of its workers: nothing in it but values. */
export interface Plan {
  /** In every stamp: tells this run's messages from any others. */
  readonly run: number
  readonly groups: readonly GroupPlan[]
  /** Seconds after which nothing more is published; Infinity: until all is, or it is told to stop. */
  readonly seconds: number
  /** Stages are added as it goes on: it ends when it is told to. */
  readonly steered: boolean
  /** Seconds without any progress that answers and deliveries are waited for in the end. */
  readonly drain: number
  /** Seconds without any delivery that end it; Infinity: nothing that does. */
  readonly idle: number
  /** Seconds between reports. */
  readonly interval: number
  /** Seconds that a connection may take to be ready. */
  readonly timeout: number
  /** How TLS is begun. */
  readonly tls: UpstreamTlsRequest
}

/** As people and monitoring tell runs apart. */
export const runName = ({ run }: Pick<Plan, 'run'>): string => run.toString(16).padStart(8, '0')

/** Which part of the plan a worker has: of each group, the clients whose number leaves `index` when divided by `of`. */
export interface Share {
  readonly index: number
  readonly of: number
}

/** The numbers, from 0, of those of `count` clients that are a worker's. */
export function clientsOf(count: number, { index, of }: Share): number[] {
  return Array.from({ length: Math.ceil((count - index) / of) }, (_, at) => index + at * of)
}

/** Whether some of what is published may have its stamp in text. */
export const maySendText = ({ bodies }: PublishPlan): boolean => bodies.some(body => !('size' in body))

/** Whether some of what is published has no stamp: of these it cannot be told which came, only how many. */
export const sendsUnmarked = ({ bodies, stampsFront }: PublishPlan): boolean =>
  bodies
    .flatMap(({ value }) => value)
    .some(body => {
      if ('size' in body) return false
      if ('text' in body && body.text.includes('%stamp')) return false
      // Of a template, as far as can be told before it is filled in.
      return !stampsFront || ('bytes' in body ? body.bytes.length : Buffer.byteLength(body.text)) < STAMP_LENGTH
    })
