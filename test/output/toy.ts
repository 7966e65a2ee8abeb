import type { AnyCodec, Codec, Frame, Reader } from '../../codecs/core/index.ts'
import { Inspector, type Observer } from '../../src/inspector.ts'

/**
 * A protocol for tests of what is above protocols: `length type body`, a byte each but the body. Types: 1 `say` (text),
 * 2 `login` (user, a NUL, password), 3 `many` (64 bits, flags); other types do not exist.
 */
interface Say extends Frame {
  readonly type: 'say'
  readonly text: string
}
interface Login extends Frame {
  readonly type: 'login'
  readonly user: string
  readonly password: Uint8Array
}
interface Many extends Frame {
  readonly type: 'many'
  readonly big: number | bigint
  readonly urgent: boolean
  readonly level: number
  readonly blob: Uint8Array
  readonly headers?: Record<string, unknown>
}

const NAMES: Readonly<Record<number, (Say | Login | Many)['type']>> = { 1: 'say', 2: 'login', 3: 'many' }

export const toy: Codec<Say | Login | Many, null> = {
  id: 'toy',
  name: 'Toy 1.0',
  spec: 'none',
  transport: 'stream',
  ports: [7],
  schemes: [],
  frames: {
    say: { section: '1', fields: { text: { kind: 'text' } } },
    login: { section: '2', fields: { user: { kind: 'text' }, password: { kind: 'bytes', secret: true } }, facts: true },
    many: {
      section: '3',
      fields: {
        big: { kind: 'long' },
        urgent: { kind: 'boolean' },
        level: { kind: 'uint' },
        blob: { kind: 'bytes' },
        headers: { kind: 'object', optional: true },
      },
    },
  },
  detect: () => 1,
  dialogue: () => ({ context: () => null, follow: () => undefined }),
  delimit: (bytes, start, end) => {
    if (end - start < 2) return end - start - 2
    return NAMES[bytes[start + 1] as number] === undefined ? 0 : (bytes[start] as number)
  },
  resync: (bytes, start, end) => {
    for (let at = start; at + 1 < end; at++) if (NAMES[bytes[at + 1] as number] !== undefined) return at
    return ~Math.max(start, end - 1)
  },
  type: packet => NAMES[packet.buffer[packet.start + 1] as number] as 'say',
  read: reader => {
    reader.u8('length')
    const type = reader.u8('type')
    reader.label(NAMES[type])
    if (type === 1) return say(reader)
    return type === 2 ? login(reader) : many(reader)
  },
  write: () => undefined,
  summary: frame => (frame.type === 'say' ? frame.text : frame.type === 'login' ? `user=${frame.user}` : ''),
  destination: frame => (frame.type === 'say' ? frame.text : undefined),
  facts: frame => (frame.type === 'login' ? { product: `toy of ${frame.user}`, user: frame.user } : undefined),
}

function say(reader: Reader): Say {
  const text = reader.text(reader.remaining, 'text')
  if (text === 'bad') reader.flag('warning', 'bad-word', 'this is not said', 'TOY 1.2')
  return { type: 'say', text }
}

function login(reader: Reader): Login {
  const nul = reader.bytes.indexOf(0, reader.position)
  reader.begin('credentials')
  const user = reader.text(nul - reader.position, 'user')
  reader.u8('nul')
  const password = reader.take(reader.remaining, 'password')
  reader.secret()
  reader.done({ user, password })
  return { type: 'login', user, password }
}

function many(reader: Reader): Many {
  const big = reader.u64('big')
  reader.u8('flags')
  const urgent = reader.bit('urgent', 0x80)
  const level = reader.bits('level', 0x0f)
  const blob = reader.take(reader.remaining, 'blob')
  const headers = { 'x.y': 'dotted', list: [{ a: 1 }, { a: 2 }], bell: '\u0007\u009b' }
  return { type: 'many', big, urgent, level, blob, headers }
}

export const frame = (type: number, ...body: (string | number[])[]): Uint8Array => {
  const bytes = Buffer.concat(body.map(part => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))))
  return new Uint8Array([bytes.length + 2, type, ...bytes])
}

export const ORIGIN = 1_764_000_000_123_456_789n

/** Two connections: a login with an answer, a word that is bad; another that goes wrong, loses bytes and is reset. */
export function traffic(observer: Observer, codecs: readonly AnyCodec[] = [toy]): Inspector {
  const inspector = new Inspector({ codecs, decodeAs: [] }, observer)
  inspector.start(ORIGIN)
  const server = { host: '::1', port: 7 }
  const info = { transport: 'stream', server, started: 0, joined: 'start' } as const
  const one = inspector.open({ ...info, id: 1, client: { host: '::1', port: 40001 } })
  one.data('client', frame(2, 'ann\0s3cret'), 1_000, 1, 0)
  const two = inspector.open({ ...info, id: 2, client: { host: '10.0.0.1', port: 40002 }, started: 1_500 })
  two.data('client', frame(1, 'bad'), 2_000, 2, 0)
  one.data('server', frame(3, [0, 0, 0, 0, 0, 0, 0, 9], [0x83], [0xff, 0xfe]), 1_000_000_000, 3, 0)
  two.data('server', new Uint8Array([9, 9, 9]), 1_000_002_000, 4, 0)
  two.gap('server', 40, 1_000_003_000, 5)
  one.data('client', frame(1, '\u001b[31mred\n\u202e'), 1_000_004_000, 6, 0)
  two.end('server', 1_000_005_000, 'reset')
  two.close(1_000_005_000)
  one.close(2_000_000_000)
  return inspector
}
