import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { mqinspect, ROOT } from './cli.ts'

const CAPTURE = join(ROOT, 'fixtures/captures/amqp091-basic.pcap')
const frames = ['decode', CAPTURE, '--fields', 'frame']

describe('-Y', () => {
  it('chooses frames, which keep their numbers', async () => {
    const { code, stdout, stderr } = await mqinspect([
      ...frames,
      '-Y',
      'amqp091.routingKey ~ "stock.*.nyse" && type ~ "basic.*"',
      '-c',
      '3',
    ])
    expect({ code, stderr, stdout }).toEqual({ code: 0, stderr: '', stdout: '36\n39\n42\n' })
  })

  it('may stand in the environment, and goes with --flow', async () => {
    const env = { MQINSPECT_FILTER: 'amqp.method.arguments.routing_key == "rk"' }
    expect((await mqinspect(frames, { env })).stdout).not.toBe('')
    expect((await mqinspect([...frames, '--flow', '2'], { env })).stdout).toBe('')
  })

  it('that matches nothing is no failure', async () => {
    const ended = await mqinspect([...frames, '-Y', 'mqtt'])
    expect(ended).toEqual({ code: 0, signal: null, stdout: '', stderr: '' })
  })

  it('that is wrong is shown where it is, before anything is read', async () => {
    const { code, stdout, stderr } = await mqinspect([
      'decode',
      'no-such-file',
      '-Y',
      'type == header && amqp091.chanel',
    ])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toBe(
      [
        'mqinspect: filter, column 19: no field is called amqp091.chanel',
        '  type == header && amqp091.chanel',
        '                    ^^^^^^^^^^^^^^',
        'Did you mean amqp091.channel?',
        '',
      ].join('\n'),
    )
  })
})
