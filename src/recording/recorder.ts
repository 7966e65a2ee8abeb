import { createRequire } from 'node:module'
import type { AnyCodec } from '../../codecs/core/index.ts'
import type { Flow, FlowInfo, Sink } from '../flow.ts'
import type { Observer } from '../inspector.ts'
import { DatagramScript } from './datagram-script.ts'
import { describe, endsOf } from './ends.ts'
import { type FileOptions, RecordingFile } from './file.ts'
import type { Ends } from './headers.ts'
import { fileHeader, secretsBlock } from './pcapng.ts'
import type { RecordedSink } from './policy.ts'
import { RecordedDatagrams } from './recorded-datagrams.ts'
import { RecordedFlow } from './recorded-flow.ts'
import { Script } from './script.ts'

export interface RecorderOptions extends FileOptions {
  /** Record credentials as they are. @default false */
  readonly keepSecrets?: boolean
  /** What the recording lacks, and why: told once of each kind. */
  readonly onTrouble?: (message: string) => void
}

export interface RecordingSummary {
  readonly path: string
  /** Of the file. */
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
  readonly #file: RecordingFile
  readonly #keepSecrets: boolean
  readonly #onTrouble: ((message: string) => void) | undefined
  readonly #flows = new Map<number, RecordedSink>()
  readonly #told = new Set<string>()
  #origin = 0n
  #dropped = 0

  private constructor(file: RecordingFile, options: RecorderOptions) {
    this.#file = file
    this.#keepSecrets = options.keepSecrets === true
    this.#onTrouble = options.onTrouble
  }

  static async create(path: string, options: RecorderOptions = {}): Promise<Recorder> {
    return new Recorder(await RecordingFile.create(path, fileHeader(`mqinspect ${version}`), options), options)
  }

  tap(inner: Sink): Sink {
    return {
      start: origin => {
        this.#origin = origin
        inner.start(origin)
      },
      open: info => {
        const recorded = this.#recorded(info)
        this.#flows.set(info.id, recorded)
        recorded.inner = inner.open(info)
        return recorded
      },
      secrets: (type, bytes) => {
        this.secrets(type, bytes)
        inner.secrets?.(type, bytes)
      },
      ...(inner.drain === undefined ? {} : { drain: inner.drain.bind(inner) }),
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
        this.#flows.get(flow.id)?.packet(packet)
        inner.packet?.(flow, packet, number)
      },
      closed: flow => inner.closed?.(flow),
      drain: () => inner.drain?.(),
    }
  }

  /** Keeps secrets, as pcapng types them, for whoever has a capture of the same wire. */
  secrets(type: number, bytes: Uint8Array): void {
    const block = secretsBlock(type, bytes)
    const batch = this.#file.room(block.length)
    if (batch === undefined) {
      this.#tell(`${this.#file.path}: the disk is behind; keys of TLS are missing`)
      return
    }
    batch.bytes.set(block, batch.length)
    batch.length += block.length
  }

  #recorded(info: FlowInfo): RecordedSink {
    const options = {
      keepSecrets: this.#keepSecrets,
      overwritten: (flow: Flow) =>
        this.#tell(`${carriersOf(flow)}: its bytes are overwritten in the recording; --keep-secrets keeps them`),
      closed: () => this.#flows.delete(info.id),
    }
    const ends = (codec: AnyCodec | undefined): Ends => endsOf(info, codec)
    if (info.transport === 'datagram') {
      const begin = (codec: AnyCodec | undefined): DatagramScript =>
        new DatagramScript(this.#file, this.#origin, ends(codec), describe(info, codec), this.#lost)
      return new RecordedDatagrams({ ...options, begin })
    }
    const begin = (codec: AnyCodec | undefined): Script => {
      const script = new Script(this.#file, this.#origin, ends(codec), info.id, this.#lost)
      script.handshake(info.started, describe(info, codec))
      return script
    }
    return new RecordedFlow({ ...options, begin })
  }

  /** Closes the file. Rejects where writing it failed. */
  async finish(): Promise<RecordingSummary> {
    await this.#file.close()
    return { path: this.#file.path, size: this.#file.written, dropped: this.#dropped }
  }

  readonly #lost = (length: number): void => {
    this.#dropped += length
    const { failure, path } = this.#file
    this.#tell(failure?.message ?? `${path}: the disk is behind; the recording has gaps from here on`)
  }

  /** Once of each kind of trouble. */
  #tell(message: string): void {
    if (this.#told.has(message)) return
    this.#told.add(message)
    this.#onTrouble?.(message)
  }
}

const carriersOf = ({ carriers, unwrapped = [] }: Flow): string =>
  carriers
    .slice(unwrapped.length)
    .map(({ name }) => name)
    .join(', ')

const require = createRequire(import.meta.url)
/** The package's own, by its name: the way there is another from dist. */
const { version } = require('mqinspect/package.json') as { version: string }
