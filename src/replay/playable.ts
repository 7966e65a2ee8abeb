import type { Flow } from '../flow.ts'

/** Why a connection of a recording cannot be played; undefined where it can. */
export function whyNot({ codec, joined, transport }: Flow): string | undefined {
  if (codec === undefined) return 'their protocol is not known'
  if (joined === 'middle') return 'the capture does not have their beginning'
  if (codec.play === undefined || transport !== 'stream') return `${codec.name} cannot be replayed`
  return undefined
}
