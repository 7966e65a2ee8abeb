import { parseArgs } from 'node:util'
import { usage } from './failure.ts'
import { type Flow, formatEndpoint } from './flow.ts'
import { formatAddress, isLoopback, type Route } from './net/index.ts'
import { describeRoute } from './proxy/index.ts'
import { type Beside, type FileRequest, fileTake, memoryTake, Run, type RunRequest, type Take } from './replay/index.ts'
import { UPSTREAM_TLS } from './tls/index.ts'
import type { Replays } from './tui/index.ts'

export interface ReplayingOptions {
  /** The routes of a proxy, which has just accepted the connections. */
  readonly routes?: () => readonly Route[]
  /** Where it can be read again, once memory does not hold it any more; and how. */
  readonly file?: FileRequest | undefined
  /** Why it cannot be read again, and what to do. */
  readonly nowhere: string
  /** Shows the run where the rest is shown; undefined while that cannot be. */
  readonly beside: (flow: Flow) => Beside | undefined
}

/** How the terminal UI plays a connection again. */
export function replaying({ routes = () => [], file, nowhere, beside }: ReplayingOptions): Replays {
  return {
    suggest: flow => suggested(flow, routes()),
    check: text => void parseRun(text),
    async start(flow, frames, text, { signal, tell }) {
      const run = await Run.prepare(parseRun(text), { signal, tell, beside: beside(flow) })
      let take: Take
      if (frames !== undefined) take = memoryTake(flow, frames)
      else if (file !== undefined) take = await fileTake({ ...file, flow: [String(flow.id)] }, signal)
      else throw usage(`flow ${flow.id} is no longer in memory from its beginning`, nowhere)
      return { run, to: formatAddress(run.to), over: run.play(take).then(() => {}) }
    },
  }
}

/** Where it went, if that is on this machine: what goes anywhere else is for somebody to write. */
function suggested({ route, server, carriers }: Flow, routes: readonly Route[]): string | undefined {
  const upstream = routes.find(each => describeRoute(each) === route)?.upstream
  if (upstream !== undefined) {
    return upstream.transport === 'unix' || isLoopback(upstream.host) ? formatAddress(upstream) : undefined
  }
  // What is in a carrier was taken out of it, and plays to another address, or over TLS.
  return isLoopback(server.host) && server.port !== 0 && carriers.length === 0 ? formatEndpoint(server) : undefined
}

/** `UPSTREAM [--speed N] [--user NAME] …`: what `mqinspect replay --to UPSTREAM` takes. */
function parseRun(text: string): RunRequest {
  const { values, positionals } = parsed(words(text))
  const [to, ...rest] = positionals
  if (to === undefined) throw usage('to whom?', 'Write an address: mqtt://localhost, localhost:5672.')
  if (rest.length > 0) throw usage(`${rest[0]}: one address is enough`)
  const { rate, loop, copies, ...more } = values
  const request = {
    ...more,
    to,
    rate: rate === undefined ? undefined : count('rate', rate),
    loop: count('loop', loop),
    copies: count('copies', copies),
  }
  Run.check(request)
  return request
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        user: { type: 'string' },
        password: { type: 'string' },
        vhost: { type: 'string' },
        map: { type: 'string', multiple: true },
        speed: { type: 'string', default: '1' },
        rate: { type: 'string' },
        loop: { type: 'string', default: '1' },
        copies: { type: 'string', default: '1' },
        timeout: { type: 'string', default: '10s' },
        ...UPSTREAM_TLS,
      },
    })
  } catch (error) {
    // Node's own advice is about positional arguments.
    throw usage((error as Error).message.split('. ')[0] as string)
  }
}

function count(flag: string, text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw usage(`--${flag} ${text} is no number above 0`)
  return Number(text)
}

/** As a shell takes them apart, quotes and all. */
const words = (text: string): string[] =>
  [...text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare]) => double ?? single ?? bare ?? '')
