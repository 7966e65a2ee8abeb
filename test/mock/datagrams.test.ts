import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { type Act, type Codec, type Frame, utf8 } from '../../codecs/core/index.ts'
import { codecs } from '../../codecs/index.ts'
import { Inspector } from '../../src/inspector.ts'
import { loadScripts } from '../../src/mock/load.ts'
import { Signatures } from '../../src/mock/signatures.ts'
import { Stage } from '../../src/mock/stage.ts'
import { Tally } from '../../src/mock/tally.ts'
import { parseListen } from '../../src/net/index.ts'
import { listenUdp } from '../../src/net/udp-listener.ts'
import { INFO, record } from '../recording/record.ts'

/** A protocol of datagrams: whoever asks is told, in one datagram or several. */
interface Said extends Frame {
  readonly type: 'said'
  readonly text: string
}
interface Asked extends Act {
  readonly frame: Said
}

const asking: Codec<Said, null> = {
  id: 'asking',
  name: 'Asking',
  spec: 'none',
  transport: 'datagram',
  ports: [7],
  schemes: [],
  frames: { said: { section: '1', fields: { text: { kind: 'text' } } } },
  detect: () => 1,
  dialogue: () => ({ context: () => null, follow: () => undefined }),
  delimit: (_, start, end) => end - start,
  type: () => 'said',
  read: reader => ({ type: 'said', text: reader.text(reader.remaining, 'text') }),
  write: (writer, { text }) => void writer.text(text),
  summary: ({ text }) => text,
  mock: {
    reader: () => {
      let last: Asked | undefined
      return {
        did: frame => {
          last = act(frame)
          return [last]
        },
        said: (_, packet) => [{ packets: [packet], to: last, kind: 'answer' }],
      }
    },
    actor: () => ({
      hear: frame => ({ acts: [act(frame)] }),
      recognise: () => undefined,
      say: ({ frames }) => frames,
      improvise: () => [{ type: 'said', text: 'nothing' }],
      refuse: () => ({ frames: [], end: true }),
    }),
  },
}

const act = (frame: Said): Asked => ({
  type: 'asked',
  address: frame.text,
  signature: frame.text,
  detail: '',
  frame,
})
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

test('over UDP each client is a connection, and each frame a datagram', async () => {
  const { path } = await record(
    sink => {
      const flow = sink.open({ ...INFO, transport: 'datagram' })
      flow.data('client', bytes('who?'), 1e6, 0, 0)
      flow.data('server', bytes('me'), 2e6, 0, 0)
      flow.data('server', bytes('and you'), 3e6, 0, 0)
      flow.close(4e6)
    },
    { codecs: [asking] },
  )
  const signatures = new Signatures()
  const inspected = { codecs: [asking], decodeAs: [] }
  const { scripts } = await loadScripts(
    { path },
    { inspection: inspected, capture: { ports: new Set([7]) }, signatures },
  )
  const tally = new Tally(signatures)
  const stage = new Stage({
    ...{ scripts, signatures, tally, speed: Number.POSITIVE_INFINITY, loop: true, strict: false },
    listen: listenUdp,
    timeout: 1000,
    signal: new AbortController().signal,
    tell: () => {},
    changed: () => {},
  })
  onTestFinished(() => stage.close())
  const { port } = await stage.listen(parseListen('udp://:0', codecs), new Inspector(inspected, stage))
  for (const question of ['who?', 'what?']) {
    const socket = createSocket('udp4')
    onTestFinished(() => void socket.close())
    const got: string[] = []
    const all = new Promise<void>(resolve => {
      socket.on('message', message => {
        got.push(utf8(message, 0, message.length))
        if (got.length === (question === 'who?' ? 2 : 1)) resolve()
      })
    })
    socket.send(question, port, '127.0.0.1')
    await Promise.all([once(socket, 'listening'), all])
    expect(got).toEqual(question === 'who?' ? ['me', 'and you'] : ['nothing'])
  }
  expect(stage.connections).toBe(2)
})
