import { codecs } from '../codecs/index.ts'
import type { Sink } from './flow.ts'
import { TLS_KEY_LOG } from './keylog.ts'
import { KeyLogFile } from './keylog-file.ts'
import { isSecure, type Route, type TlsSettings, type Transport, tlsTransport } from './net/index.ts'
import { loadIdentity, loadTrust, type TlsRequest, trustAdvice } from './tls/index.ts'

export interface LiveTlsRequest extends TlsRequest {
  /** A file to append the keys of both ends to. */
  readonly keylog?: string | undefined
}

type Say = (what: string, next?: string) => void

/** TLS as it is ended and begun by one run of the proxy. */
export class LiveTls {
  readonly transport: Transport
  readonly #file: KeyLogFile | undefined
  #recording: Sink['secrets']

  private constructor(settings: TlsSettings, file: KeyLogFile | undefined) {
    this.#file = file
    this.transport = tlsTransport({
      ...settings,
      startTls: codecs.flatMap(codec => codec.startTls ?? []),
      onKeys: line => {
        file?.add(line)
        this.#recording?.(TLS_KEY_LOG, line)
      },
    })
  }

  /** Reads what is asked for, and says whom clients must trust. Fails where something is missing or wrong. */
  static async load(request: LiveTlsRequest, routes: readonly Route[], say: Say, tell: Say): Promise<LiveTls> {
    const trust = await loadTrust(request)
    const settings: TlsSettings = routes.some(({ listen }) => isSecure(listen))
      ? { ...trust, identity: await welcome(request, say, tell) }
      : trust
    const { keylog } = request
    const file =
      keylog === undefined
        ? undefined
        : await KeyLogFile.open(keylog, ({ message, next }) => tell(`${message}; no more of them are`, next))
    if (trust.insecure && routes.some(({ upstream }) => isSecure(upstream))) {
      tell('--insecure: whoever answers for an upstream is believed')
    }
    return new LiveTls(settings, file)
  }

  /** Keys go to `sink`, too, from now on. */
  record(sink: Pick<Sink, 'secrets'>): void {
    this.#recording = sink.secrets?.bind(sink)
  }

  async close(): Promise<void> {
    await this.#file?.close()
  }
}

async function welcome(request: TlsRequest, say: Say, tell: Say): Promise<NonNullable<TlsSettings['identity']>> {
  const { identity, authority } = await loadIdentity(request)
  if (authority?.made === true)
    tell(`made a certificate authority of your own: ${authority.file}`, trustAdvice(authority))
  else if (authority !== undefined) say(`TLS clients must trust ${authority.file}`)
  return identity
}
