import { describe, expect, it } from 'vitest'
import type { Joined } from '../../../codecs/core/index.ts'
import { stomp } from '../../../codecs/stomp/index.ts'
import { capture } from '../../filter/captures.ts'
import { found, foundIn } from '../../findings/found.ts'
import type { Said } from '../../tracking/story.ts'
import { utf8 } from './support.ts'

type Step = Said<never>

const frame = (text: string): Uint8Array => utf8(`${text.includes('\n\n') ? text : `${text}\n\n`}\0`)
const client = (text: string): Step => ({ client: frame(text) })
const server = (text: string): Step => ({ server: frame(text) })
const ms = (time: number): Step => ({ ms: time })
const times = (count: number, of: (at: number) => Step[]): Step[] =>
  Array.from({ length: count }, (_, at) => of(at)).flat()

/** A connection of which there is nothing to say. */
const open: Step[] = [
  client('CONNECT\naccept-version:1.2\nhost:/\nlogin:ann\npasscode:secret\nheart-beat:10000,10000'),
  server('CONNECTED\nversion:1.2\nserver:RabbitMQ/3.13.7\nheart-beat:10000,10000'),
]
/** What a rule has to say of a conversation. */
const says = (id: string, steps: readonly Step[], joined: Joined = 'start'): string[] =>
  found(stomp, { version: undefined }, steps, joined)
    .filter(line => line.startsWith(`stomp/${id} `))
    .map(line => line.slice(`stomp/${id} `.length))
const within = (id: string, ...steps: Step[]): string[] => says(id, [...open, ...steps])

const subscribe = (ack: string, more = ''): Step => client(`SUBSCRIBE\nid:0\ndestination:/queue/a\nack:${ack}${more}`)
const message = (at: number | string, more = ''): Step =>
  server(`MESSAGE\nsubscription:0\nmessage-id:m${at}\nack:a${at}\ndestination:/queue/a${more}\n\nx`)
const send = (more = ''): Step => client(`SEND\ndestination:/queue/a${more}\n\nhi`)
const goodbye = client('DISCONNECT\nreceipt:bye')
const over = server('RECEIPT\nreceipt-id:bye')

it('of a connection that does all well nothing is said', () => {
  const steps = [
    ...open,
    subscribe('client-individual', '\nprefetch-count:10'),
    send('\npersistent:true\nreceipt:r1'),
    server('RECEIPT\nreceipt-id:r1'),
    message(1),
    client('ACK\nid:a1'),
    goodbye,
    over,
  ]
  expect(found(stomp, { version: undefined }, steps)).toEqual([])
})

describe('connecting', () => {
  it('connect-refused: an ERROR instead of CONNECTED', () => {
    expect(
      says('connect-refused', [client('CONNECT\nhost:/\nlogin:ann'), server('ERROR\nmessage:Bad CONNECT')]),
    ).toEqual(['error: the connection to host / was refused: Bad CONNECT [1 2]'])
    expect(within('connect-refused', send(), server('ERROR\nmessage:late'))).toEqual([])
  })

  it('default-credentials: only once they were let in', () => {
    const login = (passcode: string): Step => client(`CONNECT\nhost:/\nlogin:guest\npasscode:${passcode}`)
    expect(says('default-credentials', [login('guest'), server('CONNECTED')])).toEqual([
      'warning: user "guest" was let in with a default password [1 2]',
    ])
    expect(says('default-credentials', [login('other'), server('CONNECTED')])).toEqual([])
    expect(says('default-credentials', [login('guest'), server('ERROR\nmessage:no')])).toEqual([])
  })

  it('anonymous: let in without a login', () => {
    expect(says('anonymous', [client('CONNECT\nhost:/'), server('CONNECTED')])).toEqual([
      'warning: a client was let in without a login [1 2]',
    ])
    expect(within('anonymous')).toEqual([])
  })

  it('version-1.0: settled on', () => {
    expect(says('version-1.0', [client('CONNECT\nlogin:ann'), server('CONNECTED')])).toEqual([
      'note: the two settled on STOMP 1.0 [1 2]',
    ])
    expect(within('version-1.0')).toEqual([])
  })

  it('heartbeat-off: neither side sends any', () => {
    const beats = (of: string, by: string): Step[] => [
      client(`CONNECT\naccept-version:1.2\nhost:/\nheart-beat:${of}`),
      server(`CONNECTED\nversion:1.2\nheart-beat:${by}`),
    ]
    expect(says('heartbeat-off', beats('0,0', '5000,5000'))).toEqual([
      'warning: neither side sends heart-beats: the client says 0,0, the server 5000,5000 [1 2]',
    ])
    expect(says('heartbeat-off', beats('5000,0', '5000,0'))).toHaveLength(1)
    // One way is enough to notice.
    expect(says('heartbeat-off', beats('0,5000', '5000,0'))).toEqual([])
  })

  it('heartbeat-missed: longer than two periods and a second', () => {
    const beat: Step = { client: utf8('\n') }
    expect(within('heartbeat-missed', ms(22_000), beat)).toEqual([
      'warning: the client was silent for 22 s before this frame, where it promised to send every 10 s [1 3]',
      'warning: the server was silent for 22 s at the end, where it promised to send every 10 s [2]',
    ])
    expect(within('heartbeat-missed', ms(15_000), beat, { server: utf8('\n') }, ms(20_000))).toEqual([])
    // Nothing is promised after the farewell.
    expect(within('heartbeat-missed', goodbye, over, ms(60_000))).toEqual([])
  })
})

