import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { capture, decoded } from './captures.ts'

/** Wireshark's filters, pasted: they choose the same packets here and there. */

const there = spawnSync('tshark', ['--version']).status === 0

function theirs(file: string, filter: string): number[] {
  const { stdout, status, stderr } = spawnSync(
    'tshark',
    ['-r', capture(file), '-Y', filter, '-T', 'fields', '-e', 'frame.number'],
    { encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`tshark: ${stderr}`)
  return stdout.split('\n').filter(Boolean).map(Number)
}

async function ours(file: string, filter: string): Promise<number[]> {
  const rows = await decoded(file, { filter })
  return [...new Set(rows.map(row => row.packet as number))]
}

const FILTERS: Readonly<Record<string, readonly string[]>> = {
  'captures/amqp091-basic.pcap': [
    'amqp.channel == 2',
    'amqp.channel == 1 && amqp.method.class == 60 && amqp.method.method == 40',
    'amqp.method.arguments.routing_key == "rk"',
    'amqp.method.arguments.routing_key contains "stock"',
    'amqp.method.arguments.exchange matches "^x\\\\.t"',
    'amqp.method.class == 50 or amqp.method.class == 85',
    'amqp.type == 2',
    'amqp.method.arguments.delivery_tag >= 2 and not amqp.method.arguments.multiple == 1',
    'amqp.method.properties.priority == 5',
    'amqp.method.properties.content_type == "text/plain"',
    'amqp.method.arguments.durable == true',
    'amqp.method.arguments.prefetch_count > 0',
    'amqp.header.body-size > 5',
    'amqp && tcp.srcport == 5672',
    'amqp && tcp.dstport == 5672 && frame.number in {5..20}',
    'amqp.channel && ip.src == 127.0.0.1 && tcp.stream == 0',
    'amqp.method.class in {10, 20}',
    'amqp.method.method in {10 .. 11}',
    'lower(amqp.method.arguments.queue) == "q.basic"',
  ],
  'captures/mqtt5.pcap.gz': [
    'mqtt.msgtype == 3',
    'mqtt.msgtype == 8 || mqtt.msgtype == 9',
    'mqtt.msgtype in {4..7}',
    'mqtt.msgid == 3',
    'mqtt.qos == 2 && mqtt.msgtype == 3',
    'mqtt.msgtype == 3 && mqtt.topic == "p5/all"',
    'mqtt.clientid == "p5s"',
    'mqtt.kalive == 60',
    'mqtt.ver == 5',
    'mqtt.msgtype == 3 && mqtt.msg contains "alias"',
    'mqtt.username',
    'mqtt.willtopic contains "will"',
    'mqtt.conflag.cleansess == 1',
    'mqtt.retain == 0 && mqtt.msgtype == 3',
    'tcp.port == 1883 && mqtt && !(mqtt.msgtype == 3)',
    'mqtt.connack.reason_code == 0',
    'mqtt.disconnect.reason_code == 4',
    'mqtt.suback.reason_code == 2',
    'mqtt.prop_value contains "v"',
  ],
  'coap/coap_udp_basic.pcap': [
    'coap.type == 0',
    'coap.code == 1',
    'coap.code in {2..3}',
    'coap.code > 64',
    'coap.code == 132',
    'coap.opt.uri_path == "time"',
    'coap.opt.uri_path contains "core"',
    'coap.token == 01',
    'coap.mid > 30000',
    'coap && udp.srcport == 5683',
  ],
  'coap/coap_udp_observe.pcap': ['coap.opt.observe', 'coap.opt.max_age'],
}

describe.skipIf(!there)('Wireshark filters', () => {
  for (const [file, filters] of Object.entries(FILTERS)) {
    it.each(filters)(`choose the same packets of ${file}: %s`, async filter => {
      const packets = theirs(file, filter)
      expect(packets).not.toEqual([])
      expect(await ours(file, filter)).toEqual(packets)
    })
  }
})
