import { spawn } from 'node:child_process'
import { onTestFinished } from 'vitest'
import { type Ended, ROOT, RUN } from '../commands/cli.ts'
import { jsonLines } from '../output/shown.ts'

export interface Running {
  /** Where it says that it listens. */
  readonly port: number
  /** What it said up to now. */
  told(): string
  /** Ends it as Ctrl-C does. */
  stop(): Promise<Ended>
  /** Resolves when it ends by itself. */
  readonly ended: Promise<Ended>
}

/** Runs `mqinspect` as a user does, and waits until it listens. */
export function running(...args: readonly string[]): Promise<Running> {
  const child = spawn(process.execPath, [RUN, ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let stdout = ''
  let stderr = ''
  const ended = new Promise<Ended>(resolve => {
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
  child.stdout.setEncoding('utf8').on('data', text => (stdout += text))
  return new Promise((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', text => {
      stderr += text
      const port = /127\.0\.0\.1:(\d+)/.exec(stderr)?.[1]
      if (port === undefined) return
      const stop = (): Promise<Ended> => {
        child.kill('SIGINT')
        return ended
      }
      resolve({ port: Number(port), told: () => stdout + stderr, stop, ended })
    })
    void ended.then(() => reject(new Error(`it ended before it listened:\n${stderr}`)))
  })
}

/** How many as recorded, again, unknown, undone; by kind, with `<` before what the broker says. */
export type Counts = Readonly<Record<string, readonly [number, number, number, number]>>

/** What `--json` told. */
export function counts({ stdout }: Ended): Counts {
  const rows = jsonLines(stdout) as unknown as (Row & { readonly deviation?: number })[]
  return Object.fromEntries(
    rows
      .filter(({ deviation }) => deviation === undefined)
      .map(({ kind, from, recorded, again, unknown, undone }) => [
        `${from === 'server' ? '<' : ''}${kind}`,
        [recorded, again, unknown, undone] as const,
      ]),
  )
}

interface Row {
  readonly kind: string
  readonly from: 'client' | 'server'
  readonly recorded: number
  readonly again: number
  readonly unknown: number
  readonly undone: number
}
