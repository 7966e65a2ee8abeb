import { codecs } from '../codecs/index.ts'
import { usage } from './failure.ts'
import type { Observer } from './inspector.ts'
import { formatBytes } from './output/index.ts'
import {
  parseRedactRule,
  parseRotation,
  parseSize,
  Recorder,
  type RecorderOptions,
  type RecordingSummary,
  type RedactionOptions,
} from './recording/index.ts'
import { Remarks } from './remarks.ts'

/** The flags that say what is recorded, and how, as they were given. */
export interface RecordingRequest extends RedactionRequest {
  /** Where to record. */
  readonly write?: string | undefined
  readonly rotate?: string | undefined
  readonly keep?: number | undefined
  readonly 'min-free'?: string | undefined
  /** Comment packets with what is found wrong. */
  readonly findings: boolean
}

export interface RedactionRequest {
  readonly 'keep-secrets': boolean
  readonly redact?: readonly string[] | undefined
}

export const redaction = ({ 'keep-secrets': keepSecrets, redact = [] }: RedactionRequest): RedactionOptions => ({
  keepSecrets,
  redact: redact.map(rule => parseRedactRule(rule, codecs)),
})

/** What the flags ask for, checked. */
function recorderOptions(request: RecordingRequest): RecorderOptions {
  const { rotate, keep, 'min-free': minFree } = request
  if (keep !== undefined && rotate === undefined) {
    throw usage(`--keep ${keep}: there is one file only`, 'Say when another begins: --rotate 100MB, --rotate 10m.')
  }
  const least = minFree === undefined ? undefined : parseSize(minFree)
  if (minFree !== undefined && least === undefined) {
    throw usage(`--min-free ${minFree}: not a size`, 'Write 500MB, 2GB, or 0 to record until the disk is full.')
  }
  return {
    ...redaction(request),
    ...(rotate === undefined ? {} : { rotation: parseRotation(rotate) }),
    ...(keep === undefined ? {} : { keep }),
    ...(least === undefined ? {} : { minFree: least }),
  }
}

/** The recorder that the flags ask for; undefined where nothing is to be recorded. */
export async function recorderFor(
  request: RecordingRequest,
  routes: readonly string[],
  tell: (message: string) => void,
): Promise<Recorder | undefined> {
  const { write } = request
  if (write === undefined) return undefined
  return Recorder.create(write, { ...recorderOptions(request), routes, onTrouble: tell })
}

/** Who is to see the traffic: with a recorder, also it, and whoever comments on what it writes. */
export function observed(request: RecordingRequest, recorder: Recorder | undefined, observer: Observer): Observer {
  if (recorder === undefined) return observer
  const discreet = (request.redact ?? []).length > 0
  return recorder.observe(request.findings ? new Remarks(recorder, observer, { discreet }) : observer)
}

/** For people: `recorded in traffic.pcapng (1.2 MB)`. */
export function recorded({ path, files, size, dropped }: RecordingSummary): string {
  const where = files > 1 ? `${files} files up to ${path}` : path
  return `recorded in ${where} (${formatBytes(size)}${dropped === 0 ? '' : `, without ${formatBytes(dropped)}`})`
}
