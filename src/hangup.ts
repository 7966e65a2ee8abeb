import { isatty } from 'node:tty'

/**
 * Lets the process end in order when nobody is told any more: whoever read stderr has gone, or the terminal is closed.
 * Node would abort at its exit, as it cannot set back a terminal that is gone; so the signal ends it, as it ends what
 * does not listen.
 */
export function outliveAudience(): void {
  process.stderr.on('error', () => {})
  const terminals = [0, 1, 2].filter(fd => isatty(fd))
  if (terminals.length === 0) return
  const isGone = () => terminals.some(fd => !isatty(fd))
  process.stdout.on('error', error => {
    if (!isGone()) throw error
  })
  process.on('exit', () => {
    if (!isGone()) return
    process.removeAllListeners('SIGHUP')
    process.kill(process.pid, 'SIGHUP')
  })
}
