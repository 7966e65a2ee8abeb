import { hex } from '../core/index.ts'
import { type CoapFrame, isRequest } from './frames.ts'
import type { Block } from './option.ts'
import type { Options } from './options.ts'
import { codeName } from './tables.ts'

/** `GET /sensors/temp?u=c mid=7 token=ab12 obs=0 block2=1/+/64`. */
export function summary(frame: CoapFrame): string {
  const { code, token, options, payload } = frame
  const parts = [request(code, options) ?? response(code)]
  if ('messageId' in frame) parts.push(`mid=${frame.messageId}`)
  if (token.length > 0) parts.push(`token=${hex(token)}`)
  const {
    observe,
    block1,
    block2,
    qBlock1,
    qBlock2,
    oscore,
    contentFormatName,
    maxMessageSize,
    holdOff,
    badCsmOption,
  } = options.fields
  if (observe !== undefined) parts.push(`obs=${observe}`)
  if (block1 !== undefined) parts.push(`block1=${block(block1)}`)
  if (block2 !== undefined) parts.push(`block2=${block(block2)}`)
  if (qBlock1 !== undefined) parts.push(`qblock1=${block(qBlock1)}`)
  if (qBlock2 !== undefined) parts.push(`qblock2=${qBlock2.map(block).join(',')}`)
  if (oscore !== undefined) parts.push('oscore')
  if (maxMessageSize !== undefined) parts.push(`max=${maxMessageSize}`)
  if (holdOff !== undefined) parts.push(`hold=${holdOff}s`)
  if (badCsmOption !== undefined) parts.push(`option=${badCsmOption}`)
  if (contentFormatName !== undefined) parts.push(contentFormatName)
  if (payload !== undefined) parts.push(payload.length === 1 ? '1 byte' : `${payload.length} bytes`)
  return parts.join(' ')
}

/** Where a request goes: `/sensors/temp`. */
export function destination({ code, options }: CoapFrame): string | undefined {
  return isRequest(code) ? path(options) : undefined
}

function request(code: string, options: Options): string | undefined {
  if (!isRequest(code)) return undefined
  const { uriQuery, proxyUri } = options.fields
  const query = uriQuery === undefined ? '' : `?${visible(uriQuery)}`
  return `${codeName(code) ?? code} ${proxyUri === undefined ? path(options) + query : visible(proxyUri)}`
}

function response(code: string): string {
  const name = codeName(code)
  if (name === undefined) return code
  return code.startsWith('7') || code.startsWith('0') ? name : `${code} ${name}`
}

const path = ({ fields: { uriPath } }: Options): string => `/${visible(uriPath ?? '')}`

/** Escaped as in a URI what could not be seen, or would move a terminal's cursor. */
const visible = (text: string): string =>
  /^[!-~]*$/.test(text)
    ? text
    : text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Zs}]/gu, character => encodeURIComponent(character))

/** NUM, M and the size, as RFC 7959 writes them. */
const block = ({ num, more, size }: Block): string => `${num}/${more ? '+' : '-'}/${size}`
