import { extname, resolve } from 'node:path'
import { codecs } from '../../codecs/index.ts'
import { serverPorts } from '../again.ts'
import { type CaptureInput, type CaptureSummary, readCapture } from '../capture/index.ts'
import { EXIT, usage } from '../failure.ts'
import type { Sink } from '../flow.ts'
import { inspection, parseRules } from '../inspection.ts'
import { Inspector, type Observer } from '../inspector.ts'
import { KeyLog } from '../keylog.ts'
import { flowNumbers, flowsMatching, formatBytes, PrivateFile } from '../output/index.ts'
import { loadPayloads } from '../payload/index.ts'
import { appendIndex, Recorder, type RecordingSummary, type Target } from '../recording/index.ts'
import { redaction } from '../recording-request.ts'
import { onlyFlows, seek } from '../seeking.ts'
import { tell } from '../tell.ts'
import { type CsvRequest, checkCsv, writeCsv } from './csv.ts'
import { CutTarget } from './cut.ts'
import { type Moment, parseMoment } from './moment.ts'
import { looksLikeNdjson, readNdjson } from './ndjson-source.ts'
import { NdjsonTarget } from './ndjson-target.ts'

const CONVERT_FORMATS = ['pcapng', 'ndjson', 'csv'] as const
export type ConvertFormat = (typeof CONVERT_FORMATS)[number]

export interface ConvertRequest extends CsvRequest {
  readonly input: string
  readonly output: string
  readonly format?: ConvertFormat | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly redact?: readonly string[] | undefined
  /** Overwrite passwords and tokens. */
  readonly 'redact-secrets': boolean
  readonly 'decode-as'?: readonly string[] | undefined
  readonly keylog?: readonly string[] | undefined
  readonly quiet: boolean
}

/** Writes what is in one file to another, or some of it. Returns the exit code. */
export async function convert(request: ConvertRequest, signal: AbortSignal): Promise<number> {
  const { input, output } = request
  const format = request.format ?? formatOf(output)
  if (output !== '-' && resolve(input) === resolve(output)) {
    throw usage(`${output}: a file is not converted into itself`, 'Name another file for what comes out.')
  }
  if (output === '-' && format === 'pcapng') {
    throw usage('a pcapng is not written to standard output', 'Name a file, or add --format ndjson.')
  }
  if (format === 'csv') checkCsv(request)
  const job = await Job.prepare(request, signal)
  const told = await job.to(format, output)
  if (!request.quiet && told !== '') tell(told)
  const { damage } = job
  if (damage === undefined) return EXIT.done
  tell(`${input}, at byte ${damage.offset}: ${damage.message}`, 'What could be read was converted.')
  return EXIT.input
}

const BY_EXTENSION: Readonly<Record<string, ConvertFormat>> = {
  '.pcapng': 'pcapng',
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
  '.csv': 'csv',
}

function formatOf(path: string): ConvertFormat {
  const format = path === '-' ? 'ndjson' : BY_EXTENSION[extname(path)]
  if (format !== undefined) return format
  throw usage(`${path}: what is it to be?`, `Add --format ${CONVERT_FORMATS.join(' or --format ')}.`)
}

/** One conversion. */
class Job {
  damage: CaptureSummary['damage']
  readonly #request: ConvertRequest
  readonly #signal: AbortSignal
  readonly #ndjson: boolean
  readonly #keys: KeyLog
  readonly #from: Moment | undefined
  readonly #to: Moment | undefined
  readonly #rules: Parameters<typeof redaction>[0]
  #flows: ReadonlySet<number> | undefined

  private constructor(request: ConvertRequest, signal: AbortSignal, ndjson: boolean, keys: KeyLog) {
    this.#request = request
    this.#signal = signal
    this.#ndjson = ndjson
    this.#keys = keys
    this.#from = request.from === undefined ? undefined : parseMoment(request.from, '--from')
    this.#to = request.to === undefined ? undefined : parseMoment(request.to, '--to')
    // What was recorded is what is asked for, unless it is said otherwise.
    this.#rules = { 'keep-secrets': !request['redact-secrets'], redact: request.redact }
    this.#flows = flowNumbers(request.flow)
  }

