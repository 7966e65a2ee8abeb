/**
 * Holds `decode` against captures whose truth was made by independent decoders:
 *
 *     node scripts/check-captures.ts CHECK.MJS PROTOCOLS FOLDER…
 *
 * CHECK.MJS compares a folder's captures with the truth files beside them and prints a line for each that falls short.
 * Where the truth itself is known to be wrong, the difference is listed here, with why. It must then be just that.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

interface Difference {
  readonly capture: string
  readonly line: RegExp
  readonly why: string
}

const KNOWN: readonly Difference[] = [
  {
    capture: 'amqp091_errors.pcap',
    line: /: (\d+)\/\1 \(2 truth rows unusable\), 2 malformed; \S+>127\.0\.0\.1:5672: 1 frames more than the truth has$/,
    why: 'after a frame of unknown type 9 tshark takes that frame\'s 0xCE for the type of the next, and so misses the client\'s connection.close-ok (it says "Unknown (206)")',
  },
  {
    capture: 'mqtt5_gap_drop_frame29.pcap',
    line: /: (\d+)\/\1, 1 gaps; \S+>127\.0\.0\.1:1883: 7 frames more than the truth has$/,
    why: 'tshark does not find its place again after the dropped packet; six PUBLISH and PUBREL, which the broker acknowledges, and the DISCONNECT follow it',
  },
]

const [checker, protocols, ...folders] = process.argv.slice(2)
if (checker === undefined || protocols === undefined || folders.length === 0) {
  console.error('usage: check-captures.ts CHECK.MJS PROTOCOLS FOLDER…')
  process.exit(2)
}
const run = fileURLToPath(new URL('../bin/run.js', import.meta.url))
const command = `${process.execPath} ${run}`
const args = [checker, '--cmd', command, '--protocols', protocols, ...folders]
const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 28 })
process.stdout.write(stdout)
process.stderr.write(stderr)

const short = stdout.split('\n').filter(line => line.startsWith('SHORT'))
const unknown = short.filter(line => !KNOWN.some(known => line.includes(` ${known.capture}:`) && known.line.test(line)))
for (const { capture, line, why } of KNOWN) {
  if (short.some(text => text.includes(` ${capture}:`) && line.test(text))) console.log(`known: ${capture}: ${why}`)
}
if (unknown.length > 0 || (status !== 0 && short.length === 0)) process.exit(1)
