import { describe, expect, it } from 'vitest'
import { Budget, type Joined } from '../../../codecs/core/index.ts'
import { stomp, type Version } from '../../../codecs/stomp/index.ts'
import { capture } from '../../filter/captures.ts'
import { type Said, type Story, story, storyOf } from '../../tracking/story.ts'
import { utf8 } from './support.ts'

type Step = Said<never>

/** A frame as it is typed into telnet: the body, if there is one, after a blank line. */
const frame = (text: string): Uint8Array => utf8(`${text.includes('\n\n') ? text : `${text}\n\n`}\0`)
const client = (text: string): Step => ({ client: frame(text) })
const server = (text: string): Step => ({ server: frame(text) })

const opening = (version: Version): Step[] => [
  client(`CONNECT\naccept-version:${version}\nhost:/`),
  server(`CONNECTED\nversion:${version}`),
]
const told = (version: Version, steps: Step[], joined: Joined = 'start', room?: Parameters<typeof story>[4]): Story =>
  story(stomp, { version }, [...opening(version), ...steps], joined, room)
const lines = (version: Version, ...steps: Step[]): readonly string[] => told(version, steps).lines.slice(1)
const exchanges = (version: Version, ...steps: Step[]): readonly string[] =>
  lines(version, ...steps).filter(line => line.startsWith('exchange'))

