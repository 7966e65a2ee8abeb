import { request, response } from '../messages.ts'
import { ack, answer, type Cases, get, observe, post, type Step, seconds, times } from './say.ts'

const retryAfter = (count: number) => ({ options: [['Max-Age', count]] as const })
const echo = { options: [['Echo', Uint8Array.of(1, 2, 3, 4)]] as const }
const unknown = { options: [[2051, 'x']] as const }

export const answering: Cases = {
  'no-answer': {
    shows: {
      'a server that is not there': [
        [get(1, '/a'), seconds(2), get(1, '/a'), seconds(4), get(1, '/a'), seconds(300), get(2, '/b')],
        'warning: get /a was sent 3 times and not answered [1 2 3]',
      ],
    },
    not: {
      'the end of the capture': [get(1, '/a'), seconds(300)],
      'a slow answer': [
        get(1, '/a'),
        ack(1),
        seconds(200),
        { server: response('CON', 900, '2.05', { token: '0001' }) },
        seconds(300),
        get(2, '/b'),
        answer(2, '2.05'),
      ],
      'an answer that nobody wanted': [
        { client: request('NON', 1, 'POST', '/a', { token: '01', options: [['No-Response', 26]] }) },
        seconds(300),
        get(2, '/b'),
        answer(2, '2.05'),
      ],
    },
  },
  'error-loop': {
    shows: {
      'a path that does not exist': [
        times(7, at => [get(at, '/none'), answer(at, '4.04'), seconds(1)]),
        'warning: get /none was answered 4.04 Not Found 5 times in a row, in 4 s [1 2 9 10]',
      ],
    },
    not: {
      'a few': times(4, at => [get(at, '/none'), answer(at, '4.04')]),
      'failures between successes': times(20, at => [get(at, '/a'), answer(at, at % 4 === 3 ? '2.05' : '5.03')]),
      'different paths': times(20, at => [get(at, `/${at}`), answer(at, '4.04')]),
    },
  },
  'retry-too-soon': {
    shows: {
      'a server that is busy': [
        [get(1, '/a'), answer(1, '5.03', retryAfter(30)), seconds(5), get(2, '/a')],
        'warning: /a is asked again after 5 s, where the server said 30 seconds [2 3]',
      ],
      'a server that wants less': [
        [get(1, '/a'), answer(1, '4.29', retryAfter(10)), seconds(2), get(2, '/a')],
        'warning: /a is asked again after 2 s, where the server said 10 seconds [2 3]',
      ],
    },
    not: {
      'a client that waits': [get(1, '/a'), answer(1, '5.03', retryAfter(30)), seconds(31), get(2, '/a')],
      'another resource': [get(1, '/a'), answer(1, '5.03', retryAfter(30)), seconds(5), get(2, '/b')],
      'another failure': [get(1, '/a'), answer(1, '4.04', retryAfter(30)), seconds(5), get(2, '/a')],
    },
  },
  'bad-option': {
    shows: {
      'an option that the server does not know': [
        [get(1, '/a', unknown), answer(1, '4.02')],
        'error: get /a was answered 4.02 Bad Option [1 2]',
      ],
    },
    not: { 'another failure': [get(1, '/a', unknown), answer(1, '4.00')] },
  },
  'unknown-critical-option': {
    shows: {
      'one that a server lets through': [
        [get(1, '/a', unknown), answer(1, '2.05')],
        'warning: /a was answered 2.05 Content, though the request has option 2051, which is critical and not defined [1 2]',
      ],
      'one in a response': [
        [get(1, '/a'), answer(1, '2.05', unknown)],
        'warning: a response, 2.05 Content, has option 2051, which is critical and not defined [2]',
      ],
    },
    not: {
      'one that is rejected': [get(1, '/a', unknown), answer(1, '4.02')],
      'one that may be ignored': [get(1, '/a', { options: [[2050, 'x']] }), answer(1, '2.05')],
      'an experiment': [get(1, '/a', { options: [[65_001, 'x']] }), answer(1, '2.05')],
    },
  },
  'echo-missing': {
    shows: {
      'a client that does not know Echo': [
        [get(1, '/a'), answer(1, '4.01', echo), get(2, '/a'), answer(2, '4.01', echo)],
        'error: /a is asked again without the Echo option of the answer before [2 3 4]',
      ],
    },
    not: {
      'a client that does': [get(1, '/a'), answer(1, '4.01', echo), get(2, '/a', echo), answer(2, '2.05')],
      'an Echo that is too old': [get(1, '/a'), answer(1, '4.01', echo), get(2, '/a', echo), answer(2, '4.01', echo)],
      'requests that were made before': [get(1, '/a'), get(2, '/a'), answer(1, '4.01', echo), answer(2, '4.01', echo)],
      'credentials that are wrong': times(2, at => [get(at, '/a'), answer(at, '4.01')]),
    },
  },
  'token-mismatch': {
    shows: {
      'a server that makes up its tokens': [
        [get(1, '/a', { token: 'a1' }), answer(1, '2.05', { token: 'b2' })],
        'error: message 1 was asked with token a1 and answered with token b2 [1 2]',
      ],
      'a server that leaves them out': [
        [get(1, '/a', { token: 'a1' }), answer(1, '2.05', { token: '' })],
        'error: message 1 was asked with token a1 and answered with no token [1 2]',
      ],
    },
    not: {
      'the same': [get(1, '/a'), answer(1, '2.05')],
      'an empty acknowledgement': [get(1, '/a'), ack(1)],
      'none in both': [get(1, '/a', { token: '' }), answer(1, '2.05', { token: '' })],
    },
  },
  'processed-twice': {
    shows: {
      'a counter that counts twice': [
        [
          post(1, '/count'),
          answer(1, '2.04', { payload: '1' }),
          seconds(2),
          post(1, '/count'),
          answer(1, '2.04', { payload: '2' }),
        ],
        'warning: message 1 got two answers that differ [1 2 4]',
      ],
    },
    not: {
      'the same answer': [post(1, '/count'), answer(1, '2.04'), seconds(2), post(1, '/count'), answer(1, '2.04')],
      'a GET, which does no harm': [
        get(1, '/a'),
        answer(1, '2.05', { payload: '1' }),
        seconds(2),
        get(1, '/a'),
        answer(1, '2.05', { payload: '2' }),
      ],
    },
  },
  'not-observable': {
    shows: {
      'a resource that does not notify, once': [
        times(2, at => [get(at, '/a', { options: [observe(0)] }), answer(at, '2.05')]),
        'note: /a was answered 2.05 Content without Observe [1 2]',
      ],
    },
    not: {
      'one that does': [get(1, '/a', { options: [observe(0)] }), answer(1, '2.05', { options: [observe(7)] })],
      'the end of an observation': [get(1, '/a', { options: [observe(1)] }), answer(1, '2.05')],
      'one that does not exist': [get(1, '/a', { options: [observe(0)] }), answer(1, '4.04')],
    } satisfies Record<string, readonly Step[]>,
  },
}
