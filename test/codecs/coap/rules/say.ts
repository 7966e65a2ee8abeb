import type { Block, CoapFrame, PlainOption } from '../../../../codecs/coap/index.ts'
import type { Said } from '../../../tracking/story.ts'
import { empty, type Rest, request, response } from '../messages.ts'

/** Requests and answers in datagrams, in few words. */

export type Step = Said<CoapFrame>

/** Conversations that show what a rule is about, with what it says of them; and some like them that do not. */
export interface Case {
  readonly shows: Readonly<Record<string, readonly [steps: readonly Step[], ...found: string[]]>>
  readonly not: Readonly<Record<string, readonly Step[]>>
}

/** By the rule's name, without `coap/`. */
export type Cases = Readonly<Record<string, Case>>

export const seconds = (count: number): Step => ({ ms: count * 1000 })
export const times = (count: number, steps: (at: number) => readonly Step[]): Step[] =>
  Array.from({ length: count }, (_, at) => steps(at)).flat()

const tokenOf = (messageId: number): string => messageId.toString(16).padStart(4, '0')

/** `get(7, '/temp')` with a token of its own. */
export const get = (messageId: number, uri: string, rest: Rest = {}): Step => ({
  client: request('CON', messageId, 'GET', uri, { token: tokenOf(messageId), ...rest }),
})
export const post = (messageId: number, uri: string, rest: Rest = {}): Step => ({
  client: request('CON', messageId, 'POST', uri, { token: tokenOf(messageId), ...rest }),
})
export const answer = (messageId: number, code: string, rest: Rest = {}): Step => ({
  server: response('ACK', messageId, code, { token: tokenOf(messageId), ...rest }),
})
export const notify = (type: 'CON' | 'NON', messageId: number, observe: number, token: string): Step => ({
  server: response(type, messageId, '2.05', { token, options: [['Observe', observe]], payload: String(observe) }),
})
export const ack = (messageId: number): Step => ({ server: empty('ACK', messageId) })
export const rst = (messageId: number): Step => ({ server: empty('RST', messageId) })
export const clientAck = (messageId: number): Step => ({ client: empty('ACK', messageId) })
export const clientRst = (messageId: number): Step => ({ client: empty('RST', messageId) })

export const observe = (value: number): PlainOption => ['Observe', value]
export const block1 = (num: number, more: boolean): PlainOption => ['Block1', { num, more, size: 16 } satisfies Block]
export const block2 = (num: number, more: boolean): PlainOption => ['Block2', { num, more, size: 16 } satisfies Block]
export const sixteen = 'sixteen bytes...'
