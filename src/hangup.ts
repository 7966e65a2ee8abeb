import { isatty } from 'node:tty'

/**
 * Lets the process end in order when its terminal is closed: what cannot be told any more is no error. Node would abort
 * at its exit, as it cannot set back a terminal that is gone; so the signal ends it, as it ends what does not listen.
 */
export function outliveTerminal(): void {
  const terminals = [0, 1, 2].filter(fd => isatty(fd))
  if (terminals.length === 0) return
  const isGone = () => terminals.some(fd => !isatty(fd))
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', error => {
      if (!isGone()) throw error
    })
  }
  process.on('exit', () => {
    if (!isGone()) return
    process.removeAllListeners('SIGHUP')
    process.kill(process.pid, 'SIGHUP')
  })
}
