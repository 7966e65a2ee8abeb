import { Flags, settings } from './command.ts'

const file = (description: string) => Flags.string({ description, helpValue: 'FILE', helpGroup: 'TLS' })

/** How TLS is ended towards clients and begun towards upstreams. */
export const tlsFlags = settings({
  cert: file('PEM certificate to show to clients, in place of one by your own authority'),
  key: file('its key; left out, it stands in the same file'),
  ca: file('PEM certificates of whom to trust for upstreams, in place of whom the machine trusts'),
  insecure: Flags.boolean({ description: 'take any certificate of an upstream', helpGroup: 'TLS' }),
  'server-name': Flags.string({
    description: 'whom to ask upstreams for (SNI), and whose certificate to want, if not the host that is dialled',
    helpValue: 'NAME',
    helpGroup: 'TLS',
  }),
  'client-cert': file('PEM certificate to show to upstreams that ask for one'),
  'client-key': file('its key; left out, it stands in the same file'),
  keylog: file('append the TLS keys of both sides to this file, for Wireshark'),
})
