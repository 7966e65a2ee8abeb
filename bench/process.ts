/** What whole processes cost, from start to exit. */
import { spawn } from 'node:child_process'
import { openSync, readFileSync } from 'node:fs'
import { devNull } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** How mqinspect is started. */
export const OURS: readonly string[] = [process.execPath, fileURLToPath(new URL('../bin/run.js', import.meta.url))]
const sink = openSync(devNull, 'w')

export interface Cost {
  /** Seconds from start to exit. */
  readonly wall: number
  /** Seconds of processor time, of all threads; NaN where the system does not tell. */
  readonly cpu: number
  /** Most memory that it had at once, in bytes; NaN where the system does not tell. */
  readonly memory: number
}

/** Runs a command to its end, its output thrown away. */
export async function run([program, ...args]: readonly string[]): Promise<Cost> {
  const before = childrenTime()
  const began = performance.now()
  const child = spawn(program as string, args, { stdio: ['ignore', sink, 'ignore'] })
  let over = false
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', resolve)
  }).finally(() => {
    over = true
  })
  let memory = Number.NaN
  const watched = (async () => {
    for (; !over; await sleep(20)) memory = peakOf(child.pid as number) ?? memory
  })()
  const code = await ended
  const wall = (performance.now() - began) / 1000
  const cpu = childrenTime() - before
  await watched
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}`)
  return { wall, cpu, memory }
}

/** Processor time of all children that have ended, in seconds: proc(5), cutime and cstime in ticks of 10 ms. */
function childrenTime(): number {
  try {
    const fields = readFileSync('/proc/self/stat', 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return (Number(fields[13]) + Number(fields[14])) / 100
  } catch {
    return Number.NaN
  }
}

function peakOf(pid: number): number | undefined {
  try {
    const line = /VmHWM:\s*(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return line === null ? undefined : Number(line[1]) * 1024
  } catch {
    return undefined
  }
}
