import { lengthExtension } from './delimit.ts'
import { datagramFault } from './faults.ts'
import { DATAGRAM_OPTIONS } from './option-table.ts'
import { look, NOT_A_MESSAGE, plausible, SOUND, UNFINISHED, WRONG } from './plausible.ts'
import { CSM, EMPTY } from './tables.ts'

/** One datagram is little to go by: the port decides where this leaves a doubt. */
export function detectDatagram(head: Uint8Array): number {
  if (head.length < 4) return 0
  const first = head[0] as number
  const code = head[1] as number
  const tokenLength = first & 15
  if (first >> 6 !== 1 || tokenLength > 8) return 0
  if (datagramFault((first >> 4) & 3, code) !== undefined) return 0
  if (code === EMPTY) return tokenLength === 0 && head.length === 4 ? 0.4 : 0
  const options = 4 + tokenLength
  if (options > head.length) return 0
  const verdict = look(head, options, head.length, DATAGRAM_OPTIONS, true)
  if (verdict === WRONG) return 0
  if (verdict !== SOUND) return 0.5
  return options === head.length ? 0.6 : 0.8
}

/** Each side opens with a CSM [RFC 8323 §5.3]. */
export function detectReliable(head: Uint8Array): number {
  const length = plausible(head, 0, head.length)
  if (length === NOT_A_MESSAGE) return 0
  const opens = head[1 + lengthExtension((head[0] as number) >> 4)] === CSM
  if (length === UNFINISHED) return opens && head.length > 2 ? 0.6 : 0.2
  const next = length === head.length ? UNFINISHED : plausible(head, length, head.length)
  if (next === NOT_A_MESSAGE) return opens ? 0.5 : 0.1
  if (opens) return length > 2 || next > 0 ? 0.95 : 0.6
  return next > 0 ? 0.7 : 0.3
}
