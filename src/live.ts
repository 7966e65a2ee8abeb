import { codecs } from '../codecs/index.ts'
import { EXIT } from './failure.ts'
import type { Route } from './net/index.ts'
import { Output, type ShowRequest, show, showOptions } from './output/index.ts'
import { recorded } from './recording-request.ts'
import { type Relayed, type RelayRequest, relay, tell } from './relaying.ts'

export interface ProxyRequest extends ShowRequest, RelayRequest {}

const STDOUT = 1
/** Characters of output that may wait for a slow reader before rows are dropped. */
const BEHIND = 8 << 20

/**
 * Relays, shows and records until it is told to stop, has shown enough, or `meanwhile`, which begins once it listens,
 * is done. Returns the exit code.
 */
export async function proxy(
  request: ProxyRequest,
  signal: AbortSignal,
  meanwhile?: (routes: readonly Route[]) => Promise<void>,
): Promise<number> {
  const enough = new AbortController()
  const stop = (): void => enough.abort()
  const shown = await showOptions(request, codecs)
  const output = new Output(STDOUT, { dropAbove: BEHIND, onGone: stop })
  const viewer = show(output, { ...shown, onEnough: stop })
  let relayed: Relayed
  try {
    relayed = await relay({
      request,
      observer: viewer,
      signal: AbortSignal.any([signal, enough.signal]),
      ...(meanwhile === undefined ? {} : { meanwhile }),
    })
  } finally {
    // After the recording, as a reader that stopped could hold this up for ever.
    viewer.finish()
    await output.end()
  }
  const { tally, recording } = relayed
  if (!request.quiet) tell(`${tally}${recording === undefined ? '' : `; ${recorded(recording)}`}`)
  for (const omission of viewer.omissions) tell(omission)
  if (output.dropped > 0) tell(`${output.dropped} rows were not shown, as the output could not keep up`)
  return EXIT.done
}
