/**
 * `mqinspect decode` beside tshark, each as a whole process from start to exit, in turn on the same capture: rows of
 * text, rows of JSON, and counts. Then how long it takes to start.
 *
 *     npm run build && node bench/decode.ts [--packets 300000] [--rounds 5] [CAPTURE…]
 *
 * Without a capture, one is generated.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Cost, OURS, run } from './process.ts'
import { writeTraffic } from './traffic.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { packets: { type: 'string', default: '300000' }, rounds: { type: 'string', default: '5' } },
})
const ROUNDS = Number(values.rounds)

const middle = (list: readonly number[]): number => list.toSorted((a, b) => a - b)[list.length >> 1] as number
const median = (costs: readonly Cost[], of: keyof Cost): number => middle(costs.map(cost => cost[of]))

function row(name: string, costs: readonly Cost[]): void {
  const [wall, cpu, memory] = (['wall', 'cpu', 'memory'] as const).map(of => median(costs, of)) as [
    number,
    number,
    number,
  ]
  const shown = `${wall.toFixed(3)} s, ${cpu.toFixed(2)} s of processor, ${(memory / 1e6).toFixed(0)} MB`
  console.log(`  ${name.padEnd(36)} ${shown}`)
}

/** Both in turn, so that a machine that speeds up or slows down does so for both. */
async function pair(title: string, ours: readonly string[], peer: readonly string[] | undefined): Promise<void> {
  const costs: [Cost[], Cost[]] = [[], []]
  await run([...OURS, ...ours])
  for (let round = 0; round < ROUNDS; round++) {
    costs[0].push(await run([...OURS, ...ours]))
    if (peer !== undefined) costs[1].push(await run(peer))
  }
  console.log(title)
  row(`mqinspect ${ours.filter(arg => !arg.includes('/')).join(' ')}`, costs[0])
  if (peer !== undefined) {
    row(
      peer
        .filter(arg => !arg.includes('/'))
        .join(' ')
        .slice(0, 36),
      costs[1],
    )
    const ratio = (of: keyof Cost) => middle(costs[0].map((cost, at) => (costs[1][at] as Cost)[of] / cost[of]))
    console.log(`  ratio ${ratio('wall').toFixed(1)} in time, ${ratio('cpu').toFixed(1)} in processor time`)
  }
  console.log()
}

const folder = mkdtempSync(join(tmpdir(), 'mqinspect-bench-'))
try {
  const tshark = spawnSync('tshark', ['--version'], { encoding: 'utf8' })
  const installed = tshark.error === undefined
  if (installed) console.log(`${tshark.stdout.split('\n')[0]}\n`)
  else console.log('tshark is not installed: no ratios\n')
  const peer = (...args: string[]) => (installed ? ['tshark', ...args] : undefined)

  const files = [...positionals]
  if (files.length === 0) {
    const path = join(folder, 'generated.pcap')
    writeTraffic(path, Number(values.packets))
    files.push(path)
  }
  const columns = ['frame.number', 'frame.time', 'tcp.stream', '_ws.col.Protocol', 'frame.len', '_ws.col.Info']
  for (const file of files) {
    const what = `${basename(file)}, ${(statSync(file).size / 1e6).toFixed(0)} MB`
    const fields = ['-T', 'fields', ...columns.flatMap(name => ['-e', name])]
    await pair(`${what}: a line of text a frame`, ['decode', file], peer('-r', file, ...fields))
    await pair(`${what}: a line of JSON a frame`, ['decode', file, '--json'], peer('-r', file, '-T', 'ek'))
    const counts = peer('-r', file, '-q', '-z', 'io,stat,0')
    await pair(`${what}: counts alone`, ['decode', file, '--view', 'stats'], counts)
  }

  const small = join(folder, 'small.pcap')
  writeTraffic(small, 20)
  await pair('start: the version', ['--version'], peer('--version'))
  await pair('start: a capture of 20 packets', ['decode', small], peer('-r', small))
} finally {
  rmSync(folder, { recursive: true })
}
