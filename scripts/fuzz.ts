/**
 * `npm run fuzz`: millions of mutated vectors through every codec, in a bounded time.
 *
 *     npm run fuzz -- --inputs 5000000 --seed 7 --protocol mqtt
 *
 * A failure prints the seed, the number of the input and its bytes; the same seed gives the same inputs again.
 */
import { parseArgs } from 'node:util'
import { codecs } from '../codecs/index.ts'
import { fuzz } from '../test/fuzz/fuzz.ts'

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '5000000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    protocol: { type: 'string' },
  },
})
const chosen = codecs.filter(codec => values.protocol === undefined || codec.id === values.protocol)
const each = Math.ceil(Number(values.inputs) / chosen.length)

for (const codec of chosen) {
  const { inputs, packets, seconds, slowest } = fuzz(codec, each, Number(values.seed))
  const rate = Math.round(inputs / seconds)
  console.log(
    `${codec.id}: ${inputs} inputs, ${packets} packets, ${seconds.toFixed(1)} s (${rate}/s), slowest ${slowest.toFixed(1)} ms, seed ${values.seed}: nothing found`,
  )
}
