import { empty, request, response } from '../messages.ts'
import { ack, answer, type Cases, get, notify, observe, post, rst, type Step, seconds, sixteen, times } from './say.ts'

/** A request that is sent four times, as it should be where nobody answers [RFC 7252 §4.2]. */
const patient = (step: Step): Step[] => [step, seconds(2), step, seconds(4), step, seconds(8), step]

export const sending: Cases = {
  'retransmission-storm': {
    shows: {
      'a link on which every message is sent twice': [
        times(11, at => [get(at, '/a'), seconds(2), get(at, '/a'), answer(at, '2.05')]),
        'warning: 10 retransmissions of 10 messages that the client sent, in 18 s [2 29]',
      ],
    },
    not: {
      'a few among many': times(100, at => [
        get(at, '/a'),
        ...(at % 10 === 0 ? [seconds(2), get(at, '/a')] : []),
        answer(at, '2.05'),
      ]),
      'datagrams that the network doubled': times(20, at => [get(at, '/a'), get(at, '/a'), answer(at, '2.05')]),
    },
  },
  'retransmitted-too-soon': {
    shows: {
      'after a fifth of a second': [
        [get(7, '/a'), { ms: 200 }, get(7, '/a')],
        'warning: the client sends message 7 again after 200 ms [1 2]',
      ],
    },
    not: {
      'after two seconds': patient(get(7, '/a')),
      'datagrams that the network doubled': [get(7, '/a'), get(7, '/a')],
      'another message': [get(7, '/a'), { ms: 200 }, get(8, '/a')],
    },
  },
  'retransmitted-too-often': {
    shows: {
      'a client that does not give up': [
        times(8, () => [get(7, '/a'), seconds(10)]),
        'warning: the client sends message 7 for the 6th time, 50 s after the first [1 6]',
      ],
    },
    not: { 'a client that does': [...patient(get(7, '/a')), seconds(16), get(7, '/a')] },
  },
  'nstart-exceeded': {
    shows: {
      'two requests at once': [
        [get(1, '/a'), get(2, '/b'), answer(1, '2.05'), answer(2, '2.05')],
        'warning: 2 messages of the client wait for their acknowledgement at once [1 2]',
      ],
      'more and more': [
        times(25, at => [get(at, '/a')]),
        'warning: 2 messages of the client wait for their acknowledgement at once [1 2]',
        'warning: 20 messages of the client wait for their acknowledgement at once [1 20]',
      ],
    },
    not: {
      'one after the other': [get(1, '/a'), answer(1, '2.05'), get(2, '/b'), ack(2), get(3, '/c'), rst(3)],
      'one that is sent again': patient(get(1, '/a')),
      'one after another that was given up': [get(1, '/a'), seconds(5), get(2, '/a')],
      'responses that overtake acknowledgements': [
        get(1, '/a'),
        { server: response('NON', 900, '2.05', { token: '0001' }) },
        get(2, '/b'),
      ],
      'what wants no acknowledgement': times(5, at => [{ client: request('NON', at, 'GET', '/a', { token: '01' }) }]),
    },
  },
  'message-id-reused': {
    shows: {
      'a counter that stands still': [
        [get(7, '/a', { token: '01' }), answer(7, '2.05', { token: '01' }), seconds(5), get(7, '/a', { token: '02' })],
        'error: the client uses message ID 7 for another message after 5 s [1 3]',
      ],
    },
    not: {
      'one that is sent again': patient(get(7, '/a')),
      'after its time': [get(7, '/a', { token: '01' }), seconds(250), get(7, '/a', { token: '02' })],
      'the other side’s': [get(7, '/a'), ack(7), notify('CON', 7, 1, '0007')],
    },
  },
  'datagram-too-large': {
    shows: {
      'a body that should come in blocks': [
        [post(1, '/a', { payload: 'x'.repeat(1400) })],
        'note: the client sends a datagram of 1,409 bytes [1]',
      ],
    },
    not: { 'a block': [post(1, '/a', { payload: 'x'.repeat(1024) })] },
  },
  'reset-loop': {
    shows: {
      'a server that rejects all': [
        times(6, at => [get(at, '/a'), rst(at)]),
        'warning: the server reset 5 messages in 8 µs [2 10]',
      ],
    },
    not: {
      'one that was restarted': [get(1, '/a'), rst(1), get(2, '/a'), answer(2, '2.05')],
      pings: times(9, at => [{ client: empty('CON', at) }, rst(at)]),
    },
  },
  'separate-unacknowledged': {
    shows: {
      'a client that does not acknowledge': [
        [
          get(1, '/a'),
          ack(1),
          ...patient({ server: response('CON', 900, '2.05', { token: '0001', payload: sixteen }) }),
        ],
        'warning: 2.05 Content was sent 3 times in 6 s and not acknowledged [3 4 5]',
      ],
    },
    not: {
      'one that does, the second time': [
        get(1, '/a', { options: [observe(0)] }),
        answer(1, '2.05', { options: [observe(1)] }),
        notify('CON', 900, 2, '0001'),
        seconds(2),
        notify('CON', 900, 2, '0001'),
        { client: empty('ACK', 900) },
      ],
      requests: patient(get(1, '/a')),
    },
  },
}