describe('errors', () => {
  it('error: each message once, with the frame that the receipt-id names', () => {
    const failing = [
      send('\nreceipt:r1'),
      server('ERROR\nmessage:Unknown destination\nreceipt-id:r1\n\nnot\nvalid'),
      server('ERROR\nmessage:Unknown destination'),
    ]
    expect(within('error', ...failing)).toEqual(['error: Unknown destination (not valid) [3 4]'])
    expect(says('error', [client('CONNECT\nhost:/'), server('ERROR\nmessage:Bad CONNECT')])).toEqual([])
  })

  it('nul-in-body: what follows the NUL is no frame', () => {
    const cut: Step = { client: utf8('SEND\ndestination:/queue/a\n\n\x01ab\0\x02cd\0') }
    expect(within('nul-in-body', cut)).toEqual([
      'error: a SEND of /queue/a ends at a NUL after 3 bytes, and what follows is no frame [3 4]',
    ])
    const whole: Step = { client: utf8('SEND\ndestination:/queue/a\ncontent-length:7\n\n\x01ab\0\x02cd\0') }
    expect(within('nul-in-body', whole, send())).toEqual([])
    // What a capture lacks is nobody's mistake.
    expect(within('nul-in-body', send(), { lost: 10, by: 'client' }, { client: utf8('\x02cd\0') })).toEqual([])
  })

  it('content-length-wrong: characters counted for octets', () => {
    expect(within('content-length-wrong', client('SEND\ndestination:/queue/a\ncontent-length:5\n\ngröße'))).toEqual([
      'error: content-length is 5, but the body of this SEND of /queue/a has 7 bytes [3]',
    ])
    expect(within('content-length-wrong', client('SEND\ndestination:/queue/a\ncontent-length:7\n\ngröße'))).toEqual([])
  })

  it('undefined-escape: a backslash that stands for nothing in this version', () => {
    expect(within('undefined-escape', send('\npath:C:\\temp'), send('\npath:C:\\temp'))).toEqual([
      'error: \\t in header path of a SEND from the client means nothing in STOMP 1.2 [3]',
    ])
    expect(within('undefined-escape', send('\npath:C\\c\\\\temp\\r\\n'))).toEqual([])
    const old = [client('CONNECT\nlogin:ann'), server('CONNECTED')]
    expect(says('undefined-escape', [...old, send('\npath:C:\\temp')])).toEqual([])
  })
})