describe('what STOMP frames mean together', () => {
  it('ties CONNECT to CONNECTED, or to the ERROR that refuses it', () => {
    expect(story(stomp, { version: undefined }, opening('1.1')).lines).toEqual([
      'exchange connect /: 1→2 ok version 1.1',
    ])
    const refused = [client('STOMP\nhost:/\nlogin:bad'), server('ERROR\nmessage:Bad CONNECT')]
    expect(story(stomp, { version: undefined }, refused).lines).toEqual(['exchange connect /: 1→2 failed Bad CONNECT'])
  })

  it('ties each frame that asks for a receipt to its RECEIPT', () => {
    expect(
      lines(
        '1.2',
        client('SUBSCRIBE\nid:0\ndestination:/queue/a\nreceipt:r1'),
        client('SEND\ndestination:/queue/a\nreceipt:r2\n\nhi'),
        server('RECEIPT\nreceipt-id:r2'),
        server('RECEIPT\nreceipt-id:r1'),
        client('DISCONNECT\nreceipt:bye'),
        server('RECEIPT\nreceipt-id:bye'),
      ),
    ).toEqual([
      'add subscription "/queue/a"',
      'use destination "/queue/a"',
      'message publish /queue/a 2 bytes in 4',
      'exchange publish-confirm r2 /queue/a: 4→5 ok RECEIPT',
      'exchange subscribe r1 /queue/a: 3→6 ok RECEIPT',
      'exchange disconnect bye: 7→8 ok RECEIPT',
    ])
  })

  it('acknowledges by the ack header in 1.2', () => {
    expect(
      lines(
        '1.2',
        client('SUBSCRIBE\nid:0\ndestination:/queue/a\nack:client-individual'),
        server('MESSAGE\nsubscription:0\nmessage-id:m1\nack:a1\ndestination:/queue/a\n\nx'),
        server('MESSAGE\nsubscription:0\nmessage-id:m2\nack:a2\ndestination:/queue/a\n\ny'),
        client('ACK\nid:a2'),
        client('NACK\nid:a1'),
      ),
    ).toEqual([
      'add subscription "/queue/a"',
      'message deliver /queue/a 1 bytes in 4',
      'level sub=0 unacknowledged 1',
      'message deliver /queue/a 1 bytes in 5',
      'level sub=0 unacknowledged 2',
      'exchange deliver-ack sub=0 a2 /queue/a: 5→6 ok ACK',
      'level sub=0 unacknowledged 1',
      'exchange deliver-ack sub=0 a1 /queue/a: 4→7 failed NACK',
      'level sub=0 unacknowledged 0',
    ])
  })

  it('acknowledges all before it in mode client, of its own subscription only', () => {
    expect(
      exchanges(
        '1.1',
        client('SUBSCRIBE\nid:0\ndestination:/queue/a\nack:client'),
        client('SUBSCRIBE\nid:1\ndestination:/queue/b\nack:client'),
        server('MESSAGE\nsubscription:0\nmessage-id:m1\ndestination:/queue/a'),
        server('MESSAGE\nsubscription:1\nmessage-id:m1\ndestination:/queue/b'),
        server('MESSAGE\nsubscription:0\nmessage-id:m2\ndestination:/queue/a'),
        server('MESSAGE\nsubscription:0\nmessage-id:m3\ndestination:/queue/a'),
        client('ACK\nsubscription:0\nmessage-id:m2'),
      ),
    ).toEqual([
      'exchange deliver-ack sub=0 m1 /queue/a: 5→9 ok ACK',
      'exchange deliver-ack sub=0 m2 /queue/a: 7→9 ok ACK',
      'exchange deliver-ack sub=0 m3 /queue/a: 8→?',
      'exchange deliver-ack sub=1 m1 /queue/b: 6→?',
    ])
  })

  it('finds the subscription of 1.0, where neither MESSAGE nor ACK names it', () => {
    expect(
      exchanges(
        '1.0',
        client('SUBSCRIBE\ndestination:/queue/a\nack:client'),
        server('MESSAGE\nmessage-id:m1\ndestination:/queue/a'),
        client('ACK\nmessage-id:m1'),
      ),
    ).toEqual(['exchange deliver-ack sub=/queue/a m1 /queue/a: 4→5 ok ACK'])
  })

  it('waits for no acknowledgement in mode auto', () => {
    const subscribe = client('SUBSCRIBE\nid:0\ndestination:/queue/a')
    const message = server('MESSAGE\nsubscription:0\nmessage-id:m1\ndestination:/queue/a')
    expect(exchanges('1.2', subscribe, message)).toEqual([])
  })

  it('ends what is unacknowledged with its subscription', () => {
    expect(
      lines(
        '1.2',
        client('SUBSCRIBE\nid:0\ndestination:/queue/a\nack:client'),
        server('MESSAGE\nsubscription:0\nmessage-id:m1\nack:a1\ndestination:/queue/a'),
        client('UNSUBSCRIBE\nid:0'),
      ).slice(-2),
    ).toEqual(['exchange deliver-ack sub=0 a1 /queue/a: 4→? unsubscribed', 'remove subscription "/queue/a"'])
  })

  it('takes a transaction as one exchange, from BEGIN to COMMIT or ABORT', () => {
    expect(
      exchanges(
        '1.2',
        client('BEGIN\ntransaction:t1'),
        client('SEND\ntransaction:t1\ndestination:/queue/a\n\nx'),
        client('COMMIT\ntransaction:t1'),
        client('BEGIN\ntransaction:t2'),
        client('ABORT\ntransaction:t2'),
      ),
    ).toEqual(['exchange transaction t1: 3→4→5 ok COMMIT', 'exchange transaction t2: 6→7 failed ABORT'])
  })

  it('counts an acknowledgement in a transaction from its COMMIT on, and not where that is aborted', () => {
    const subscribed = [
      client('SUBSCRIBE\nid:0\ndestination:/queue/a\nack:client-individual'),
      server('MESSAGE\nsubscription:0\nmessage-id:m1\nack:a1\ndestination:/queue/a'),
      client('BEGIN\ntransaction:t1'),
      client('ACK\nid:a1\ntransaction:t1'),
    ]
    expect(exchanges('1.2', ...subscribed, client('COMMIT\ntransaction:t1'))).toEqual([
      'exchange deliver-ack sub=0 a1 /queue/a: 4→6→7 ok ACK',
      'exchange transaction t1: 5→6→7 ok COMMIT',
    ])
    expect(exchanges('1.2', ...subscribed, client('ABORT\ntransaction:t1'))).toEqual([
      'exchange transaction t1: 5→6→7 failed ABORT',
      'exchange deliver-ack sub=0 a1 /queue/a: 4→6→?',
    ])
  })

  it('fails what an ERROR names, and gives up the rest where it ends the connection', () => {
    expect(
      lines(
        '1.2',
        client('SUBSCRIBE\nid:0\ndestination:/nowhere\nreceipt:r1'),
        client('SEND\ndestination:/queue/a\nreceipt:r2'),
        server('ERROR\nreceipt-id:r1\nmessage:Unknown destination'),
      ).slice(-3),
    ).toEqual([
      'exchange subscribe r1 /nowhere: 3→5 failed Unknown destination',
      'remove subscription "/nowhere"',
      'exchange publish-confirm r2 /queue/a: 4→? Unknown destination',
    ])
  })

  it('goes on after an ERROR where the broker does', () => {
    expect(
      exchanges(
        '1.2',
        client('SEND\ndestination:/queue/a\nreceipt:r1'),
        server('ERROR\nmessage:Unexpected ACK'),
        server('RECEIPT\nreceipt-id:r1'),
      ),
    ).toEqual(['exchange publish-confirm r1 /queue/a: 3→5 ok RECEIPT'])
  })

  it('takes no answer from the side that asks', () => {
    const steps = [client('SEND\ndestination:/queue/a\nreceipt:r1'), client('RECEIPT\nreceipt-id:r1')]
    expect(exchanges('1.2', ...steps)).toEqual(['exchange publish-confirm r1 /queue/a: 3→?'])
  })

  it('joined in the middle, tells by the ack header what must be acknowledged', () => {
    const { lines } = story(
      stomp,
      { version: '1.2' },
      [
        server('MESSAGE\nsubscription:0\nmessage-id:m1\nack:a1\ndestination:/queue/a'),
        server('MESSAGE\nsubscription:1\nmessage-id:m2\ndestination:/queue/b'),
        client('ACK\nid:a1'),
      ],
      'middle',
    )
    expect(lines.filter(line => line.startsWith('exchange'))).toEqual([
      'exchange deliver-ack sub=0 a1 /queue/a: 1→3 ok ACK',
    ])
  })

  it('gives up the oldest where there is no room', () => {
    const sends = [1, 2, 3, 4, 5].map(at => client(`SEND\ndestination:/queue/a\nreceipt:${at}`))
    const room = { exchanges: new Budget(3), bytes: new Budget(0) }
    const { exchanges, open } = told('1.2', sends, 'start', room)
    expect(exchanges.filter(({ outcome }) => outcome === 'given up').map(({ id }) => id)).toEqual(['1', '2'])
    expect(open.map(({ id }) => id)).toEqual(['3', '4', '5'])
  })

  it('tells what a message is', () => {
    const { messages } = told('1.2', [
      server(
        'MESSAGE\nsubscription:0\nmessage-id:m1\ndestination:/queue/a\ncontent-type:text/plain\nreply-to:/temp-queue/b\n' +
          'correlation-id:c1\nredelivered:true\ntraceparent:00-1\nk:v\nk:w\n\nhi',
      ),
    ])
    const [message] = messages
    expect(message).toMatchObject({
      direction: 'deliver',
      destination: { destination: '/queue/a' },
      id: 'm1',
      contentType: 'text/plain',
      replyTo: '/temp-queue/b',
      correlationId: 'c1',
      repeated: true,
      whole: true,
      size: 2,
    })
    expect(message?.properties).toEqual({
      subscription: '0',
      'message-id': 'm1',
      'content-type': 'text/plain',
      'reply-to': '/temp-queue/b',
      'correlation-id': 'c1',
      redelivered: 'true',
      traceparent: '00-1',
      k: 'v',
    })
    expect(message?.header('k')).toBe('v')
  })
})

