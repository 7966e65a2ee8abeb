import { carriers, codecs } from '../codecs/index.ts'
import { parseDecodeAs } from './decode-as.ts'
import type { DecodeAs } from './detect.ts'
import type { InspectorOptions } from './inspector.ts'
import { KeyLog } from './keylog.ts'
import { services } from './services.ts'

/** Everything that this version understands, as the commands look at traffic with it. */
export function inspection(decodeAs: readonly DecodeAs[] = [], keys = new KeyLog()): InspectorOptions {
  return {
    codecs,
    carriers,
    decodeAs,
    services: services(keys),
    onSecrets: (type, bytes) => keys.addBlock(type, bytes),
  }
}

export const parseRules = (rules: readonly string[] = []): DecodeAs[] => rules.map(rule => parseDecodeAs(rule, codecs))
