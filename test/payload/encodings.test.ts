import * as zlib from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { loadPayloads } from '../../src/payload/index.ts'
import { base64, bytes, decode, utf8 } from './support.ts'

const value = { celsius: 21.5, where: 'a'.repeat(200) }
const body = Buffer.from(JSON.stringify(value))

const compress = {
  gzip: zlib.gzipSync,
  deflate: zlib.deflateSync,
  zstd: zlib.zstdCompressSync,
  br: zlib.brotliCompressSync,
  base64: (body: Uint8Array) => Buffer.from(Buffer.from(body).toString('base64')),
}
const names = Object.keys(compress) as (keyof typeof compress)[]

describe.each(names)('%s', name => {
  const compressed = compress[name](body)

  test('as the message says', () => {
    expect(decode(compressed, { contentEncoding: name })).toEqual({ format: 'json', value, encodings: [name] })
  })

  test('ends at every byte: what there is is shown, and that it ends', () => {
    // Base64 lacks nothing without its padding.
    const last = name === 'base64' ? compressed.indexOf('=') : compressed.length
    for (let end = 1; end < last; end++) {
      const payload = decode(compressed.subarray(0, end), { contentEncoding: name, contentType: 'application/json' })
      expect(payload.format).not.toBe('json')
      expect(payload.trouble).toBeDefined()
    }
  })

  test('with any byte changed never throws, and tells of it unless it still decodes', () => {
    for (let at = 0; at < compressed.length; at++) {
      const changed = Uint8Array.from(compressed)
      changed[at] = (changed[at] as number) ^ 0x55
      const payload = decode(changed, { contentEncoding: name, contentType: 'application/json' })
      if (payload.format !== 'json') expect(payload.trouble).toBeDefined()
    }
  })
})

test('by its mark, whatever the content type says', () => {
  for (const name of ['gzip', 'deflate', 'zstd'] as const) {
    expect(decode(compress[name](body))).toEqual({ format: 'json', value, encodings: [name] })
    expect(decode(compress[name](body), { contentType: 'application/json' }).value).toEqual(value)
  }
})

test('several, in the order in which they were applied', () => {
  const twice = zlib.deflateSync(zlib.gzipSync(body))
  for (const contentEncoding of ['gzip, deflate', 'x-gzip,x-deflate', 'identity, GZIP , deflate', undefined]) {
    expect(decode(twice, { contentEncoding })).toEqual({ format: 'json', value, encodings: ['gzip', 'deflate'] })
  }
  // The outer one is listed, the inner one is seen.
  expect(decode(twice, { contentEncoding: 'deflate' }).encodings).toEqual(['gzip', 'deflate'])
})

test('deflate without its wrapping, which some send', () => {
  expect(decode(zlib.deflateRawSync(body), { contentEncoding: 'deflate' }).value).toEqual(value)
})

test('gzip in several members', () => {
  const parts = Buffer.concat([zlib.gzipSync(body.subarray(0, 9)), zlib.gzipSync(body.subarray(9))])
  expect(decode(parts).value).toEqual(value)
})

test('a parameter of the media type, as CoAP has it', () => {
  const payload = decode(zlib.deflateSync(bytes('a1 01 02')), { contentType: 'application/cbor; encoding=deflate' })
  expect(payload).toEqual({ format: 'cbor', value: { 1: 2 }, encodings: ['deflate'] })
})

test('a charset where an encoding should be, which some send', () => {
  expect(decode(body, { contentEncoding: 'utf-8', contentType: 'application/json' }).value).toEqual(value)
  expect(decode(bytes('fc'), { contentEncoding: 'latin1', contentType: 'text/plain' })).toEqual({
    format: 'text',
    value: 'ü',
    encodings: [],
  })
})

test('one that is not known is told', () => {
  expect(decode(body, { contentEncoding: 'snappy' })).toEqual({
    format: 'json',
    value,
    encodings: [],
    trouble: 'content encoding "snappy" is not known',
  })
})