describe('captures', () => {
  it('accounts for every delivery that the client of rabbit_acks counted', async () => {
    const { messages, exchanges, open } = await storyOf(capture('stomp/rabbit_acks.pcap'))
    const delivered = (address: string) =>
      messages.filter(message => message.direction === 'deliver' && message.address === address).length
    expect([delivered('/queue/st.ack.client'), delivered('/queue/st.ack.client-individual')]).toEqual([22, 15])
    expect(exchanges.filter(({ kind }) => kind === 'deliver-ack')).toHaveLength(22 + 15)
    expect(open).toEqual([])
  })

  it('keeps what was aborted apart in rabbit_tx: seven sent, four delivered', async () => {
    const { messages, lines } = await storyOf(capture('stomp/rabbit_tx.pcap'))
    expect(messages.map(({ direction }) => direction).join(' ')).toBe(
      `${'publish '.repeat(7)}${'deliver '.repeat(4)}`.trim(),
    )
    expect(lines.filter(line => line.startsWith('exchange transaction'))).toEqual([
      'exchange transaction 1: 7→9→11→13→15→17 ok COMMIT',
      'exchange transaction 2: 19→21→23→25→27 failed ABORT',
    ])
  })

  it('tells why each CONNECT of rabbit_errors was refused', async () => {
    const { exchanges } = await storyOf(capture('stomp/rabbit_errors.pcap'))
    expect(exchanges.filter(({ ok }) => ok === false).map(({ outcome }) => outcome)).toEqual([
      'Bad CONNECT',
      'Version mismatch',
    ])
  })
})
