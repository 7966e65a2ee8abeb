import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { capture, decoded } from '../../filter/captures.ts'

/** What was published, delivered and acknowledged, beside what Wireshark makes of the same captures. */

const there = spawnSync('tshark', ['--version']).status === 0

function tshark(file: string, ...args: readonly string[]): string {
  const { stdout, status, stderr } = spawnSync('tshark', ['-r', capture(`amqp091/${file}.pcap`), ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  if (status !== 0) throw new Error(`tshark: ${stderr}`)
  return stdout
}

type Row = Readonly<Record<string, unknown>>
const rows = (file: string, view: 'frames' | 'messages' | 'exchanges'): Promise<Row[]> =>
  decoded(`amqp091/${file}.pcap`, { view })

const counted = (things: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const thing of things.toSorted()) counts[thing] = (counts[thing] ?? 0) + 1
  return counts
}

/** `21→22`: the packet of a message, and that of its acknowledgement. */
function theirLinks(file: string): string[] {
  const lines = tshark(file, '-Y', 'amqp.message_in', '-T', 'fields', '-e', 'frame.number', '-e', 'amqp.message_in')
  return lines
    .split('\n')
    .filter(Boolean)
    .flatMap(line => {
      const [ack, messages = ''] = line.split('\t')
      return messages.split(',').map(message => `${message}→${ack}`)
    })
}

async function ourLinks(file: string, but: (exchange: Row) => boolean = () => false): Promise<string[]> {
  const packets = new Map((await rows(file, 'frames')).map(({ frame, packet }) => [frame, packet]))
  const exchanges = await rows(file, 'exchanges')
  return exchanges
    .filter(({ kind, reply }) => (kind === 'publish-confirm' || kind === 'deliver-ack') && reply !== undefined)
    .filter(exchange => !but(exchange))
    .map(({ request, reply }) => `${packets.get(request)}→${packets.get(reply)}`)
}

/** `Publish q.conf`: what each message is, and its routing key. */
function theirMessages(file: string): string[] {
  const frames = tshark(file, '-T', 'pdml', '-Y', 'amqp.method.class == 60').split('<proto name="amqp"').slice(1)
  return frames.flatMap(frame => {
    const method = /name="amqp\.method\.method" showname="Method: (Publish|Deliver|Get-Ok|Return) /.exec(frame)?.[1]
    const key = /name="amqp\.method\.arguments\.routing_key"[^>]* show="([^"]*)"/.exec(frame)?.[1]
    return method === undefined ? [] : [`${method} ${key}`]
  })
}

const METHODS: Readonly<Record<string, string>> = {
  'basic.publish': 'Publish',
  'basic.deliver': 'Deliver',
  'basic.get-ok': 'Get-Ok',
  'basic.return': 'Return',
}

async function ourMessages(file: string): Promise<string[]> {
  const types = new Map((await rows(file, 'frames')).map(({ frame, type }) => [frame, type]))
  return (await rows(file, 'messages')).map(({ frames, destination }) => {
    const [first] = frames as number[]
    return `${METHODS[types.get(first) as string]} ${(destination as Row).routingKey}`
  })
}

describe.skipIf(!there)('beside tshark (skipped where it is not installed)', () => {
  it.each(['basic', 'confirms', 'tx'])('%s: the same messages are acknowledged in the same packets', async file => {
    const theirs = counted(theirLinks(file))
    expect(Object.keys(theirs).length).toBeGreaterThan(0)
    expect(counted(await ourLinks(file))).toEqual(theirs)
  })

  it('acks: but for what basic.get brought and basic.recover took back, which tshark does not follow', async () => {
    const frames = new Map((await rows('acks', 'frames')).map(row => [row.frame, row]))
    const recovered: string[] = []
    const ours = await ourLinks('acks', ({ request, outcome }) => {
      const { type, packet } = frames.get(request) as Row
      if (outcome === 'recovered') recovered.push(`${packet}`)
      return outcome === 'recovered' || type === 'basic.get-ok'
    })
    // It gives these to a later acknowledgement of other tags, with multiple.
    const theirs = theirLinks('acks').filter(link => !recovered.includes(link.slice(0, link.indexOf('→'))))
    expect(recovered).toHaveLength(5)
    expect(counted(ours)).toEqual(counted(theirs))
  })

  it.each(['basic', 'confirms', 'acks', 'tx', 'midstream'])('%s: as many messages of each kind and key', async file => {
    const theirs = counted(theirMessages(file))
    expect(Object.keys(theirs).length).toBeGreaterThan(0)
    expect(counted(await ourMessages(file))).toEqual(theirs)
  })
})
