import { stat } from 'node:fs/promises'
import { codecs } from '../codecs/index.ts'
import { again, serverPorts } from './again.ts'
import { type CaptureSummary, readCapture } from './capture/index.ts'
import { screenFilter } from './display.ts'
import { EXIT, usage } from './failure.ts'
import { inspection, parseRules } from './inspection.ts'
import { Inspector } from './inspector.ts'
import { Joint } from './joint.ts'
import { KeyLog } from './keylog.ts'
import { loadPayloads, type PayloadOptions } from './payload/index.ts'
import { replaying } from './replaying.ts'
import { tell } from './tell.ts'
import type { Again, ThemeName } from './tui/index.ts'

export interface ViewRequest extends PayloadOptions {
  /** A path, or `-` for standard input. */
  readonly file: string
  readonly filter?: string | undefined
  readonly flow?: readonly string[] | undefined
  readonly 'decode-as'?: readonly string[] | undefined
  readonly keylog?: readonly string[] | undefined
  readonly 'show-secrets': boolean
  readonly 'no-color': boolean
  readonly theme?: ThemeName | undefined
}

/** Kept of a file in memory. */
const LIMITS = { rows: 1 << 20, bytes: 512 << 20 }

/** Whether it is there to be read more than once: no pipe. */
async function isFile(path: string): Promise<boolean> {
  if (path === '-') return false
  // What is wrong with it is told by who reads it.
  const found = await stat(path).catch(() => undefined)
  return found?.isFile() === true
}

/** Shows a capture on the terminal, from its first frame on, while it is being read. Returns the exit code. */
export async function view(request: ViewRequest, signal: AbortSignal): Promise<number> {
  if (process.stdout.isTTY !== true || process.env.TERM === 'dumb') {
    throw usage('this shows a capture on a terminal, and here is none', `Print it: mqinspect decode ${request.file}`)
  }
  const decodeAs = parseRules(request['decode-as'])
  const keys = new KeyLog()
  for (const file of request.keylog ?? []) await keys.addFile(file)
  const name = request.file === '-' ? 'standard input' : request.file
  let activity = 'reading'
  const fromDisk: Again = (observer, end) => again({ path: request.file, decodeAs, keys }, observer, end)
  const there = await isFile(request.file)
  let read = false
  const replays = replaying({
    file: there ? request : undefined,
    nowhere: 'Save what comes to a file first, and view that.',
    // While it is being read, its own connections come.
    beside: flow => (read ? info => inspector.add({ ...info, route: `replay of flow ${flow.id}` }) : undefined),
  })
  const { openScreen } = await import('./tui/index.ts')
  const screen = openScreen({
    codecs,
    live: false,
    source: () => name,
    activity: () => activity,
    filter: screenFilter(request),
    secrets: request['show-secrets'],
    payloads: await loadPayloads(request),
    noColor: request['no-color'],
    theme: request.theme,
    limits: LIMITS,
    again: there ? fromDisk : undefined,
    replays,
  })
  const inspector = new Joint(new Inspector(inspection(decodeAs, keys), screen.observer))
  const input = request.file === '-' ? { stream: process.stdin, name } : { path: request.file }
  const left = new AbortController()
  let begun = (): void => {}
  const first = new Promise<void>(resolve => {
    begun = resolve
  })
  const reading = readCapture(input, inspector, {
    signal: AbortSignal.any([signal, left.signal]),
    ports: serverPorts(decodeAs),
    onProgress(bytes, size) {
      activity = size === undefined ? 'reading' : `reading, ${Math.floor((bytes / size) * 100)} %`
      begun()
    },
  })
  // What cannot be read at all is told where the user is, not on a screen of its own.
  await Promise.race([first, reading])
  let summary: CaptureSummary
  screen.start()
  try {
    const ended = new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
    const done = reading.then(({ damage }) => {
      read = true
      screen.finish()
      activity = damage === undefined ? '' : `damaged at byte ${damage.offset}`
      if (damage !== undefined) screen.tell(`at byte ${damage.offset}: ${damage.message}; what could be read is shown`)
    })
    // Having read it all is no reason to leave; not being able to is.
    await Promise.race([screen.left, ended, done.then(() => new Promise<never>(() => {}))])
  } finally {
    left.abort()
    await screen.stop()
    if ('stream' in input) input.stream.destroy()
    summary = await reading
  }
  if (summary.damage === undefined) return EXIT.done
  tell(`${name}, at byte ${summary.damage.offset}: ${summary.damage.message}`)
  return EXIT.input
}
