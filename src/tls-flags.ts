import { Flags, settings } from './command.ts'

const file = (description: string) => Flags.string({ description, helpValue: 'FILE', helpGroup: 'TLS' })
const text = (helpValue: string, description: string) => Flags.string({ description, helpValue, helpGroup: 'TLS' })

/** How TLS is begun towards upstreams. */
export const upstreamTlsFlags = settings({
  ca: file('PEM certificates of whom to trust for upstreams, in place of whom the machine trusts'),
  insecure: Flags.boolean({ description: 'take any certificate of an upstream', helpGroup: 'TLS' }),
  'server-name': text(
    'NAME',
    'whom to ask upstreams for (SNI), and whose certificate to want, if not the host that is dialled',
  ),
  'client-cert': file('PEM certificate to show to upstreams that ask for one'),
  'client-key': file('its key; left out, it stands in the same file'),
  'tls-min-version': text('VERSION', 'lowest version to offer to upstreams: 1.0, 1.1, 1.2, 1.3; usually 1.2'),
  'tls-max-version': text('VERSION', 'highest version to offer to upstreams; usually 1.3'),
  'tls-ciphers': text('NAMES', 'cipher suites to offer to upstreams, and no others, by their OpenSSL names: A:B'),
  alpn: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    description: 'protocol to ask upstreams for (ALPN): mqtt, x-amzn-mqtt-ca; repeatable, the dearest first',
    helpValue: 'NAME',
    helpGroup: 'TLS',
  }),
})

/** How TLS is ended towards clients and begun towards upstreams. */
export const tlsFlags = settings({
  cert: file('PEM certificate to show to clients, in place of one by your own authority'),
  key: file('its key; left out, it stands in the same file'),
  ...upstreamTlsFlags,
  keylog: file('append the TLS keys of both sides to this file, for Wireshark'),
})
