import { readFileSync } from 'node:fs'
import { EXIT, Failure } from '../failure.ts'
import type { Plan } from './plan.ts'

/** Files that a run has open besides its connections: of the process, and of each of its threads. */
const OWN = 64
const EACH_WORKER = 16

/**
 * Throws where this process may not have as many open files as some step has clients: beyond that, not only their
 * connections fail, but whatever else needs a file.
 */
export function checkOpenFiles(plans: readonly Pick<Plan, 'groups'>[], workers: number, most = mostOpenFiles()): void {
  const clients = Math.max(0, ...plans.map(({ groups }) => groups.reduce((sum, each) => sum + each.clients, 0)))
  if (clients + OWN + EACH_WORKER * workers <= most) return
  const [needed, allowed] = [clients, most].map(count => count.toLocaleString('en'))
  throw new Failure(`${needed} clients need as many connections, and this process may have ${allowed} open files`, {
    exit: EXIT.connection,
    next: 'Let it have more: ulimit -n 100000, docker run --ulimit nofile=100000, LimitNOFILE=100000 of systemd. Or share the clients among machines: --first-client.',
  })
}

/** Of Linux; Node.js has raised it at its start to what is allowed at all. */
function mostOpenFiles(): number {
  try {
    const [, most] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return most === undefined ? Number.POSITIVE_INFINITY : Number(most)
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
