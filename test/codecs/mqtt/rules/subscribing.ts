import {
  type Cases,
  connack,
  connect,
  deliver,
  opening,
  type Step,
  seconds,
  suback,
  subscribe,
  times,
  unsuback,
  unsubscribe,
} from './say.ts'

const retained = (at: number): Step => deliver(`state/${at}`, { retain: true })

export const subscribing: Cases = {
  'subscription-refused': {
    shows: {
      'one of three': [
        [...opening, subscribe(1, ['a', 0], ['secret/#', 1], ['b', 0]), suback(1, 0, 0x87, 0)],
        'error: refused: secret/# (Not authorized) [3 4]',
      ],
      'MQTT 3.1.1’s only reason': [
        [
          connect({ protocolVersion: 4, properties: undefined }),
          connack(undefined, { properties: undefined }),
          subscribe(1, ['secret/#', 1]),
          suback(1, 0x80),
        ],
        'error: refused: secret/# (Unspecified error) [3 4]',
      ],
    },
    not: { 'what is granted': [...opening, subscribe(1, ['a', 1]), suback(1, 1)] },
  },
  'qos-downgraded': {
    shows: {
      'less than was asked for': [
        [...opening, subscribe(1, ['a', 2], ['b', 1]), suback(1, 1, 1)],
        'warning: a (QoS 2 asked, 1 granted) [3 4]',
      ],
    },
    not: {
      'as much as was asked for': [...opening, subscribe(1, ['a', 2], ['b', 1]), suback(1, 2, 1)],
      'what is refused': [...opening, subscribe(1, ['a', 2]), suback(1, 0x87)],
    },
  },
  'subscribe-all': {
    shows: {
      'everything, once': [
        [...opening, subscribe(1, ['#', 0]), subscribe(2, ['+/#', 0])],
        'note: subscription to # [3]',
      ],
      'everything, shared': [
        [...opening, subscribe(1, ['$share/workers/#', 1])],
        'note: subscription to $share/workers/# [3]',
      ],
    },
    not: { 'a part': [...opening, subscribe(1, ['orders/#', 0], ['+', 0], ['$SYS/#', 0])] },
  },
  'subscribe-storm': {
    shows: {
      'one filter, ten times': [
        [...opening, ...times(12, at => [subscribe(at + 1, ['a/#', 1]), suback(at + 1, 1)]), seconds(1)],
        'warning: a/# was subscribed to 10 times in 18 µs [3 21]',
      ],
    },
    not: {
      'ten filters': [...opening, ...times(12, at => [subscribe(at + 1, [`a/${at}`, 1])])],
      'on and off': [...opening, ...times(12, at => [subscribe(at + 1, ['a', 1]), unsubscribe(at + 100, 'a')])],
    },
  },
  'retained-flood': {
    shows: {
      'more than a thousand at once': [
        [...opening, subscribe(1, ['state/#', 0]), suback(1, 0), ...times(1200, at => [retained(at)])],
        'warning: more than 1,000 retained messages (17,909 bytes) in 1 ms after this SUBACK [4 1005]',
      ],
    },
    not: {
      'a few': [...opening, subscribe(1, ['state/#', 0]), suback(1, 0), ...times(900, at => [retained(at)])],
      'live ones': [...opening, subscribe(1, ['#', 0]), suback(1, 0), ...times(1200, at => [deliver(`a/${at}`)])],
      'over a long time': [
        ...opening,
        subscribe(1, ['state/#', 0]),
        suback(1, 0),
        ...times(1200, at => [retained(at), { ms: 100 }]),
      ],
    },
  },
  'unsubscribe-unknown': {
    shows: {
      'a filter that is spelled otherwise': [
        [...opening, unsubscribe(1, 'Orders/#', 'b'), unsuback(1, 0x11, 0)],
        'note: no subscription to Orders/# existed [3 4]',
      ],
    },
    not: { 'one that was subscribed to': [...opening, unsubscribe(1, 'orders/#'), unsuback(1, 0)] },
  },
}
