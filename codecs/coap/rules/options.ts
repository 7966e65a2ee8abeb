import { Recent, SparseSet } from '../../core/index.ts'
import type { CoapFrame } from '../frames.ts'
import { isRequest } from '../frames.ts'
import { isCritical } from '../option-table.ts'
import { classOf, codeText } from '../track/head.ts'
import { Asked, type CoapRule, isResponse, MOST_KNOWN } from './rule.ts'

/** For experiments [RFC 7252 §12.2]: those who use them know what they mean. */
const EXPERIMENTAL = 65_000

/** The first option that must be understood and that nobody has defined. */
const unknownOf = ({ options }: CoapFrame): number | undefined =>
  options.list.find(({ number, definition }) => definition === undefined && isCritical(number) && number < EXPERIMENTAL)
    ?.number

export const unknownCriticalOption: CoapRule = {
  id: 'coap/unknown-critical-option',
  severity: 'warning',
  title: 'An option that must be understood means nothing, and is not rejected',
  why: 'Who gets a critical option (odd number) that it does not know must reject the message: a request with 4.02, a response as if it had not come (RFC 7252 §5.4.1). A number that IANA has assigned to nothing was let through: one of the two does not check, and will let through one day what matters.',
  fix: 'Use a number of the ranges for vendors (2048 to 64999, registered) or for experiments (from 65000), an even one if it may be ignored; and look whether the server’s library checks critical options.',
  watch: (flow, report) => {
    const asked = Asked.of(flow)
    const suspects = new Recent<number, number>(MOST_KNOWN)
    const told = new SparseSet<number>()
    const tell = (option: number, message: string, frames: readonly number[]): void => {
      if (told.has(option)) return
      told.add(option)
      report(`${message} option ${option}, which is critical and not defined`, frames)
    }
    return {
      frame: (frame, packet, number) => {
        const { answered } = asked.take(frame, packet, number)
        if (isRequest(frame.code)) {
          const option = unknownOf(frame)
          if (option !== undefined) suspects.set(number, option)
        } else if (isResponse(frame)) {
          const option = unknownOf(frame)
          if (option !== undefined) tell(option, `a response, ${codeText(frame.code)}, has`, [number])
          const suspect = answered === undefined ? undefined : suspects.get(answered.number)
          if (answered === undefined || suspect === undefined || classOf(frame.code) !== 2) return
          const message = `${answered.address} was answered ${codeText(frame.code)}, though the request has`
          tell(suspect, message, [answered.number, number])
        }
      },
    }
  },
}
