import { hex, type PlayOptions } from '../../core/index.ts'
import type { CoapFrame } from '../frames.ts'
import type { Option } from '../option.ts'
import { type OptionFields, Options, type PlainOption } from '../options.ts'
import { destination } from '../summary.ts'

/** Names that a server chooses, and clients come back with. */
const LOCATION = 'coap location'
const ETAG = 'coap etag'
const ECHO = 'coap echo'

/** By the option's field in a request, what its values were learnt as. */
const OPAQUE: Readonly<Record<string, string>> = { ifMatch: ETAG, etag: ETAG, echo: ECHO }

type Chosen = Pick<OptionFields, 'locationPath' | 'etag' | 'echo'>

/** What the server chose then it calls otherwise now: the resource it made, the representation it has. */
export function learn({ names }: PlayOptions, then: Chosen, now: Chosen): void {
  const pairs = [
    [LOCATION, then.locationPath, now.locationPath],
    [ETAG, then.etag?.[0], now.etag?.[0]],
    [ECHO, then.echo, now.echo],
  ] as const
  for (const [namespace, recorded, live] of pairs) {
    if (recorded !== undefined && live !== undefined && recorded !== live) names.learn(namespace, recorded, live)
  }
}

/** The options of a request, to where it goes now; themselves where they are what they were. */
export function optionsAgain(frame: CoapFrame, play: PlayOptions): Options {
  const { options, code } = frame
  const known = destination(frame) ?? '/'
  const path = pathOf(known, play)
  const changed = options.list.some(option => opaqueOf(option, play) !== undefined)
  if (path === known && !changed) return options
  const others = options.list.filter(({ definition }) => path === known || definition?.field !== 'uriPath')
  const list = others.map((option): PlainOption => [option.number, opaqueOf(option, play) ?? option.bytes])
  return Options.of(path === known ? list : [...list, ...segmentsOf(path)], code)
}

function pathOf(known: string, { names, address }: PlayOptions): string {
  const made = names.live(LOCATION, known.slice(1))
  return made === undefined ? address(known) : `/${made}`
}

const segmentsOf = (path: string): PlainOption[] =>
  path === '/'
    ? []
    : path
        .replace(/^\//, '')
        .split('/')
        .map(segment => ['Uri-Path', octetsOf(segment)])

/** What a segment is sent as: without the escapes that it is shown with. */
function octetsOf(segment: string): Uint8Array {
  const octets: number[] = []
  for (const [part] of segment.matchAll(/%[0-9A-Fa-f]{2}|[^%]+|%/g)) {
    if (part.length === 3 && part.startsWith('%')) octets.push(Number.parseInt(part.slice(1), 16))
    else octets.push(...new TextEncoder().encode(part))
  }
  return Uint8Array.from(octets)
}

/** The live value of an option that holds what a server chose. */
function opaqueOf({ definition, bytes }: Option, { names }: PlayOptions): Uint8Array | undefined {
  const namespace = OPAQUE[definition?.field ?? '']
  const live = namespace === undefined ? undefined : names.live(namespace, hex(bytes))
  return live === undefined ? undefined : bytesOf(String(live))
}

const bytesOf = (text: string): Uint8Array =>
  Uint8Array.from({ length: text.length / 2 }, (_, at) => Number.parseInt(text.slice(at * 2, at * 2 + 2), 16))
