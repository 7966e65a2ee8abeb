import { parseDuration } from '../duration.ts'
import { usage } from '../failure.ts'
import { parseSize } from '../recording/index.ts'
import type { Stage } from './arrivals.ts'

const MULTIPLES: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9 }

/** `500`, `2.5k`, `1M`: a number of something. */
export function parseCount(text: string, flag: string): number {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmg]?)$/i.exec(text.trim()) ?? []
  if (digits === undefined) throw usage(`${flag} ${text}: not a number`, 'Write 500, 2.5k or 1M.')
  return Number(digits) * (MULTIPLES[unit.toLowerCase()] as number)
}

/** `1k`, `1k/s`: messages a second; undefined for `max`, which is no rate. */
export function parseRate(text: string, flag: string): number | undefined {
  if (text.trim() === 'max') return undefined
  const rate = parseCount(text.replace(/\/s$/, ''), flag)
  if (rate > 0) return rate
  throw usage(`${flag} ${text}: not a rate`, 'Write messages a second: 500, 2.5k; or max.')
}

/** `recorded`, `recorded*2`: how many times as fast as recorded; undefined for what is no such thing. */
export function parseRecorded(text: string): number | undefined {
  const [, times] = /^recorded(?:\*(\d+(?:\.\d+)?))?$/.exec(text.trim()) ?? [undefined, '0']
  const speed = Number(times ?? 1)
  return speed > 0 ? speed : undefined
}

/**
 * `1k:30s,5k:2m`: a constant rate each; `1k..5k:1m` goes evenly from one to the other; `0:10s` is a pause.
 */
export function parseStages(text: string, flag: string): Stage[] {
  return text.split(',').map(part => {
    const [, from, to = from, time] = /^([^.:]+(?:\.\d+\w?)?)(?:\.\.([^:]+))?:(.+)$/.exec(part.trim()) ?? []
    if (from === undefined || to === undefined || time === undefined) {
      throw usage(`${flag} ${part.trim()}: not a stage`, 'Write RATE:TIME, or FROM..TO:TIME: 1k:30s,1k..5k:1m.')
    }
    const rate = (end: string): number => parseCount(end.replace(/\/s$/, ''), flag)
    return { from: rate(from), to: rate(to), seconds: parseDuration(time, flag) / 1000 }
  })
}

/** A duration in seconds; `otherwise` where nothing is said. */
export const secondsOr = (text: string | undefined, flag: string, otherwise: number): number =>
  text === undefined ? otherwise : parseDuration(text, flag) / 1000

/** `5%` or `0.05`: a share, from 0 to 1. */
export function parseShare(text: string, flag: string): number {
  const [, digits, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text.trim()) ?? []
  const share = Number(digits) / (percent === '%' ? 100 : 1)
  if (digits !== undefined && share <= 1) return share
  throw usage(`${flag} ${text}: not a share`, 'Write 5% or 0.05.')
}

/** `100`, `10kB`: bytes of a body. */
export function parseBytes(text: string, flag: string): number {
  const bytes = /^\d+$/.test(text.trim()) ? Number(text) : parseSize(text)
  if (bytes === undefined || bytes > MOST_BYTES) throw usage(`${flag} ${text}: not a size`, 'Write 100, 10kB or 1MB.')
  return bytes
}

/** Bytes of a body, at least and at most: `100`, `100..10kB`. */
export interface SizeRange {
  readonly least: number
  readonly most: number
}

export function parseSizeRange(text: string, flag: string): SizeRange {
  const [from = '', to = from, more] = text.split('..')
  const [least, most] = [from, to].map(end => parseBytes(end, flag)) as [number, number]
  if (more === undefined && least <= most) return { least, most }
  throw usage(`${flag} ${text}: not a range of sizes`, 'Write LEAST..MOST: 100..10kB.')
}

/** Of a body. */
const MOST_BYTES = 256 << 20
