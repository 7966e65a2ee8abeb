import { Flags, settings } from './command.ts'

/** How long, for all that relays. */
export const relayFlags = settings({
  duration: Flags.string({ description: 'stop after this time: 30s, 5m, 2h', helpValue: 'TIME' }),
  'connect-timeout': Flags.string({
    description: 'how long UPSTREAM may take to accept a connection',
    default: '10s',
    helpValue: 'TIME',
  }),
  'idle-timeout': Flags.string({
    description: 'UDP: how long a client may be silent before it is forgotten',
    default: '247s',
    helpValue: 'TIME',
  }),
})
