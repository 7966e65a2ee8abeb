import { type Dialogue, type Packet, u32At } from '../core/index.ts'
import { type Context, settled, UNSETTLED } from './delimit.ts'
import { METHOD } from './tables.ts'

const TUNE_OK = 0x000a_001f

/** Learns the frame size that both sides agreed on. */
export class FrameSize implements Dialogue<Context> {
  #context = UNSETTLED

  context(): Context {
    return this.#context
  }

  follow({ buffer, start, end }: Packet<Context>): void {
    // channel-max (2) and frame-max (4) stand after class and method.
    if (buffer[start] !== METHOD || end - start < 17 || u32At(buffer, start + 7) !== TUNE_OK) return
    this.#context = settled(u32At(buffer, start + 13))
  }
}
