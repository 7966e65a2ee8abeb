/**
 * Records without end, until it is killed: `node endless.ts FILE`. A line on stdout for each burst: how many frames there
 * are by now, and the time.
 */
import { Inspector } from '../../src/inspector.ts'
import { Recorder } from '../../src/recording/index.ts'
import { frame, toy } from '../output/toy.ts'
import { INFO } from './info.ts'

const [path = ''] = process.argv.slice(2)
const recorder = await Recorder.create(path, { carriers: [] })
const sink = recorder.tap(new Inspector({ codecs: [toy], decodeAs: [] }, recorder.observe({})))
sink.start(BigInt(Date.now()) * 1_000_000n)
const begun = performance.now()
const flow = sink.open(INFO)
let count = 0
let burst = 1

setInterval(() => {
  // Now a few, now so many that they fill a batch.
  burst = (burst * 7) % 1009
  const frames = Array.from({ length: burst }, () => frame(1, `${++count}`.padEnd(100, '.')))
  flow.data('client', Buffer.concat(frames), Math.round((performance.now() - begun) * 1e6), 0, 0)
  process.stdout.write(`${count} ${Date.now()}\n`)
}, 20)