describe('sending', () => {
  it('send-without-destination', () => {
    expect(within('send-without-destination', client('SEND\nDestination:/queue/a\n\nhi'))).toEqual([
      'error: a SEND has no destination [3]',
    ])
    expect(within('send-without-destination', client('SEND\ndestination:\n\nhi'))).toEqual([
      'error: a SEND has an empty destination [3]',
    ])
    expect(within('send-without-destination', send())).toEqual([])
  })

  it('send-without-receipt: a warning where the messages are persistent', () => {
    expect(within('send-without-receipt', send(), send())).toEqual([
      'note: 2 messages sent, and no receipt asked for [3]',
    ])
    expect(within('send-without-receipt', send(), send('\npersistent:true'))).toEqual([
      'warning: 2 messages sent, and no receipt asked for, though they are persistent [4]',
    ])
    // One receipt tells that all before it were received.
    expect(within('send-without-receipt', send(), send(), goodbye)).toEqual([])
  })

  it('receipt-missing: of a frame before one that was answered, or before the farewell', () => {
    const one = server('RECEIPT\nreceipt-id:r2')
    expect(within('receipt-missing', send('\nreceipt:r1'), send('\nreceipt:r2'), one)).toEqual([
      'warning: 1 receipt did not come, the first for r1 of /queue/a [3 4]',
    ])
    expect(within('receipt-missing', send('\nreceipt:r1'), client('DISCONNECT'))).toHaveLength(1)
    // It may still come.
    expect(within('receipt-missing', send('\nreceipt:r1'))).toEqual([])
    expect(within('receipt-missing', send('\nreceipt:r2'), one, goodbye, over)).toEqual([])
  })

  it('transient-send: to a queue, once for each', () => {
    expect(within('transient-send', send(), send(), client('SEND\ndestination:/topic/a\n\nhi'))).toEqual([
      'note: a message to /queue/a is not persistent [3]',
    ])
    expect(within('transient-send', send('\npersistent:true'))).toEqual([])
  })

  it('transaction-open: at the farewell', () => {
    const begun = [client('BEGIN\ntransaction:t'), send('\ntransaction:t')]
    expect(within('transaction-open', ...begun, goodbye, over)).toEqual([
      'warning: transaction t was still open at the end, with 1 frame in it [3 5]',
    ])
    expect(within('transaction-open', ...begun, client('COMMIT\ntransaction:t'), goodbye, over)).toEqual([])
    expect(within('transaction-open', ...begun)).toEqual([])
  })
})

