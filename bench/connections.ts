/**
 * Memory where very many connections are open at once: `mqinspect decode` of a capture of connections that are all open
 * at its end, by what is asked of them.
 *
 *     npm run build && node bench/connections.ts [--connections 100000] [--protocol mqtt]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { OURS, run } from './process.ts'
import { OPENINGS, type Opening, writeConnections } from './traffic.ts'

const { values } = parseArgs({
  options: { connections: { type: 'string', default: '100000' }, protocol: { type: 'string', multiple: true } },
})
const COUNT = Number(values.connections)
const known = Object.keys(OPENINGS) as Opening[]
const wanted = values.protocol === undefined ? known : known.filter(name => values.protocol?.includes(name))
const VIEWS = ['frames', 'exchanges', 'findings']

const folder = mkdtempSync(join(tmpdir(), 'mqinspect-bench-'))
try {
  for (const protocol of wanted) {
    const path = join(folder, `${protocol}.pcap`)
    writeConnections(path, protocol, COUNT)
    console.log(`${COUNT.toLocaleString('en-US')} connections of ${protocol}, all open`)
    for (const view of VIEWS) {
      const { cpu, memory } = await run([...OURS, 'decode', path, '--view', view, '-q'])
      console.log(`  ${view.padEnd(12)} ${cpu.toFixed(2)} s of processor, ${(memory / 1e6).toFixed(0)} MB`)
    }
  }
} finally {
  rmSync(folder, { recursive: true })
}
