import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { EXIT, Failure } from './failure.ts'
import { outliveAudience } from './hangup.ts'
import { tell } from './tell.ts'

/** The package's folder, seen from dist/src. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** The executable: everything up to the exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  if (argv.length === 1 && argv[0] === '--version') {
    // What oclif would print, without the time it takes to load.
    const { name, version } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8'))
    process.stdout.write(`${name}/${version} ${process.platform}-${process.arch} node-${process.version}\n`)
    return
  }
  outliveAudience()
  try {
    const { run } = await import('./oclif.ts')
    await run([...argv], ROOT)
  } catch (error) {
    process.exitCode = report(error)
  }
}

/** Tells on stderr what went wrong and what to do; returns the exit code. */
export function report(error: unknown): number {
  const { message, next, exit } = explain(error)
  if (exit === EXIT.done) return exit
  tell(message, next)
  if (process.env.DEBUG?.includes('mqinspect') && error instanceof Error) {
    process.stderr.write(`${error.stack}\n`)
    if (error.cause instanceof Error) process.stderr.write(`caused by ${error.cause.stack}\n`)
  }
  return exit
}

interface Explanation {
  readonly message: string
  readonly next?: string | undefined
  readonly exit: number
}

/** oclif's own errors: what its parser found wrong, an unknown command, `exit()`. */
interface OclifError extends Error {
  readonly oclif?: { readonly exit?: number }
  readonly code?: string
}

function explain(error: unknown): Explanation {
  if (error instanceof Failure) return error
  if (!(error instanceof Error)) return { message: String(error), exit: EXIT.failed }
  const { oclif, code, message } = error as OclifError
  if (code === 'EEXIT') return { message, exit: oclif?.exit ?? EXIT.done }
  if (oclif?.exit !== undefined && oclif.exit !== EXIT.failed) {
    // What oclif notes on flags that may be repeated does not hold here: ours take one value each time.
    const [own = ''] = message.replace(/^The following errors? occurred:\s*/, '').split('\nNote:')
    const [what = '', ...more] = own.split(/\s*\n\s*/).filter(line => line !== HELP_HINT && line !== '')
    // "Parsing --count" stands on a line of its own before what is wrong with it.
    const text = [what.replace(/^Parsing (--\S+)\s*$/, '$1:'), ...more].join(' ')
    return { message: text, next: 'Add --help to see what a command takes.', exit: EXIT.usage }
  }
  return { message, next: 'This should not have happened. DEBUG=mqinspect shows where it did.', exit: EXIT.failed }
}

const HELP_HINT = 'See more help with --help'
