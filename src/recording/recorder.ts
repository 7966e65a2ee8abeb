import { createRequire } from 'node:module'
import type { AnyCarrier, Packet } from '../../codecs/core/index.ts'
import { carriers } from '../../codecs/index.ts'
import type { Flow, FlowInfo, FlowSink, Sink } from '../flow.ts'
import type { Observer } from '../inspector.ts'
import { fileHeader } from './pcapng.ts'
import { PcapngTarget } from './pcapng-target.ts'
import { PlainFlow } from './plain-flow.ts'
import type { RecordedSink } from './policy.ts'
import { RecordedDatagrams } from './recorded-datagrams.ts'
import { RecordedFlow } from './recorded-flow.ts'
import { type FileOptions, Recording } from './recording.ts'
import { Redactor } from './redact.ts'
import type { RedactRule } from './rules.ts'
import type { Numbering, Target } from './target.ts'

export interface RedactionOptions {
  /** Record credentials as they are. @default false */
  readonly keepSecrets?: boolean
  /** What else is overwritten. */
  readonly redact?: readonly RedactRule[]
}

export interface RecorderOptions extends FileOptions, RedactionOptions {
  /** How the traffic comes, for people. */
  readonly routes?: readonly string[]
  /** What may carry protocols. @default all that are known */
  readonly carriers?: readonly AnyCarrier[]
  /** What stands between flows and what they are written as. */
  readonly through?: (target: Target) => Target
  /** What the recording lacks, and why: told once of each kind. */
  readonly onTrouble?: (message: string) => void
}

export interface RecordingSummary {
  /** Of the last file, where there are several. */
  readonly path: string
  readonly files: number
  /** Of all files. */
  readonly size: number
  /** Payload bytes that could not be recorded. */
  readonly dropped: number
}

/**
 * Writes what passes to a pcapng. It stands on both sides of an inspector: as the sink before it, it sees bytes as they
 * come; as its observer it learns what they are, and so which of them not to write.
 *
 *     const inspector = new Inspector(options, recorder.observe(viewer))
 *     source(recorder.tap(inspector))
 *
 * It never makes its source wait: where the disk is behind, bytes are missing in the recording, and counted.
 */
export class Recorder {
  readonly #options: RecorderOptions
  readonly #redactor: Redactor
  readonly #flows = new Map<number, RecordedSink>()
  readonly #told = new Set<string>()
  readonly #numbering: Numbering = { completed: 0, base: 0 }
  #recording: Recording | undefined
  #target: Target | undefined
  #dropped = 0

  private constructor(options: RecorderOptions) {
    this.#options = options
    this.#redactor = new Redactor({ keepSecrets: options.keepSecrets === true, rules: options.redact ?? [] })
  }

  static async create(path: string, options: RecorderOptions = {}): Promise<Recorder> {
    const recorder = new Recorder(options)
    const { routes = [] } = options
    const application = `mqinspect ${version}`
    let target: PcapngTarget | undefined
    const recording = await Recording.create(path, options, {
      header: part => {
        const redaction = recorder.#redactor.description
        return fileHeader(application, { kind: 'session', format: 1, version, routes, redaction, part })
      },
      origin: () => target?.origin ?? 0n,
      tell: message => recorder.#tell(message),
    })
    target = new PcapngTarget(recording, {
      numbering: recorder.#numbering,
      // They may be what a rule has overwritten in the frames.
      facts: (options.redact ?? []).length === 0,
      lost: length => recorder.#lost(length),
    })
    recorder.#recording = recording
    recorder.#target = options.through?.(target) ?? target
    return recorder
  }

  /** Writes to something else than a file of packets. */
  static to(target: Target, options: RecorderOptions = {}): Recorder {
    const recorder = new Recorder(options)
    recorder.#target = options.through?.(target) ?? target
    return recorder
  }

  tap(inner: Sink): Sink {
    return {
      start: origin => {
        this.#target?.start(origin)
        inner.start(origin)
      },
      open: info => {
        const recorded = this.#recorded(info)
        this.#flows.set(info.id, recorded)
        recorded.inner = inner.open(info)
        return this.#numbered(recorded)
      },
      secrets: (type, bytes) => {
        if (this.secrets(type, bytes) === 'withheld') this.#tell(WITHHELD)
        inner.secrets?.(type, bytes)
      },
      number: next => inner.number?.(next),
      drain: () => this.#recording?.drain() ?? inner.drain?.(),
    }
  }

