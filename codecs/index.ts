import type { AnyCodec } from './core/index.ts'

/** Every protocol, in the order in which detection asks them. Adding one is one folder and one line here. */
export const codecs: readonly AnyCodec[] = []
