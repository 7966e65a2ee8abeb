import type { AnyCodec, Comparison } from '../../codecs/core/index.ts'

/** Stands where a name was made up by a machine: the next run has another. */
const MADE_UP = '‹…›'

/** Ways in which machines make up names whatever they speak, the most telling first. */
const PATTERNS: readonly RegExp[] = [
  // A UUID.
  /\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi,
  // Hexadecimal with digits and letters both.
  /(?<![0-9a-z])(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{6,}(?![0-9a-z])/gi,
  // Process numbers, ports, times.
  /(?<![0-9])[0-9]{4,}(?![0-9])/g,
]
const WORD = /[0-9A-Za-z]{8,}/g

/** What two runs of the same have in common of a text. */
export class Generic {
  readonly #patterns: readonly RegExp[]
  readonly #passing: ReadonlySet<string>

  constructor({ generated = [], passing = [] }: Partial<Comparison> = {}) {
    this.#patterns = [...generated, ...PATTERNS]
    this.#passing = new Set(passing)
  }

  /** A name without what was made up for it: `reply-7f3a91c2` is `reply-‹…›`. */
  name(text: string): string {
    let name = text
    for (const pattern of this.#patterns) name = name.replace(pattern, MADE_UP)
    return name.replace(WORD, word => (looksRandom(word) ? MADE_UP : word))
  }

  /** JSON without what passes; members in one order. */
  value(json: unknown): unknown {
    if (typeof json === 'string') return this.name(json)
    if (Array.isArray(json)) return json.map(item => this.value(item))
    if (typeof json !== 'object' || json === null) return json
    const entries = Object.entries(json).filter(([name]) => !this.#passing.has(name))
    return Object.fromEntries(entries.sort(byName).map(([name, value]) => [name, this.value(value)]))
  }
}

const generics = new Map<AnyCodec | undefined, Generic>()

/** By what its protocol makes up; without one, by what all do. */
export function genericOf(codec: AnyCodec | undefined): Generic {
  let generic = generics.get(codec)
  if (generic === undefined) generics.set(codec, (generic = new Generic(codec?.comparison)))
  return generic
}

const byName = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : a > b ? 1 : 0)

/** Words change between small letters, capitals and digits seldom; what is drawn at random does at every other place. */
function looksRandom(word: string): boolean {
  let changes = 0
  for (let at = 1; at < word.length; at++) if (classOf(word, at) !== classOf(word, at - 1)) changes++
  return changes >= word.length / 3
}

function classOf(word: string, at: number): number {
  const code = word.charCodeAt(at)
  return code < 0x3a ? 0 : code < 0x5b ? 1 : 2
}
