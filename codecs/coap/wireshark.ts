import type { WiresharkNames } from '../core/index.ts'
import { codeTexts, MESSAGE_TYPES } from './tables.ts'

const numbers = (names: readonly string[]): ReadonlyMap<string, number> =>
  new Map(names.map((name, number) => [name, number]))
const types = numbers(MESSAGE_TYPES)
const codes = numbers(codeTexts)

/** What stands in one option each on the wire, and in Wireshark. */
const parts =
  (separator: string) =>
  (text: unknown): unknown =>
    typeof text === 'string' ? text.split(separator) : text

export const wireshark: WiresharkNames = {
  protocol: 'coap',
  fields: {
    type: { field: 'type', code: name => types.get(name) },
    code: { field: 'code', code: text => codes.get(text) },
    mid: 'messageId',
    'opt.name': 'options.name',
    'opt.if_match': 'ifMatch',
    'opt.uri_host': 'uriHost',
    'opt.etag': 'etag',
    'opt.observe': 'observe',
    'opt.uri_port': 'uriPort',
    'opt.location_path': { field: 'locationPath', value: parts('/') },
    'opt.uri_path': { field: 'uriPath', value: parts('/') },
    'opt.uri_path_recon': { field: 'uriPath', value: path => `/${path}` },
    'opt.ctype': 'contentFormatName',
    'opt.max_age': 'maxAge',
    'opt.uri_query': { field: 'uriQuery', value: parts('&') },
    'opt.hop_limit': 'hopLimit',
    'opt.accept': 'acceptName',
    'opt.location_query': { field: 'locationQuery', value: parts('&') },
    'opt.proxy_uri': 'proxyUri',
    'opt.proxy_scheme': 'proxyScheme',
    'opt.size1': 'size1',
  },
}
