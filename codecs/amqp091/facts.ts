import { type Facts, validUtf8 } from '../core/index.ts'
import { Table } from './field-table.ts'
import type { AmqpFrame } from './frames.ts'
import type { Text } from './strings.ts'
import { versionOf } from './summary.ts'

/** What the handshake tells of the connection. */
export function facts(frame: AmqpFrame): Facts | undefined {
  switch (frame.type) {
    case 'protocol-header':
      return { protocolVersion: versionOf(frame) }
    case 'connection.start':
      return product(frame.serverProperties)
    case 'connection.start-ok': {
      const user = login(frame.mechanism, frame.response)
      const clientId = string(frame.clientProperties.get('connection_name'))
      return {
        ...product(frame.clientProperties),
        ...(clientId === undefined ? {} : { clientId }),
        ...(user === undefined ? {} : { user }),
      }
    }
    case 'connection.open':
      return typeof frame.virtualHost === 'string' ? { virtualHost: frame.virtualHost } : undefined
    default:
      return undefined
  }
}

/** The user's name out of a SASL response, of the mechanisms that say it in the clear. */
function login(mechanism: Text, response: Uint8Array): string | undefined {
  // Authorization identity, user and password, with a NUL between [RFC 4616].
  if (mechanism === 'PLAIN') return string(validUtf8(response)?.split('\0')[1])
  // The same in a table that lacks its length.
  if (mechanism === 'AMQPLAIN') return string(new Table(undefined, response, 0, response.length).get('LOGIN'))
  return undefined
}

function product(properties: Table): Facts {
  const name = string(properties.get('product'))
  const version = string(properties.get('version'))
  return name === undefined ? {} : { product: version === undefined ? name : `${name} ${version}` }
}

const string = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
