import { codecs } from '../codecs/index.ts'
import { again } from './again.ts'
import { onScreen, printed } from './display.ts'
import { EXIT } from './failure.ts'
import type { Route } from './net/index.ts'
import { type ShowRequest, showOptions } from './output/index.ts'
import { describeRoute, type ProxyHandle } from './proxy/index.ts'
import { recorded } from './recording-request.ts'
import { decodeAsOf, type Relayed, type RelayRequest, relay } from './relaying.ts'
import { replaying } from './replaying.ts'
import type { Again, ThemeName } from './tui/index.ts'

export interface ProxyRequest extends ShowRequest, RelayRequest {
  /** On a screen of its own, not printed. */
  readonly screen?: boolean | undefined
  readonly theme?: ThemeName | undefined
}

/**
 * Relays, shows and records until it is told to stop, has shown enough, or `meanwhile`, which begins once it listens,
 * is done. Returns the exit code.
 */
export async function proxy(
  request: ProxyRequest,
  signal: AbortSignal,
  meanwhile?: (routes: readonly Route[]) => Promise<void>,
): Promise<number> {
  const { write } = request
  let proxied: ProxyHandle | undefined
  const routes = (): readonly Route[] => proxied?.routes ?? []
  // Of a recording in several files, those that were written before may be gone.
  const fromDisk: Again | undefined =
    write === undefined || request.rotate !== undefined
      ? undefined
      : (observer, end) => again({ path: write, decodeAs: decodeAsOf(request, routes()) }, observer, end)
  const replays = replaying({
    routes,
    file: fromDisk && { file: write as string, 'decode-as': request['decode-as'] },
    nowhere: 'Record what passes: mqinspect proxy -w FILE, without --rotate.',
    beside: flow => info => (proxied as ProxyHandle).watch(`replay of flow ${flow.id}`, info),
  })
  const display =
    request.screen === true
      ? await onScreen(request, codecs, fromDisk, replays)
      : printed(await showOptions(request, codecs))
  const { observer, tell } = display
  const enough = new AbortController()
  void display.enough.then(() => enough.abort())
  let relayed: Relayed
  try {
    relayed = await relay({
      request,
      observer,
      tell,
      keeps: display.keeps,
      signal: AbortSignal.any([signal, enough.signal]),
      listening: proxy => {
        proxied = proxy
        display.start?.(routes().map(describeRoute).join(', '))
      },
      ending: () => display.release?.(),
      ...(meanwhile === undefined ? {} : { meanwhile }),
    })
  } finally {
    // After the recording, as a reader that stopped could hold this up for ever.
    await display.finish()
  }
  const { tally, recording } = relayed
  if (!request.quiet) tell(`${tally}${recording === undefined ? '' : `; ${recorded(recording)}`}`)
  for (const omission of display.omissions()) tell(omission)
  return EXIT.done
}
