import { readdir, rm, statfs } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { parseDuration } from '../duration.ts'
import { usage } from '../failure.ts'

/** When a recording goes on in another file; what comes first counts. */
export interface Rotation {
  /** Bytes of a file. */
  readonly bytes?: number
  /** Milliseconds that a file covers. */
  readonly time?: number
}

const UNITS: Readonly<Record<string, number>> = {
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  ki: 2 ** 10,
  mi: 2 ** 20,
  gi: 2 ** 30,
  ti: 2 ** 40,
}

/** `100MB`, `1.5GiB`, `4096`. In bytes; undefined where it is no size. */
export function parseSize(text: string): number | undefined {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)\s*(?:([kmgt]i?)?b)?$/i.exec(text.trim()) ?? []
  if (digits === undefined) return undefined
  const bytes = Math.ceil(Number(digits) * (unit === undefined ? 1 : (UNITS[unit.toLowerCase()] as number)))
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

/** Shorter files than this would hold little but what they say of themselves. */
const LEAST = 64 << 10

/** `100MB`, `10m`, or both with a comma. */
export function parseRotation(text: string): Rotation {
  const rotation: { bytes?: number; time?: number } = {}
  for (const part of text.split(',')) {
    const bytes = /b$/i.test(part.trim()) ? parseSize(part) : undefined
    if (bytes === undefined) rotation.time = parseDuration(part, '--rotate')
    else if (bytes >= LEAST) rotation.bytes = bytes
    else throw usage(`--rotate ${text}: a file has at least 64 KiB`, 'Write 100MB, 10m, or both: 100MB,10m.')
  }
  return rotation
}

/** The names of a recording in several files: `traffic.pcapng` is traffic-00001.pcapng, traffic-00002.pcapng … */
export class Series {
  readonly #folder: string
  readonly #stem: string
  readonly #extension: string

  constructor(path: string) {
    this.#folder = dirname(path)
    this.#extension = extname(path)
    this.#stem = basename(path, this.#extension)
  }

  path(number: number): string {
    return join(this.#folder, `${this.#stem}-${String(number).padStart(5, '0')}${this.#extension}`)
  }

  /** The numbers that there are, in order. */
  async numbers(): Promise<number[]> {
    const names = await readdir(this.#folder).catch(() => [])
    return names.flatMap(name => this.#numberOf(name) ?? []).sort((a, b) => a - b)
  }

  /** Deletes the oldest but for `keep`. */
  async prune(keep: number): Promise<void> {
    for (const number of (await this.numbers()).slice(0, -keep)) await rm(this.path(number), { force: true })
  }

  #numberOf(name: string): number | undefined {
    if (!name.startsWith(`${this.#stem}-`) || !name.endsWith(this.#extension)) return undefined
    const digits = name.slice(this.#stem.length + 1, name.length - this.#extension.length)
    return /^\d{5,9}$/.test(digits) ? Number(digits) : undefined
  }
}

/** What may still be written to the disk that `path` is on, in bytes; undefined where nobody can tell. */
export async function freeSpace(path: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(dirname(path))
    return bavail * bsize
  } catch {
    return undefined
  }
}
