import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { EXIT, Failure, usage } from '../../../failure.ts'
import { errnoOf, LOOPBACK, reason } from '../../../net/index.ts'

export interface Place {
  readonly host: string
  readonly port: number
}

/** `[HOST:]PORT`; without a host, loopback. */
export function parsePlace(text: string, flag: string): Place {
  const [, ipv6, name, digits] = /^(?:(?:\[([^\]]+)\]|([^[\]:]+)):)?(\d{1,5})$/.exec(text.trim()) ?? []
  const port = Number(digits)
  if (digits === undefined || port > MOST) throw usage(`${flag} ${text}: not a port`, 'Write 9090 or 0.0.0.0:9090.')
  return { host: ipv6 ?? name ?? LOOPBACK, port }
}

const MOST = 65_535
/** Ports that are tried, one after the other. */
const TRIES = 20

/** Where metrics are fetched from while a run goes on: `GET /metrics`. */
export class MetricsEndpoint {
  readonly #server: http.Server
  readonly url: string

  private constructor(server: http.Server, { host, port }: Place) {
    this.#server = server
    this.url = `http://${host.includes(':') ? `[${host}]` : host}:${port}/metrics`
  }

  /** Where the port is taken, the next that is free; `url` says which. */
  static async listen({ host, port }: Place, text: () => string): Promise<MetricsEndpoint> {
    for (let next = port; ; next++) {
      const server = http.createServer((request, response) => answer(request, response, text))
      try {
        await once(server.listen(next, host), 'listening')
        // The run keeps the process alive, not who watches it.
        server.unref()
        return new MetricsEndpoint(server, { host, port: (server.address() as AddressInfo).port })
      } catch (cause) {
        const taken = errnoOf(cause) === 'EADDRINUSE'
        if (taken && port !== 0 && next + 1 < port + TRIES && next < MOST) continue
        const where = taken ? `${port} and those after it are in use` : `${host}:${port}: ${reason(cause)}`
        throw new Failure(`no metrics can be served: ${where}`, {
          exit: EXIT.connection,
          next: 'Name another port: --prometheus 9464.',
          cause,
        })
      }
    }
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }
}

function answer(request: http.IncomingMessage, response: http.ServerResponse, text: () => string): void {
  const path = request.url?.split('?')[0]
  const send = (status: number, body: string, headers: http.OutgoingHttpHeaders = {}): void => {
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers })
    response.end(request.method === 'HEAD' ? undefined : body)
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') send(405, 'GET only\n', { allow: 'GET, HEAD' })
  else if (path !== '/metrics') send(404, 'metrics are at /metrics\n')
  else send(200, text(), { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
}
