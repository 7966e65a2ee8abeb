import type { Packet } from '../../codecs/core/index.ts'
import type { Flow } from '../flow.ts'
import { inspection } from '../inspection.ts'
import { Recorded } from './recorded.ts'
import { compared, type Take } from './take.ts'

export interface KeptFrame {
  readonly number: number
  readonly packet: Packet
}

/** Frames played between two moments at which what they ask for is waited for. */
const STRIDE = 64

/** One connection as it is held in memory: all its frames so far, in their order. */
export const memoryTake = (flow: Flow, frames: readonly KeptFrame[]): Take => ({
  async read(engine, comparison, copies) {
    const recorded = new Recorded({
      inspection: inspection(),
      ...compared(engine, comparison, copies),
    })
    recorded.begin(flow)
    for (const [at, { number, packet }] of frames.entries()) {
      recorded.packet(flow, packet, number)
      if (at % STRIDE === 0) await recorded.drain()
    }
    recorded.ended(flow)
    recorded.finish()
    await recorded.drain()
    return undefined
  },
})
