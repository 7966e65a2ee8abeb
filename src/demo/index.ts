import { setTimeout as pause } from 'node:timers/promises'
import { decode } from '../decode.ts'
import { EXIT } from '../failure.ts'
import { proxy } from '../live.ts'
import { painted, styleFor } from '../output/index.ts'
import { startBroker } from './broker.ts'
import { cast, scenes } from './clients.ts'

export interface DemoRequest {
  /** Where to leave the recording. */
  readonly write: string
  readonly 'no-color': boolean
}

/** A broker, clients and the proxy between them, all in this process. Ends by itself. Returns the exit code. */
export async function demo(request: DemoRequest, signal: AbortSignal): Promise<number> {
  const say = narrator(request['no-color'])
  const plain = { format: 'text', json: false, 'show-secrets': false, quiet: true } as const
  const shown = { ...plain, 'no-color': request['no-color'] }
  const broker = await startBroker()
  let code: number
  try {
    say(
      `An MQTT broker listens on port ${broker.port}; mqinspect stands before it, and clients connect to mqinspect.`,
      'Each line is a frame: number, time, connection, direction, protocol, type, bytes, content.',
    )
    const routes = [`127.0.0.1:0=mqtt://127.0.0.1:${broker.port}`]
    const traffic = {
      ...shown,
      view: 'frames',
      routes,
      write: request.write,
      'keep-secrets': false,
      findings: true,
    } as const
    code = await proxy(traffic, signal, ([route]) => play(route?.listen.port ?? 0, say, signal))
  } finally {
    await broker.close()
  }
  if (code !== EXIT.done || signal.aborted) return code
  say(`All of it is in ${request.write}. Read back, connection by connection:`)
  code = await decode({ ...shown, view: 'flows', file: request.write }, signal)
  const next = [
    [`mqinspect decode ${request.write} --format tree`, 'every field of every frame, with its bytes'],
    [`mqinspect decode ${request.write} --json | jq .`, 'the same for scripts; Wireshark opens the file too'],
    ['mqinspect proxy', 'your own broker: point your client at the port it prints'],
  ] as const
  const width = Math.max(...next.map(([command]) => command.length))
  say('What to try next:', ...next.map(([command, what]) => `  ${command.padEnd(width)}  ${what}`))
  return code
}

/** Each scene in turn; ends early if told to. */
async function play(port: number, say: (...lines: string[]) => void, signal: AbortSignal): Promise<void> {
  const { connect, leave } = cast(port)
  for (const { title, play: act } of scenes) {
    if (signal.aborted) break
    say(title)
    await act(connect)
  }
  await leave()
  await pause(SETTLE)
}

/** What was sent last is shown before the end is told, in milliseconds. */
const SETTLE = 200

function narrator(noColor: boolean): (...lines: string[]) => void {
  const { bold } = styleFor(process.stderr, noColor).palette
  return (...lines) => process.stderr.write(`\n${lines.map(line => painted(bold, line)).join('\n')}\n`)
}
