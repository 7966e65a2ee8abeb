import {
  answer,
  block1,
  block2,
  type Cases,
  clientAck,
  clientRst,
  get,
  notify,
  observe,
  post,
  type Step,
  seconds,
  sixteen,
} from './say.ts'

const observing: readonly Step[] = [
  get(1, '/a', { token: '01', options: [observe(0)] }),
  answer(1, '2.05', { token: '01', options: [observe(10)] }),
]
const upload = (messageId: number, num: number, more = true, uri = '/a'): Step =>
  post(messageId, uri, { options: [block1(num, more)], payload: sixteen })
const taken = (messageId: number, num: number): Step => answer(messageId, '2.31', { options: [block1(num, true)] })
const fetched = (messageId: number, num: number, etag: number): readonly Step[] => [
  get(messageId, '/a', { options: num === 0 ? [] : [block2(num, false)] }),
  answer(messageId, '2.05', { options: [block2(num, num < 2), ['ETag', Uint8Array.of(etag)]], payload: sixteen }),
]

export const series: Cases = {
  'notification-out-of-order': {
    shows: {
      'one that was overtaken': [
        [...observing, notify('NON', 900, 12, '01'), notify('NON', 901, 11, '01')],
        'note: number 11 came after number 12 [3 4]',
      ],
    },
    not: {
      'numbers that rise': [...observing, notify('NON', 900, 11, '01'), notify('NON', 901, 15, '01')],
      'one that is sent again': [...observing, notify('CON', 900, 11, '01'), seconds(2), notify('CON', 900, 11, '01')],
      'numbers that start anew after their range': [
        get(1, '/a', { token: '01', options: [observe(0)] }),
        answer(1, '2.05', { token: '01', options: [observe(0xfffffe)] }),
        notify('NON', 900, 1, '01'),
      ],
      'numbers that mean nothing after two minutes': [...observing, seconds(130), notify('NON', 900, 3, '01')],
      'an observation that begins anew': [
        ...observing,
        notify('NON', 900, 12, '01'),
        get(2, '/a', { token: '01', options: [observe(0)] }),
        answer(2, '2.05', { token: '01', options: [observe(2)] }),
      ],
    },
  },
  'notification-after-reset': {
    shows: {
      'a server that does not listen': [
        [...observing, notify('NON', 900, 11, '01'), clientRst(900), seconds(5), notify('NON', 901, 12, '01')],
        'error: a notification 5 s after the Reset that ended them [4 5]',
      ],
    },
    not: {
      'what was on its way': [
        ...observing,
        notify('NON', 900, 11, '01'),
        notify('NON', 901, 12, '01'),
        clientRst(900),
        notify('NON', 902, 13, '01'),
      ],
      'a client that acknowledges': [
        ...observing,
        notify('CON', 900, 11, '01'),
        clientAck(900),
        seconds(5),
        notify('CON', 901, 12, '01'),
      ],
      'a client that observes anew': [
        ...observing,
        notify('NON', 900, 11, '01'),
        clientRst(900),
        get(2, '/a', { token: '01', options: [observe(0)] }),
        answer(2, '2.05', { token: '01', options: [observe(12)] }),
        seconds(5),
        notify('NON', 901, 13, '01'),
      ],
    },
  },
  'blocks-out-of-order': {
    shows: {
      'a block that was left out': [
        [upload(1, 0), taken(1, 0), upload(2, 2), answer(2, '4.08')],
        'warning: block 2 of /a comes after block 0 [1 3]',
      ],
    },
    not: {
      'one after the other': [upload(1, 0), taken(1, 0), upload(2, 1), taken(2, 1), upload(3, 2, false)],
      'one that is sent again': [upload(1, 0), taken(1, 0), upload(2, 1), seconds(2), upload(2, 1), taken(2, 1)],
      'a body that is sent anew': [upload(1, 0), taken(1, 0), upload(2, 1), taken(2, 1), upload(3, 0), upload(4, 1)],
      'two bodies at once': [upload(1, 0), upload(2, 0, true, '/b'), upload(3, 1), upload(4, 1, true, '/b')],
      'a capture that begins in the middle': [upload(1, 7), upload(2, 8)],
    },
  },
  'upload-incomplete': {
    shows: {
      'a server that forgot': [
        [upload(1, 0), taken(1, 0), upload(2, 1, false), answer(2, '4.08')],
        'error: the body for /a is not whole: 4.08 Request Entity Incomplete [1 4]',
      ],
    },
    not: { 'a server that did not': [upload(1, 0), taken(1, 0), upload(2, 1, false), answer(2, '2.04')] },
  },
  'representation-changed': {
    shows: {
      'another ETag': [
        [...fetched(1, 0, 1), ...fetched(2, 1, 1), ...fetched(3, 2, 2)],
        'note: block 2 of /a has ETag 02, those before 01 [2 6]',
      ],
    },
    not: {
      'the same': [...fetched(1, 0, 1), ...fetched(2, 1, 1), ...fetched(3, 2, 1)],
      'another body': [...fetched(1, 0, 1), ...fetched(2, 1, 1), ...fetched(3, 0, 2), ...fetched(4, 1, 2)],
    },
  },
}
