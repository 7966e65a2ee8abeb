import { type DriveOption, type DriveOptions, type DriveSettings, nameOf, type Outgoing } from '../../core/index.ts'
import { type CommandFrame, stompFrame } from '../frames.ts'
import { Headers } from '../headers.ts'
import type { Version } from '../tables.ts'

export const options: Readonly<Record<string, DriveOption>> = {
  confirms: { kind: 'boolean', about: 'ask for a receipt of each message', default: true },
  persistent: { kind: 'boolean', about: 'messages outlive the broker', default: false, eachMessage: true },
  priority: { kind: 'uint', about: 'priority of messages', most: 255, eachMessage: true },
  expiration: {
    kind: 'uint',
    about: 'milliseconds that a message may wait for delivery (RabbitMQ)',
    most: 0xffff_ffff,
    eachMessage: true,
  },
  expires: {
    kind: 'uint',
    about: 'when messages expire, in milliseconds since 1970 (ActiveMQ, Artemis)',
    most: Number.MAX_SAFE_INTEGER,
    eachMessage: true,
  },
  ack: {
    kind: 'text',
    about: 'how deliveries are acknowledged: one by one, or each with all before it',
    default: 'client-individual',
    choices: ['client-individual', 'client'],
  },
  selector: { kind: 'text', about: 'only messages that it selects are delivered (ActiveMQ, Artemis)' },
  subscribeHeaders: {
    kind: 'text',
    about: 'more headers of subscriptions: x-queue-type=quorum,consumer-window-size=1048576',
  },
}

type Entry = readonly [name: string, value: string]

const said = (name: string, value: boolean | number | string | undefined): Entry[] =>
  value === undefined ? [] : [[name, String(value)]]

/** What the client opens with: CONNECT or STOMP Frame. */
export function connectOf(options: DriveOptions, version: Version): CommandFrame {
  const { clientId, password, virtualHost, keepAlive } = options
  const beat = String(keepAlive * 1000)
  const negotiated: Entry[] =
    version === '1.0'
      ? []
      : [
          ['accept-version', version],
          // RabbitMQ takes it for a virtual host, and has none that is called like its machine; others do not mind.
          ['host', virtualHost ?? '/'],
          ['heart-beat', `${beat},${beat}`],
        ]
  return stompFrame(
    'CONNECT',
    Headers.of(
      ...negotiated,
      ...said('login', nameOf(options)),
      ...said('passcode', password),
      ...said('client-id', clientId === '' ? undefined : clientId),
    ),
  )
}

/** A subscription, called by the number of its source. Brokers' names for credit are many; what they do not know they pass over. */
export function subscribeOf(
  { sources, credit, settles, settings }: DriveOptions,
  source: number,
  receipt: string,
  version: Version,
): CommandFrame {
  const prefetch = credit === 0 ? undefined : credit
  return stompFrame(
    'SUBSCRIBE',
    Headers.of(
      ['id', String(source)],
      ['destination', sources[source] as string],
      ['ack', settles ? ackModeOf(settings, version) : 'auto'],
      ['receipt', receipt],
      ...said('prefetch-count', prefetch),
      ...said('activemq.prefetchSize', prefetch),
      ...said('selector', settings.selector),
      ...pairsOf(String(settings.subscribeHeaders ?? '')),
    ),
  )
}

/** Where answers come: a queue that goes with the connection. Its name is the connection's own at RabbitMQ and ActiveMQ. */
export const answersOf = ({ clientId }: DriveOptions): string => `/temp-queue/replies-${clientId}`

/** RabbitMQ subscribes whoever names a temporary queue in a reply-to, and lets nobody subscribe to one. */
export const subscribesItself = (server: string): boolean => server.startsWith('RabbitMQ')

/** The subscription for answers; its name is no number. */
export const subscribeAnswers = (options: DriveOptions, receipt: string): CommandFrame =>
  stompFrame(
    'SUBSCRIBE',
    Headers.of(['id', 'answers'], ['destination', answersOf(options)], ['ack', 'auto'], ['receipt', receipt]),
  )

/** To acknowledge one by one came with STOMP 1.1. */
export const ackModeOf = ({ ack }: DriveSettings, version: Version): 'client' | 'client-individual' =>
  ack === 'client' || version === '1.0' ? 'client' : 'client-individual'

/** A message; `receipt` comes first, so that its place is known. */
export function sendOf(
  { destination, body, contentType, replyTo, headers = {} }: Outgoing,
  receipt: string | undefined,
  { persistent, priority, expiration, expires }: DriveSettings,
): CommandFrame {
  return stompFrame(
    'SEND',
    Headers.of(
      ...said('receipt', receipt),
      ['destination', destination],
      ...said('content-type', contentType),
      ...said('reply-to', replyTo),
      ...(persistent === true ? said('persistent', true) : []),
      ...said('priority', priority),
      ...said('expiration', expiration),
      ...said('expires', expires),
      ...Object.entries(headers),
      ['content-length', String(body.length)],
    ),
    body,
  )
}

/** `a=b,c=d`. */
const pairsOf = (text: string): Entry[] =>
  text
    .split(',')
    .filter(one => one.trim() !== '')
    .map(one => {
      const [name = '', ...value] = one.split('=')
      return [name.trim(), value.join('=').trim()]
    })
