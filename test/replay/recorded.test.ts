import { expect, test } from 'vitest'
import { inspection } from '../../src/inspection.ts'
import { Recorded, type Step } from '../../src/replay/recorded.ts'

/** `2 client connect`: when, who, what. */
const line = (step: Step): string =>
  step.type === 'end'
    ? `${step.time} ${step.side} ${step.ending}`
    : `${step.packet.time} ${step.packet.side} ${step.packet.kind === 'frame' ? step.flow.codec?.type(step.packet) : step.packet.kind}`

function recorded() {
  const steps: Step[] = []
  const sink = new Recorded({
    inspection: inspection(),
    playable: () => true,
    play: async more => void steps.push(...more),
    message: () => {},
    ended: () => {},
  })
  sink.start(0n)
  const open = (id: number) =>
    sink.open({
      id,
      transport: 'stream',
      client: { host: '127.0.0.1', port: 50_000 + id },
      server: { host: '127.0.0.1', port: 1883 },
      started: 0,
      joined: 'start',
    })
  const lines = (): string[] => {
    void sink.drain()
    return steps.map(line)
  }
  return { open, lines }
}

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))
const connect = bytes('10 0d 0004 4d515454 04 02 003c 0001 61')
const connack = bytes('20 02 00 00')

test('what fits no frame stands where it was sent, before what came of it', () => {
  const { open, lines } = recorded()
  const flow = open(1)
  flow.data('client', connect, 1, 1, 0)
  flow.data('server', connack, 2, 2, 0)
  // A PUBLISH that lacks most of itself: it is told of when the connection ends.
  flow.data('client', bytes('30 7f 0001 61'), 3, 3, 0)
  const other = open(2)
  other.data('client', connect, 4, 4, 0)
  flow.end('server', 5, 'fin')
  flow.end('client', 6, 'fin')
  flow.close(6)
  expect(lines()).toEqual([
    '1 client connect',
    '2 server connack',
    '3 client malformed',
    '4 client connect',
    '5 server fin',
    '6 client fin',
  ])
})

test('one side keeps its order, whenever its packets were captured', () => {
  const { open, lines } = recorded()
  const flow = open(1)
  flow.data('client', connect, 3, 1, 0)
  flow.data('server', connack, 4, 2, 0)
  flow.data('client', bytes('c0 00'), 2, 3, 0)
  expect(lines()).toEqual(['3 client connect', '2 client pingreq', '4 server connack'])
})