describe('receiving', () => {
  it('delivery-unacknowledged: named while it lasts, and at the end', () => {
    const waiting = [subscribe('client'), message(1), message(2)]
    expect(within('delivery-unacknowledged', ...waiting, ms(360_000), send())).toEqual([
      'warning: message a1 of /queue/a (sub=0) was not acknowledged for 6 min [4]',
      'warning: message a1 of /queue/a (sub=0) was not acknowledged for 6 min, and 1 other beside it [4]',
    ])
    expect(within('delivery-unacknowledged', ...waiting, ms(70_000))).toEqual([
      'warning: message a1 of /queue/a (sub=0) was not acknowledged for 70 s, and 1 other beside it [4]',
    ])
    expect(within('delivery-unacknowledged', ...waiting, ms(50_000))).toEqual([])
    expect(within('delivery-unacknowledged', ...waiting, client('ACK\nid:a2'), ms(360_000))).toEqual([])
    expect(within('delivery-unacknowledged', subscribe('auto'), message(1), ms(360_000))).toEqual([])
  })

  it('unacked-growth: at a thousand', () => {
    expect(within('unacked-growth', subscribe('client'), ...times(1000, at => [message(at)]))).toEqual([
      'warning: 1,000 messages of sub=0 wait for an acknowledgement [1003]',
    ])
    const done = (at: number): Step => client(`ACK\nid:a${at}`)
    expect(within('unacked-growth', subscribe('client'), ...times(1000, at => [message(at), done(at)]))).toEqual([])
  })

  it('ack-unknown: of what was never sent, or is done with', () => {
    const acknowledged = [subscribe('client'), message(1), client('ACK\nid:a1')]
    expect(within('ack-unknown', ...acknowledged, client('ACK\nid:a1'))).toEqual([
      'error: an ACK names a1, which does not wait for one [6]',
    ])
    expect(within('ack-unknown', subscribe('auto'), message(1), client('NACK\nid:a1'))).toEqual([
      'error: a NACK names a1, which does not wait for one [5]',
    ])
    expect(within('ack-unknown', ...acknowledged)).toEqual([])
    // In a transaction nothing is answered at once.
    const begun = [client('BEGIN\ntransaction:t'), subscribe('client'), message(1)]
    expect(within('ack-unknown', ...begun, client('ACK\nid:a1\ntransaction:t'))).toEqual([])
    // What was delivered before the capture began is not known.
    expect(says('ack-unknown', [client('ACK\nid:a1')], 'middle')).toEqual([])
    expect(within('ack-unknown', subscribe('client'), { lost: 90, by: 'server' }, client('ACK\nid:a1'))).toEqual([])
  })

  it('redelivery-loop: five in a row', () => {
    const again = (at: number): Step[] => [message(at, '\nredelivered:true'), client(`NACK\nid:a${at}`)]
    expect(within('redelivery-loop', subscribe('client-individual'), ...times(7, again))).toEqual([
      'error: 5 messages of /queue/a in a row had come before, and were refused again [4 6 8 10 12]',
    ])
    expect(within('redelivery-loop', subscribe('client-individual'), ...times(4, again))).toEqual([])
    // One that is taken after all ends it.
    const taken = [message('x', '\nredelivered:true'), client('ACK\nid:ax')]
    const broken = [...times(4, again), ...taken, ...times(4, again)]
    expect(within('redelivery-loop', subscribe('client-individual'), ...broken)).toEqual([])
  })

  it('ack-auto: a warning where messages came too late', () => {
    const auto = client('SUBSCRIBE\nid:0\ndestination:/queue/a')
    expect(within('ack-auto', auto, message(1))).toEqual(['note: 1 message of /queue/a came with ack:auto [3]'])
    expect(within('ack-auto', auto, message(1), client('UNSUBSCRIBE\nid:0'), message(2), message(3))).toEqual([
      'warning: 2 messages of /queue/a came after the client had ended its subscription, and went nowhere [3 5 6]',
    ])
    expect(within('ack-auto', subscribe('client'), message(1))).toEqual([])
    // What nobody waits for on a topic is lost in any case.
    const topic = client('SUBSCRIBE\nid:0\ndestination:/topic/a')
    expect(within('ack-auto', topic, message(1))).toEqual([])
  })

  it('prefetch-unlimited: of RabbitMQ, where messages are acknowledged', () => {
    expect(within('prefetch-unlimited', subscribe('client'))).toEqual([
      'note: /queue/a is subscribed to with ack:client and no prefetch-count [3]',
    ])
    expect(within('prefetch-unlimited', subscribe('client', '\nprefetch-count:50'))).toEqual([])
    const activemq = [client('CONNECT\nhost:/'), server('CONNECTED\nversion:1.2\nserver:ActiveMQ/5.17.2')]
    expect(says('prefetch-unlimited', [...activemq, subscribe('client')])).toEqual([])
  })
})

describe('captures', () => {
  it('shows each mistake that the client of rabbit_errors makes', async () => {
    const lines = await foundIn(capture('stomp/rabbit_errors.pcap'))
    expect(lines.filter(line => line.includes(' error: ')).map(line => line.replace(/ \(.*/, ''))).toEqual([
      'stomp/connect-refused error: the connection to host / was refused: Bad CONNECT [1 2]',
      'stomp/connect-refused error: the connection to host / was refused: Version mismatch [4 5]',
      'stomp/send-without-destination error: a SEND has no destination [13]',
      'stomp/error error: Missing destination',
      'stomp/error error: Unknown destination',
      'stomp/ack-unknown error: an ACK names nope, which does not wait for one [25]',
      'stomp/error error: Invalid header',
      'stomp/error error: Bad transaction',
    ])
  })

  it('has no error to tell of in rabbit_acks', async () => {
    const lines = await foundIn(capture('stomp/rabbit_acks.pcap'))
    expect(lines.filter(line => line.includes(' error: '))).toEqual([])
  })
})
