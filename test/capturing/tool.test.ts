import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { codecs } from '../../codecs/index.ts'
import { captureInterface, capturePorts, findCaptureTool } from '../../src/capturing/index.ts'
import { parseRules } from '../../src/inspection.ts'

/** A folder with programs of these names, that do this. */
async function programs(scripts: Readonly<Record<string, string>>): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'mqinspect-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  for (const [name, script] of Object.entries(scripts)) {
    await writeFile(join(path, name), `#!/bin/sh\n${script}\n`)
    await chmod(join(path, name), 0o700)
  }
  return path
}

describe('which program captures', () => {
  test('dumpcap, where there is one', async () => {
    const folder = await programs({ dumpcap: '', tcpdump: '' })
    const tool = await findCaptureTool('eth0', 'tcp port 5672', [folder])
    expect(tool.name).toBe('dumpcap')
    expect(tool.arguments.join(' ')).toBe('-q -i eth0 -f tcp port 5672 -w -')
  })

  test('else tcpdump, which becomes somebody else once it captures, if it is root', async () => {
    const folder = await programs({ tcpdump: '' })
    const { arguments: words } = await findCaptureTool('eth0', 'tcp port 5672', [folder])
    const root = process.getuid?.() === 0
    expect(words.includes('-Z')).toBe(root)
    if (root) expect(words[words.indexOf('-Z') + 1]).not.toBe('root')
    // What follows -- is a filter, whatever it looks like.
    expect(words.slice(-2)).toEqual(['--', 'tcp port 5672'])
  })

  test('neither: it is told what to install, and what needs none', async () => {
    const folder = await programs({})
    await expect(findCaptureTool('eth0', 'tcp', [folder])).rejects.toMatchObject({
      message: 'neither dumpcap nor tcpdump is installed',
      next: expect.stringMatching(/apt install wireshark-common.*mqinspect record localhost:5672/),
    })
  })
})

test('what is captured are the ports of all protocols, with TLS and without, and those of -d', () => {
  const { filter, servers } = capturePorts(codecs, parseRules(['tcp.port==15673,amqp091', 'udp.port==15683,coap']))
  for (const port of [5672, 5671, 1883, 8883, 61613, 15673]) {
    expect(filter).toMatch(new RegExp(`(^| or )tcp port ${port}( or |$)`))
    expect(servers.has(port)).toBe(true)
  }
  for (const port of [5683, 5684, 15683]) expect(filter).toMatch(new RegExp(`(^| or )udp port ${port}( or |$)`))
  expect(filter).not.toMatch(/udp port 15673|tcp port 15683/)
})

describe('a capture', () => {
  const run = async (script: string) =>
    captureInterface(await findCaptureTool('eth0', 'tcp', [await programs({ dumpcap: script })]))

  test('is over when it is told to stop, and what it wrote until then is there', async () => {
    const capture = await run('trap "printf end; exit 0" INT; printf begin; while :; do sleep 0.05; done')
    await capture.started
    let text = ''
    capture.output.setEncoding('utf8').on('data', chunk => (text += chunk))
    capture.stop()
    await capture.ended
    expect(text).toBe('beginend')
  })

  test('that cannot begin says why, and who may', async () => {
    const capture = await run('echo "Capturing on eth0" >&2; echo "You do not have permission" >&2; exit 1')
    await expect(capture.started).rejects.toMatchObject({
      message: 'dumpcap cannot capture: You do not have permission',
      next: expect.stringContaining('wireshark group'),
    })
  })
})
