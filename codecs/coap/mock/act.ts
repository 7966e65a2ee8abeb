import { type Act, fnv } from '../../core/index.ts'
import { type CoapFrame, Datagram, isRequest, Message } from '../frames.ts'
import type { Block } from '../option.ts'
import { destination } from '../summary.ts'
import { codeName } from '../tables.ts'

/** A request; of a body that comes in blocks, each. */
export interface CoapAct extends Act {
  readonly frame: CoapFrame
}

/** What a frame of the client's asks for; undefined where it asks for nothing. */
export function asking(frame: CoapFrame): CoapAct | undefined {
  if (!(frame instanceof Datagram || frame instanceof Message) || !isRequest(frame.code)) return undefined
  const { code, payload = NOTHING, options } = frame
  const { uriQuery, observe, block1, block2, accept } = options.fields
  const address = destination(frame) ?? '/'
  const type = codeName(code) ?? code
  const signature = [
    type,
    uriQuery === undefined ? address : `${address}?${uriQuery}`,
    ...(observe === undefined ? [] : [`observe=${observe}`]),
    ...(block1 === undefined ? [] : [`block1=${placeOf(block1)}`]),
    // The first block is what is answered to who asks for none in particular.
    ...(block2 === undefined || block2.num === 0 ? [] : [`block2=${placeOf(block2)}`]),
    ...(accept === undefined ? [] : [`accept=${accept}`]),
  ].join(' ')
  return { frame, type, address, signature, detail: `${signature} ${payload.length} ${fnv(payload)}` }
}

const placeOf = ({ num, size }: Block): string => `${num}/${size}`

const NOTHING: Uint8Array = new Uint8Array(0)
