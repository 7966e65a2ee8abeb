import { expect, it } from 'vitest'
import { parseDecodeAs } from '../src/decode-as.ts'
import { near } from '../src/near.ts'
import { toy } from './output/toy.ts'

it('finds what was probably meant', () => {
  const names = ['amqp091', 'amqp10', 'mqtt', 'stomp']
  expect(near('amqp', names)).toEqual(['amqp091', 'amqp10'])
  expect(near('mqqt', names)).toEqual(['mqtt'])
  expect(near('mtqt', names)).toEqual(['mqtt'])
  expect(near('MQTT', names)).toEqual(['mqtt'])
  expect(near('kafka', names)).toEqual([])
})

it('reads rules of --decode-as', () => {
  expect(parseDecodeAs('tcp.port==5673,toy', [toy])).toEqual({ transport: 'stream', port: 5673, codec: toy })
  expect(parseDecodeAs('udp.port == 1, toy', [toy])).toEqual({ transport: 'datagram', port: 1, codec: toy })
  expect(parseDecodeAs('toy', [toy])).toEqual({ transport: undefined, port: undefined, codec: toy })
})

it.each(['', 'tcp.port==5673', 'tcp.port=5673,toy', 'tcp.port==99999,toy', 'sctp.port==1,toy'])(
  'refuses the rule %j',
  rule => {
    expect(() => parseDecodeAs(rule, [toy])).toThrow(expect.objectContaining({ exit: 2 }))
  },
)

it('says which protocols there are', () => {
  expect(() => parseDecodeAs('tcp.port==1,tyo', [toy])).toThrow(
    expect.objectContaining({
      message: '--decode-as tcp.port==1,tyo: no protocol is called tyo',
      next: 'Did you mean toy? Protocols: toy.',
    }),
  )
})