  observe(inner: Observer): Observer {
    return {
      start: origin => inner.start?.(origin),
      opened: flow => {
        this.#flows.get(flow.id)?.opened(flow)
        inner.opened?.(flow)
      },
      packet: (flow, packet, number) => {
        this.#numbering.completed = number
        this.#flows.get(flow.id)?.packet(packet)
        inner.packet?.(flow, packet, number)
      },
      closed: flow => inner.closed?.(flow),
      drain: () => inner.drain?.(),
    }
  }

  /**
   * Keeps secrets, as pcapng types them, for whoever has a capture of the same wire. Withheld where anything is
   * overwritten: with the keys, what is overwritten here can be read there.
   */
  secrets(type: number, bytes: Uint8Array): 'kept' | 'withheld' {
    if (this.#redactor.active) return 'withheld'
    this.#target?.secrets(type, bytes)
    return 'kept'
  }

  /**
   * Puts a comment to the recorded packet in which a frame ends, also where that is written only later. For a frame that
   * is on the disk already, and for none in particular, it stands at the flow's next packet, or where there is none, in
   * what is said of its end.
   */
  comment(flow: Pick<Flow, 'id'>, packet: Packet | undefined, text: string): void {
    this.#flows.get(flow.id)?.comment(packet, text)
  }

  /** Bytes on the disk so far. */
  get written(): number {
    return this.#recording?.written ?? 0
  }

  /** Where it is written to. */
  get path(): string {
    return this.#recording?.path ?? ''
  }

  /** What is overwritten, for people. */
  get redaction(): { readonly credentials: boolean; readonly rules: readonly string[] } {
    return this.#redactor.description
  }

  /** Whether the recording has ended before its time. */
  get over(): boolean {
    return this.#recording?.failure !== undefined
  }

  /** Ends the recording. Rejects where writing it failed. */
  async finish(): Promise<RecordingSummary> {
    await this.#recording?.finish()
    return { path: this.path, files: this.#recording?.part ?? 0, size: this.written, dropped: this.#dropped }
  }

  #recorded(info: FlowInfo): RecordedSink {
    const options = {
      begin: (known: Parameters<Target['open']>[1]) => (this.#target as Target).open(info, known),
      redactor: this.#redactor,
      carriers: this.#options.carriers ?? carriers,
      overwritten: (flow: Flow) =>
        this.#tell(`${carriersOf(flow)}: its bytes are overwritten in the recording; --keep-secrets keeps them`),
      lost: (length: number) => this.#lost(length),
      closed: () => this.#flows.delete(info.id),
    }
    if (!this.#redactor.active) return new PlainFlow(options)
    return info.transport === 'datagram' ? new RecordedDatagrams(options) : new RecordedFlow(options)
  }

  /** Whatever is written while something is looked at was there before the frames that it completes. */
  #numbered(flow: FlowSink): FlowSink {
    const numbering = this.#numbering
    return {
      data: (side, bytes, time, record, missing) => {
        numbering.base = numbering.completed
        flow.data(side, bytes, time, record, missing)
      },
      gap: (side, length, time, record) => {
        numbering.base = numbering.completed
        flow.gap(side, length, time, record)
      },
      end: (side, time, ending) => {
        numbering.base = numbering.completed
        flow.end(side, time, ending)
      },
      close: time => {
        numbering.base = numbering.completed
        flow.close(time)
      },
      remark: (side, text) => {
        if (flow.remark === undefined) this.#tell(UNREMARKED)
        else flow.remark(side, text)
      },
    }
  }

  #lost(length: number): void {
    this.#dropped += length
    const failure = this.#recording?.failure
    this.#tell(failure?.message ?? `${this.path}: the disk is behind; the recording has gaps from here on`)
  }

  /** Once of each kind of trouble. */
  #tell(message: string): void {
    if (this.#told.has(message)) return
    this.#told.add(message)
    this.#options.onTrouble?.(message)
  }
}

const WITHHELD =
  'its keys of TLS are not written, as they would open what is overwritten; --keep-secrets, without --redact, keeps them'

const UNREMARKED = 'the comments of its packets are not written, as they may quote what is overwritten'

const carriersOf = ({ carriers, unwrapped = [] }: Flow): string =>
  carriers
    .slice(unwrapped.length)
    .map(({ name }) => name)
    .join(', ')

const require = createRequire(import.meta.url)
/** The package's own, by its name: the way there is another from dist. */
const { version } = require('mqinspect/package.json') as { version: string }
