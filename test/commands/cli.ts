import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const RUN = `${ROOT}bin/run.js`

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv
  readonly stdin?: Uint8Array
  readonly cwd?: string
}

/** The executable runs what is compiled: made anew, so that it is what is tested. */
export function build(): void {
  // It writes what it can; type errors are for the type check to tell.
  spawnSync(process.execPath, [`${ROOT}node_modules/typescript/bin/tsc`, '-p', ROOT])
  if (!existsSync(`${ROOT}dist/src/cli.js`)) throw new Error('dist is not built')
}

/** Runs `mqinspect` as a user does. */
export function mqinspect(args: readonly string[], { env = {}, stdin, cwd = ROOT }: RunOptions = {}): Promise<Ended> {
  const child = spawn(process.execPath, [RUN, ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  // A command that does not read its input ends before it was all written.
  child.stdin.on('error', () => {})
  child.stdin.end(stdin)
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', text => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', text => (stderr += text))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
}