  static async prepare(request: ConvertRequest, signal: AbortSignal): Promise<Job> {
    const keys = new KeyLog()
    for (const file of request.keylog ?? []) await keys.addFile(file)
    const job = new Job(request, signal, await looksLikeNdjson(request.input), keys)
    // Wrong rules are told before anything is written.
    redaction(job.#rules)
    return job
  }

  /** Writes it. Says what was written. */
  async to(format: ConvertFormat, path: string): Promise<string> {
    if (format === 'csv') {
      // Rows are numbered over all connections, so all are read.
      this.#flows = undefined
      return writeCsv(this.#request, path, viewer => this.#read(this.#inspector(viewer)))
    }
    if (this.#request.filter !== undefined) await this.#match(this.#request.filter)
    return format === 'pcapng' ? this.#toPcapng(path) : this.#toNdjson(path)
  }

  async #toPcapng(path: string): Promise<string> {
    const cut = this.#cut
    const recorder = await Recorder.create(path, {
      ...redaction(this.#rules),
      minFree: 0,
      // What is cut off counts while it is read, and not when what is left is read again.
      ...(cut === undefined ? {} : { through: cut, indexed: false }),
      onTrouble: message => tell(message),
    })
    let summary: RecordingSummary
    try {
      await this.#read(this.#sink(recorder))
    } finally {
      summary = await recorder.finish()
    }
    if (cut !== undefined) await appendIndex(path, inspection(parseRules(this.#request['decode-as']), this.#keys))
    const { size, dropped } = summary
    return `wrote ${path} (${formatBytes(size)}${dropped === 0 ? '' : `, without ${formatBytes(dropped)}`})`
  }

  async #toNdjson(path: string): Promise<string> {
    const file = await PrivateFile.open(path)
    const options = redaction(this.#rules)
    const recorder: Recorder = Recorder.to(new NdjsonTarget(file.output, () => ({ redaction: recorder.redaction })), {
      ...options,
      ...(this.#cut === undefined ? {} : { through: this.#cut }),
    })
    const sink = this.#sink(recorder)
    try {
      await this.#read({ ...sink, drain: () => file.output.ready() })
    } finally {
      await file.close()
    }
    return path === '-' ? '' : `wrote ${path}`
  }

  get #cut(): ((target: Target) => Target) | undefined {
    const bounds = { from: this.#from, to: this.#to }
    return bounds.from === undefined && bounds.to === undefined ? undefined : target => new CutTarget(target, bounds)
  }

  /** What is wanted of what is read. Frames are numbered anew, as they will be in what is written. */
  #sink(recorder: Recorder): Sink {
    const { number: _, ...sink } = recorder.tap(this.#inspector(recorder.observe({})))
    return this.#flows === undefined ? sink : onlyFlows(this.#flows, sink)
  }

  #inspector(observer: Observer): Inspector {
    return new Inspector(inspection(parseRules(this.#request['decode-as']), this.#keys), observer)
  }

  async #read(sink: Sink): Promise<void> {
    const { input } = this.#request
    if (this.#ndjson) await readNdjson(input, sink, this.#signal)
    else await this.#capture(await seek(input, { flows: this.#flows }), sink)
  }

  async #capture(input: CaptureInput, sink: Sink): Promise<void> {
    const ports = serverPorts(parseRules(this.#request['decode-as']))
    const { damage } = await readCapture(input, sink, { signal: this.#signal, ports })
    this.damage = damage
  }

  /** Reads all of it once, to know which connections are wanted. */
  async #match(filter: string): Promise<void> {
    const found = new Set<number>()
    const viewer = flowsMatching(filter, codecs, await loadPayloads(), flow => found.add(flow))
    await this.#read(this.#inspector(viewer))
    viewer.finish()
    const asked = this.#flows
    this.#flows = asked === undefined ? found : new Set([...found].filter(flow => asked.has(flow)))
  }
}
