import { usage } from '../../../failure.ts'
import { isLoopback, reason } from '../../../net/index.ts'

/** Milliseconds between exports, and that one may take. */
const EVERY = 5_000
const PATIENCE = 5_000
const PATH = '/v1/metrics'

/** Where metrics are to go; a URL without a path is a collector's, whose metrics have theirs (OTLP/HTTP, §Request). */
export function parseOtlp(text: string, anywhere: boolean): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw usage(`--otlp: not a URL`, 'A collector on this machine is http://localhost:4318.')
  }
  if (url.username !== '' || url.password !== '') throw usage('--otlp: credentials in a URL are not sent')
  if (!anywhere && !isLoopback(url.hostname.replace(/^\[|\]$/g, ''))) {
    throw usage(`--otlp ${url.host}: not this machine`, 'Say --otlp-anywhere if metrics may go there.')
  }
  if (url.pathname === '/') url.pathname = PATH
  return url
}

/** Sends metrics as OTLP/HTTP with JSON, now and then while a run goes on, and at its end. */
export class OtlpExporter {
  readonly #url: URL
  readonly #body: () => object
  readonly #tell: (what: string) => void
  readonly #timer: NodeJS.Timeout
  #sending: Promise<void> | undefined
  #failures = 0

  /** `tell` is told of the first failure, and in the end of how many there were. */
  constructor(url: URL, body: () => object, tell: (what: string) => void, every = EVERY) {
    this.#url = url
    this.#body = body
    this.#tell = tell
    this.#timer = setInterval(() => void this.#send(), every)
    this.#timer.unref()
  }

  /** Sends what there is in the end. Never throws: that metrics went nowhere does not make a run fail. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#sending
    await this.#send()
    if (this.#failures > 1) this.#tell(`metrics could not be exported ${this.#failures} times`)
  }

  #send(): Promise<void> {
    // A collector that is slow gets fewer, later reports: each holds all that was before.
    this.#sending ??= this.#post().finally(() => {
      this.#sending = undefined
    })
    return this.#sending
  }

  async #post(): Promise<void> {
    try {
      const response = await fetch(this.#url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(this.#body()),
        redirect: 'error',
        signal: AbortSignal.timeout(PATIENCE),
      })
      await response.body?.cancel()
      if (!response.ok) this.#failed(`it answered ${response.status}`)
    } catch (error) {
      this.#failed(reason(error instanceof Error && error.cause !== undefined ? error.cause : error))
    }
  }

  #failed(why: string): void {
    if (this.#failures++ === 0) this.#tell(`metrics cannot be exported to ${this.#url.host}: ${why}`)
  }
}
