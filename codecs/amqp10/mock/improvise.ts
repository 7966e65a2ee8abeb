import type { Amqp10Frame, AmqpError, Attach } from '../frames.ts'
import type { Amqp10Act } from './act.ts'

/** What a server takes where nothing else is said. */
const WINDOW = 2048
const OUTGOING = 0xffffffff
export const CREDIT = 1000
const MAX_FRAME_SIZE = 1 << 20

const SASL = 3
const MECHANISMS = ['PLAIN', 'ANONYMOUS', 'EXTERNAL']

/** What any server says to that. */
export function improvised({ frame, channel, id }: Amqp10Act): readonly Amqp10Frame[] {
  switch (frame.type) {
    case 'protocol-header':
      return frame.protocolId === SASL
        ? [frame, { type: 'sasl-mechanisms', saslServerMechanisms: MECHANISMS }]
        : [frame]
    case 'sasl-init':
    case 'sasl-response':
      return [{ type: 'sasl-outcome', code: 0 }]
    case 'open':
      return [{ type: 'open', channel: 0, containerId: 'mqinspect', maxFrameSize: MAX_FRAME_SIZE }]
    case 'begin':
      return [
        {
          type: 'begin',
          channel,
          remoteChannel: channel,
          nextOutgoingId: 0,
          incomingWindow: WINDOW,
          outgoingWindow: OUTGOING,
        },
      ]
    case 'attach':
      return [answerTo(frame)]
    case 'transfer':
      if (frame.settled === true) return []
      return [{ type: 'disposition', channel, role: 'receiver', first: id, settled: true, state: { type: 'accepted' } }]
    default:
      return []
  }
}

/** The other end of a link [2.6.3]. */
function answerTo({ channel, name, handle, role, source, target, sndSettleMode, rcvSettleMode }: Attach): Attach {
  const answer: Attach = { type: 'attach', channel, name, handle, role: 'sender', sndSettleMode, rcvSettleMode }
  return role === 'receiver'
    ? { ...answer, source, target, initialDeliveryCount: 0 }
    : { ...answer, role: 'receiver', source, target }
}

/** Why a client is refused. */
const ERROR: AmqpError = { condition: 'amqp:not-allowed', description: 'the recording has no answer to this' }

/** As the protocol refuses: the link, else the session, else the connection. */
export function refusing({ frame, channel, handle }: Amqp10Act): readonly Amqp10Frame[] {
  switch (frame.type) {
    case 'attach': {
      // A link that is refused is first attached without the terminus that there is not [2.6.3].
      const { source, target, ...rest } = answerTo(frame)
      const kept = frame.role === 'receiver' ? { target } : { source }
      return [
        { ...rest, ...kept },
        { type: 'detach', channel, handle, closed: true, error: ERROR },
      ]
    }
    case 'transfer':
    case 'flow':
      return [{ type: 'detach', channel, handle, closed: true, error: ERROR }]
    case 'disposition':
      return [{ type: 'end', channel, error: ERROR }]
    case 'begin':
      return [
        ...improvised({ frame, channel, handle, id: -1, type: '', signature: '', detail: '' }),
        { type: 'end', channel, error: ERROR },
      ]
    case 'sasl-init':
    case 'sasl-response':
      return [{ type: 'sasl-outcome', code: NOT_AUTHENTICATED }]
    case 'open':
      return [
        { type: 'open', channel: 0, containerId: 'mqinspect' },
        { type: 'close', channel: 0, error: ERROR },
      ]
    default:
      return []
  }
}

const NOT_AUTHENTICATED = 1
