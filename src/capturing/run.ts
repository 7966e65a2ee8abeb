import { spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { EXIT, Failure } from '../failure.ts'
import type { CaptureTool } from './tool.ts'

/** A capture that runs. */
export interface Capturing {
  /** pcap or pcapng. */
  readonly output: Readable
  /** Resolves when it captures; rejects where it cannot. */
  readonly started: Promise<void>
  /** Resolves when it has ended in order, as it was told to; rejects where it ended otherwise. */
  readonly ended: Promise<void>
  /** Has it end: what it has captured still comes. */
  stop(): void
}

/** As much of what it says as is worth telling. */
const MOST_SAID = 4 << 10

export function captureInterface(tool: CaptureTool): Capturing {
  // Of its own group: Ctrl-C is for us, and we tell it.
  const child = spawn(tool.path, tool.arguments, { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let said = ''
  let stopped = false
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-MOST_SAID)
  })
  const ended = new Promise<void>((resolve, reject) => {
    child.on('error', error => reject(failed(tool, error.message)))
    child.on('close', code => {
      if (code === 0 || stopped) resolve()
      else reject(failed(tool, reasonIn(said)))
    })
  })
  const something = new Promise<void>(resolve => {
    const look = (): void => {
      // Its end is readable, too.
      if (child.stdout.readableLength === 0) return
      child.stdout.off('readable', look)
      resolve()
    }
    child.stdout.on('readable', look)
  })
  const started = Promise.race([ended, something])
  // Whoever awaits only one of them is told by that one.
  ended.catch(() => {})
  started.catch(() => {})
  return {
    output: child.stdout,
    started,
    ended,
    stop: () => {
      if (stopped) return
      stopped = true
      child.kill('SIGINT')
    },
  }
}

/** What a program said last before it gave up, without what it says in any case. */
function reasonIn(said: string): string {
  const lines = said.split(/\r?\n/).map(line => line.trim())
  const told = lines.filter(
    line => line !== '' && !/^(Capturing on|File:|Packets:|listening on|tcpdump: listening)/.test(line),
  )
  return told.join(' ') || 'it ended at once'
}

function failed({ name }: CaptureTool, why: string): Failure {
  return new Failure(`${name} cannot capture: ${why}`, {
    exit: EXIT.failed,
    next: `Run it as a user who may capture (root, or a member of the wireshark group), and see ${name} -D for interfaces.`,
  })
}
