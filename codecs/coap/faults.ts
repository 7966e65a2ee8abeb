import type { Severity } from '../core/index.ts'
import { codeName, codeTexts, EMPTY, MESSAGE_TYPES, type MessageType } from './tables.ts'

/** What a type and a code, or a code alone, break before anything else is looked at. */
export interface Fault {
  readonly severity: Severity
  readonly code: string
  readonly message: string
  readonly rule: string
}

const error = (code: string, message: string, rule: string): Fault => ({ severity: 'error', code, message, rule })

function ofCode(code: number, signals: boolean): Fault | undefined {
  const text = codeTexts[code] as string
  const kind = code >> 5
  if (kind === 1 || kind === 6 || (kind === 7 && !signals)) {
    return error('reserved-code', `codes ${kind}.xx are reserved`, 'RFC 7252 §4.2')
  }
  if (codeName(text) !== undefined) return undefined
  const rule = kind === 7 ? 'RFC 8323 §5.1' : 'RFC 7252 §12.1'
  return { severity: 'warning', code: 'unknown-code', message: `code ${text} is not assigned`, rule }
}

function ofDatagram(type: MessageType, code: number): Fault | undefined {
  if (type === 'RST' && code !== EMPTY) {
    return error('reset-not-empty', 'a Reset is an Empty message', 'RFC 7252 §4.2')
  }
  if (type === 'ACK' && code !== EMPTY && code >> 5 === 0) {
    return error('acknowledgement-request', 'an Acknowledgement carries a response or nothing', 'RFC 7252 §4.2')
  }
  if (type === 'NON' && code === EMPTY) {
    return error('non-confirmable-empty', 'a Non-confirmable message is not Empty', 'RFC 7252 §4.3')
  }
  return ofCode(code, false)
}

const codes = Array.from({ length: 256 }, (_, code) => code)
const datagramFaults = MESSAGE_TYPES.flatMap(type => codes.map(code => ofDatagram(type, code)))
const reliableFaults = codes.map(code => ofCode(code, true))

export const datagramFault = (typeBits: number, code: number): Fault | undefined =>
  datagramFaults[typeBits * 256 + code]
export const reliableFault = (code: number): Fault | undefined => reliableFaults[code]