test('one that it does not have is told, and the body shown', () => {
  expect(decode(body, { contentEncoding: 'gzip' })).toEqual({
    format: 'json',
    value,
    encodings: [],
    trouble: 'gzip: incorrect header check',
  })
})

test('bytes behind its end are told', () => {
  for (const name of ['deflate', 'zstd', 'br'] as const) {
    const payload = decode(Buffer.concat([compress[name](body), Buffer.from('more')]), { contentEncoding: name })
    expect(payload).toEqual({ format: 'json', value, encodings: [name], trouble: `${name}: 4 bytes follow its end` })
  }
})

test('text that begins as compressed data does is text', () => {
  for (const text of ['x^2 + y^2', 'xylophone', '(/']) {
    expect(decode(utf8(text))).toEqual({ format: 'text', value: text, encodings: [] })
  }
})

describe('bombs', () => {
  const most = 1 << 20
  test.each(['gzip', 'deflate', 'zstd'] as const)('%s: as much as the limit, and that there is more', name => {
    const { format, value, trouble, truncated, encodings } = decode(compress[name](Buffer.alloc(20 << 20, 'a')), {
      contentEncoding: name,
    })
    expect({ format, encodings, truncated }).toEqual({ format: 'text', encodings: [name], truncated: true })
    expect((value as string).length).toBeLessThanOrEqual(most)
    expect(trouble).toBe(`${name}: more than ${most} bytes; ${(value as string).length} are shown`)
  })

  test('one that cannot be cut is told, and shown as it is', () => {
    const bomb = compress.br(Buffer.alloc(20 << 20, 'a'))
    expect(decode(bomb, { contentEncoding: 'br' })).toEqual({
      format: 'bytes',
      value: base64(bomb),
      encodings: [],
      trouble: `br: more than ${most} bytes`,
    })
  })

  test('half of the limit at least is shown, where the data lets itself be cut', () => {
    const { value } = decode(zlib.gzipSync(Buffer.alloc(20 << 20, 'a')))
    expect((value as string).length).toBeGreaterThan(most / 2)
  })

  test('one in another in another', () => {
    let body: Uint8Array = Buffer.alloc(50 << 20)
    for (let time = 0; time < 3; time++) body = zlib.gzipSync(body)
    const { encodings, truncated } = decode(body)
    expect(encodings).toEqual(['gzip', 'gzip', 'gzip'])
    expect(truncated).toBe(true)
  })

  test('wrapped more often than anyone does', () => {
    let body: Uint8Array = Buffer.from('hello')
    for (let time = 0; time < 9; time++) body = zlib.gzipSync(body)
    const { encodings, trouble, format } = decode(body)
    expect(encodings).toHaveLength(5)
    expect(trouble).toBe('more than 5 content encodings')
    expect(format).toBe('bytes')
  })

  test('a frame that asks for a window of 128 MiB', () => {
    // Magic, a descriptor of nothing, a window of 2^27, one raw block of a byte.
    const frame = bytes('28b52ffd 00 88 090000 61')
    expect(decode(frame, { contentEncoding: 'zstd' })).toMatchObject({
      format: 'bytes',
      trouble: 'zstd: Frame requires too much memory for decoding',
    })
    expect(decode(bytes('28b52ffd 00 68 090000 61'), { contentEncoding: 'zstd' })).toMatchObject({
      format: 'text',
      value: 'a',
    })
  })

  test('a limit of its own', async () => {
    const { decode } = await loadPayloads({ limit: 100 })
    const { value, truncated } = decode({ bytes: zlib.gzipSync(Buffer.alloc(101, 'a')) })
    expect(truncated).toBe(true)
    expect((value as string).length).toBeLessThanOrEqual(100)
    expect(decode({ bytes: zlib.gzipSync(Buffer.alloc(100, 'a')) }).value).toBe('a'.repeat(100))
  })
})
