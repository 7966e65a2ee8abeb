import { createRequire } from 'node:module'
import { FrameImpl } from '@stomp/stompjs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type CommandFrame, commands, Headers, stompFrame } from '../../../codecs/stomp/index.ts'
import { Parser } from '../../../node_modules/@stomp/stompjs/esm6/parser.js'
import { BODIES, bodies, headerNames, headerValues } from './arbitrary.ts'
import { delimit, read, textOf, utf8, write } from './support.ts'

/** Against @stomp/stompjs and its unmaintained predecessor stompjs, both ways, with their faults left out by name. */

interface OldFrame {
  readonly command: string
  readonly headers: Record<string, string>
  readonly body: string
}
const { Stomp } = createRequire(import.meta.url)('stompjs/lib/stomp.js') as {
  Stomp: {
    Frame: {
      marshall(command: string, headers: Record<string, string>, body: string): string
      unmarshall(data: string): OldFrame[]
    }
  }
}

/** What @stomp/stompjs makes of some octets. */
function parsed(bytes: Uint8Array): FrameImpl[] {
  const frames: FrameImpl[] = []
  const parser = new Parser(
    raw => void frames.push(FrameImpl.fromRawFrame(raw, true)),
    () => {},
  )
  parser.parseChunk(bytes as unknown as ArrayBuffer)
  return frames
}

const UNESCAPED = ['CONNECT', 'STOMP', 'CONNECTED']
const plainFrames = (name: fc.Arbitrary<string>, value: fc.Arbitrary<string>, body: fc.Arbitrary<Uint8Array>) =>
  fc
    .record({
      command: fc.constantFrom(...commands.filter(command => !UNESCAPED.includes(command))),
      headers: fc.array(fc.tuple(name, value), { maxLength: 5 }),
      body,
    })
    .map(({ command, headers, body }) =>
      stompFrame(command, Headers.of(...headers), body.length > 0 || BODIES.includes(command) ? body : undefined),
    )

/** Both keep headers in plain objects, which lose `__proto__`. */
const isName = (text: string): boolean => text !== '' && text !== 'content-length' && text !== '__proto__'

/** A name may have any character that its parser does not trim or take for the end. It is never unescaped there. */
const name = headerNames.filter(text => isName(text) && !/[\\:\r\n]|^\s|\s$/.test(text))
/** Trimmed there, and unescaped in several passes: a backslash before a letter is taken for an escape again. */
const value = headerValues.filter(text => !/^\s|\s$|\\[nrc\\]|\\$/.test(text) && text.trim() === text)

const first = ({ headers }: CommandFrame): Record<string, string> =>
  Object.fromEntries(headers.entries.map(({ name, value }) => [name, value] as const).reverse())

describe('@stomp/stompjs', () => {
  test('reads what we write', () => {
    fc.assert(
      fc.property(plainFrames(name, value, bodies), frame => {
        const [theirs, ...more] = parsed(write(frame, '1.2'))
        expect(more).toEqual([])
        expect(theirs?.command).toBe(frame.type)
        const { 'content-length': length, ...headers } = theirs?.headers ?? {}
        expect(headers).toEqual(first(frame))
        expect(length).toBe(frame.body?.includes(0) ? `${frame.body.length}` : undefined)
        expect(new Uint8Array(theirs?.binaryBody ?? [])).toEqual(frame.body ?? new Uint8Array(0))
      }),
      { numRuns: 1500 },
    )
  })

  test('writes what we read', () => {
    // Its values are escaped as they should be, its names not at all.
    fc.assert(
      fc.property(plainFrames(name, headerValues, bodies), frame => {
        const written = FrameImpl.marshall({
          command: frame.type,
          headers: first(frame),
          binaryBody: frame.body ?? new Uint8Array(0),
          escapeHeaderValues: true,
        } as unknown as Parameters<typeof FrameImpl.marshall>[0])
        const bytes = new Uint8Array(written as ArrayBuffer)
        expect(delimit(bytes)).toBe(bytes.length)
        const { frame: ours, diagnostics } = read(bytes, '1.2')
        expect(ours.type).toBe(frame.type)
        expect(first(ours)).toEqual({ ...first(frame), 'content-length': `${frame.body?.length ?? 0}` })
        expect(ours.body ?? new Uint8Array(0)).toEqual(frame.body ?? new Uint8Array(0))
        expect(diagnostics.map(({ code }) => code)).not.toContain('undefined-escape')
      }),
      { numRuns: 1500 },
    )
  })

  test('counts the same EOLs as heart-beats', () => {
    let beats = 0
    const parser = new Parser(
      () => {},
      () => void beats++,
    )
    parser.parseChunk(utf8('\n\r\nSEND\ndestination:/a\n\n\0\n\n') as unknown as ArrayBuffer)
    expect(beats).toBe(4)
  })

  test.each([
    ['unescapes in several passes', 'SEND\nv:a\\\\nb\n\n\0', 'a\\nb', 'a\\\nb'],
    ['trims values, as STOMP 1.2 forbids', 'SEND\nv: x \n\n\0', ' x ', 'x'],
    ['drops carriage returns', 'SEND\nv:a\rb\n\n\0', 'a\rb', 'ab'],
    ['lets undefined escapes pass, as we do, but says nothing', 'SEND\nv:a\\tb\n\n\0', 'a\\tb', 'a\\tb'],
  ])('%s', (_, text, ours, theirs) => {
    expect(read(text, '1.2').frame.headers.get('v')).toBe(ours)
    expect(parsed(utf8(text))[0]?.headers.v).toBe(theirs)
  })

  test('does not unescape names', () => {
    const text = 'SEND\na\\cb:x\n\n\0'
    expect(first(read(text, '1.2').frame)).toEqual({ 'a:b': 'x' })
    expect(parsed(utf8(text))[0]?.headers).toEqual({ 'a\\cb': 'x' })
  })

  test('escapes STOMP, which is CONNECT', () => {
    const params = { command: 'STOMP', headers: { passcode: 'a:b' }, escapeHeaderValues: true }
    const written = FrameImpl.marshall(params as unknown as Parameters<typeof FrameImpl.marshall>[0])
    expect(written).toBe('STOMP\npasscode:a\\cb\n\n\0')
  })

  test('takes a wrong content-length at its word', () => {
    const bytes = utf8('SEND\ncontent-length:4\n\n€uro\0DISCONNECT\n\n\0')
    expect(delimit(bytes)).toBe(30)
    expect(parsed(bytes)[0]?.body).toBe('€u')
  })
})

