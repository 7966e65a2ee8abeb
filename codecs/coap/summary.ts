import { hex } from '../core/index.ts'
import { contentFormatName } from './content-formats.ts'
import { type CoapFrame, isRequest } from './frames.ts'
import type { Block } from './option.ts'
import type { Options } from './options.ts'
import { codeName } from './tables.ts'

/** What is shown of options, by their fields; a request's path stands with its method. */
const SHOWN: Readonly<Record<string, (value: never) => string>> = {
  observe: (value: number) => `obs=${value}`,
  oscore: () => 'oscore',
  contentFormat: (value: number) => contentFormatName(value) ?? `format=${value}`,
  qBlock1: (value: Block) => `qblock1=${block(value)}`,
  block2: (value: Block) => `block2=${block(value)}`,
  block1: (value: Block) => `block1=${block(value)}`,
  qBlock2: (value: Block) => `qblock2=${block(value)}`,
  maxMessageSize: (value: number) => `max=${value}`,
  holdOff: (value: number) => `hold=${value}s`,
  badCsmOption: (value: number) => `option=${value}`,
}

/** `GET /sensors/temp?u=c mid=7 token=ab12 obs=0 block2=1/+/64`. */
export function summary(frame: CoapFrame): string {
  const { code, token, options, payload } = frame
  let line = isRequest(code) ? request(code, options) : response(code)
  if ('messageId' in frame) line += ` mid=${frame.messageId}`
  if (token.length > 0) line += ` token=${hex(token)}`
  let before = 0
  for (const option of options.list) {
    const { number, definition, sound } = option
    const show = SHOWN[definition?.field ?? '']
    const counts = sound && (number !== before || definition?.repeatable === true)
    if (show !== undefined && counts) line += ` ${show(option.value as never)}`
    before = number
  }
  if (payload !== undefined) line += payload.length === 1 ? ' 1 byte' : ` ${payload.length} bytes`
  return line
}

/** Where a request goes: `/sensors/temp`. */
export function destination({ code, options }: CoapFrame): string | undefined {
  return isRequest(code) ? path(options) : undefined
}

function request(code: string, options: Options): string {
  const proxyUri = options.joined('proxyUri')
  const query = options.joined('uriQuery')
  const target =
    proxyUri === undefined ? path(options) + (query === undefined ? '' : `?${visible(query)}`) : visible(proxyUri)
  return `${codeName(code) ?? code} ${target}`
}

function response(code: string): string {
  const name = codeName(code)
  if (name === undefined) return code
  return code.startsWith('7') || code.startsWith('0') ? name : `${code} ${name}`
}

const path = (options: Options): string => `/${visible(options.joined('uriPath') ?? '')}`

/** Escaped as in a URI what could not be seen, or would move a terminal's cursor. */
const visible = (text: string): string =>
  /^[!-~]*$/.test(text)
    ? text
    : text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Zs}]/gu, character => encodeURIComponent(character))

/** NUM, M and the size, as RFC 7959 writes them. */
const block = ({ num, more, size }: Block): string => `${num}/${more ? '+' : '-'}/${size}`
