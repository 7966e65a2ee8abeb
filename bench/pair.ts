/**
 * Two ways of doing the same, taken in turn, so that a machine that speeds up or slows down does so for both. What is
 * counted is processor time, the collector's threads included: other work on the machine takes none of it.
 */

export interface Contender {
  readonly name: string
  /** Does the work once and answers how many units it did. */
  readonly run: () => number
}

export interface Result {
  readonly title: string
  readonly unit: string
  readonly rates: readonly { readonly name: string; readonly rate: number; readonly bytes: number }[]
  /** Ours over the peer's, pair by pair: the median, and how far it spread. */
  readonly ratio: number
  readonly low: number
  readonly high: number
}

const ROUNDS = 9
/** How much processor time one turn takes at least, in milliseconds. */
const TURN = 150

export function compare(title: string, unit: string, ours: Contender, peer: Contender): Result {
  for (const contender of [ours, peer]) turn(contender, TURN)
  const turns = Array.from({ length: ROUNDS }, () => [turn(ours, TURN), turn(peer, TURN)] as const)
  const ratios = turns.map(([a, b]) => a / b).sort(ascending)
  const rate = (index: 0 | 1) => middle(turns.map(pair => pair[index]).sort(ascending))
  return {
    title,
    unit,
    rates: [
      { name: ours.name, rate: rate(0), bytes: bytesPerUnit(ours) },
      { name: peer.name, rate: rate(1), bytes: bytesPerUnit(peer) },
    ],
    ratio: middle(ratios),
    low: ratios[0] as number,
    high: ratios.at(-1) as number,
  }
}

/** Units a second of processor time. */
function turn({ run }: Contender, least: number): number {
  let units = 0
  const began = process.cpuUsage()
  let elapsed = 0
  while (elapsed < least) {
    units += run()
    const { user, system } = process.cpuUsage(began)
    elapsed = (user + system) / 1000
  }
  return (units / elapsed) * 1000
}

/** Heap bytes a unit, where the collector can be asked (--expose-gc). */
function bytesPerUnit({ run }: Contender): number {
  const { gc } = globalThis
  if (gc === undefined) return Number.NaN
  const readings: number[] = []
  for (let round = 0; round < 9; round++) {
    gc()
    const before = process.memoryUsage().heapUsed
    const units = run()
    const taken = process.memoryUsage().heapUsed - before
    if (taken > 0) readings.push(taken / units)
  }
  return middle(readings.sort(ascending))
}

const ascending = (a: number, b: number): number => a - b
const middle = (sorted: readonly number[]): number => sorted[sorted.length >> 1] ?? Number.NaN

export function print({ title, unit, rates, ratio, low, high }: Result): void {
  console.log(title)
  for (const { name, rate, bytes } of rates) {
    const heap = Number.isNaN(bytes) ? '' : `, ${Math.round(bytes)} B of heap each`
    console.log(`  ${name.padEnd(34)} ${short(rate).padStart(9)} ${unit}/s${heap}`)
  }
  console.log(`  ratio ${ratio.toFixed(1)} (${low.toFixed(1)} to ${high.toFixed(1)})\n`)
}

function short(rate: number): string {
  if (rate >= 1e6) return `${(rate / 1e6).toFixed(2)} M`
  if (rate >= 1e3) return `${(rate / 1e3).toFixed(1)} k`
  return rate.toFixed(1)
}