describe('stompjs', () => {
  // It knows STOMP 1.1 by name, but escapes nothing; it works on text, and counts its characters as octets.
  const ascii = fc.string({ unit: 'grapheme-ascii', maxLength: 12 }).filter(text => text.trim() === text)
  const names = ascii.filter(text => isName(text) && !text.includes(':'))
  const texts = ascii.map(utf8)

  test('reads what we write', () => {
    fc.assert(
      fc.property(fc.array(plainFrames(names, ascii, texts), { minLength: 1, maxLength: 4 }), frames => {
        const text = textOf(Buffer.concat(frames.map(frame => write(frame, '1.0').slice())))
        const theirs = Stomp.Frame.unmarshall(text)
        expect(theirs.map(({ command }) => command)).toEqual(frames.map(({ type }) => type))
        expect(theirs.map(({ headers }) => ({ ...headers }))).toEqual(frames.map(first))
        expect(theirs.map(({ body }) => body)).toEqual(frames.map(frame => textOf(frame.body)))
      }),
      { numRuns: 1000 },
    )
  })

  test('writes what we read', () => {
    const anyText = headerValues.filter(text => !/\n|\r$/.test(text) && !/^[ \t]|[ \t]$/.test(text))
    fc.assert(
      fc.property(plainFrames(names, anyText, headerValues.map(utf8)), frame => {
        const bytes = utf8(Stomp.Frame.marshall(frame.type, first(frame), textOf(frame.body)))
        expect(delimit(bytes)).toBe(bytes.length)
        const ours = read(bytes, '1.0').frame
        expect(ours.type).toBe(frame.type)
        const length = frame.body?.length ? { 'content-length': `${frame.body.length}` } : {}
        expect(first(ours)).toEqual({ ...first(frame), ...length })
        expect(textOf(ours.body)).toBe(textOf(frame.body))
      }),
      { numRuns: 1000 },
    )
  })

  test('counts characters, splits at every NUL and knows no CR LF', () => {
    const [text] = Stomp.Frame.unmarshall('SEND\ncontent-length:6\n\n€uro\0')
    expect(text?.body).toBe('€uro\0'.slice(0, 6).replace('\0', ''))
    expect(Stomp.Frame.unmarshall('SEND\ncontent-length:3\n\na\0b\0').length).toBe(2)
    expect(Stomp.Frame.unmarshall('SEND\r\nx:y\r\n\r\n\0')[0]?.headers).toEqual({})
    expect(read('SEND\ncontent-length:3\n\na\0b\0', '1.2').frame.body).toEqual(utf8('a\0b'))
    expect(read('SEND\r\nx:y\r\n\r\n\0', '1.2').frame.headers.toJSON()).toEqual({ x: 'y' })
  })
})
