import { describe, expect, it } from 'vitest'
import { Clock, formatBytes, formatDuration } from '../../src/output/clock.ts'
import { printable, printableJson, reversible } from '../../src/output/escape.ts'
import { Lines } from '../../src/output/lines.ts'
import { Progress } from '../../src/output/progress.ts'
import { wantsColor } from '../../src/output/style.ts'
import { formatValue } from '../../src/output/value.ts'
import { columns, cut } from '../../src/output/width.ts'

describe('printable', () => {
  it('leaves text alone', () => {
    for (const text of ['', 'a/b c', 'größe', '日本', '👍🏽', 'C:\\n']) expect(printable(text)).toBe(text)
  })

  it('shows what would act on a terminal', () => {
    expect(printable('\x1b]0;x\x07')).toBe('\\x1b]0;x\\x07')
    expect(printable('a\u009b2J')).toBe('a\\x9b2J')
    expect(printable('\u202egpj.exe')).toBe('\\u202egpj.exe')
    expect(printable('\ud800')).toBe('\\ud800')
    expect(printable('a\r\n\tb\u2028')).toBe('a\\r\\n\\tb\\u2028')
  })

  it('can be had back where a backslash is doubled', () => {
    expect(reversible('a\\n\n')).toBe('a\\\\n\\n')
    expect(printableJson(JSON.stringify('\x7f\u0085\u001b'))).toBe('"\\u007f\\u0085\\u001b"')
  })
})

describe('Clock', () => {
  it('keeps nanoseconds', () => {
    const clock = new Clock(1_764_000_000_999_999_999n)
    expect(clock.iso(0)).toBe('2025-11-24T16:00:00.999999999Z')
    expect(clock.iso(1)).toBe('2025-11-24T16:00:01.000000000Z')
    const lines = new Lines()
    clock.writeTimeOfDay(1_000_000, lines)
    clock.writeIso(1, lines)
    expect(lines.take().toString()).toBe('16:00:01.0009992025-11-24T16:00:01.000000000Z')
    // Packets of a capture need not be in order.
    expect(clock.iso(-1_000_000_000)).toBe('2025-11-24T15:59:59.999999999Z')
    expect(clock.iso(86_400e9)).toBe('2025-11-25T16:00:00.999999999Z')
  })

  it('does not fail on a time that no calendar has', () => {
    expect(new Clock(10n ** 25n).iso(5)).toBe('@10000000000000000T00:00:00.000000005Z')
  })

  it('writes amounts for people', () => {
    expect([12, 12e3, 12e6, 1.5e9, 90e9].map(formatDuration)).toEqual([
      '12 ns',
      '12 µs',
      '12 ms',
      '1.5 s',
      '1 min 30 s',
    ])
    expect([0, 999, 1000, 999_949, 999_950, 5e12].map(formatBytes)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '999.9 kB',
      '1.0 MB',
      '5.0 TB',
    ])
  })
})

describe('width', () => {
  it('counts columns, not characters', () => {
    expect(columns('日本')).toBe(4)
    expect(cut('abcdef', 4)).toBe('abc…')
    expect(cut('abcd', 4)).toBe('abcd')
    expect(cut('日本語', 5)).toBe('日本…')
    expect(cut('日本語', 4)).toBe('日…')
    expect(cut('abc', 0)).toBe('')
  })
})

describe('colour', () => {
  it.each([
    [true, {}, false, true],
    [false, {}, false, false],
    [true, { NO_COLOR: '1' }, false, false],
    [true, { TERM: 'dumb' }, false, false],
    [false, { FORCE_COLOR: '1' }, false, true],
    [true, { FORCE_COLOR: '0' }, false, false],
    [true, { FORCE_COLOR: '1' }, true, false],
  ])('terminal %s, environment %o, --no-color %s: %s', (isTTY, env, flag, expected) => {
    expect(wantsColor({ isTTY }, flag, env)).toBe(expected)
  })
})

describe('formatValue', () => {
  const value = (of: unknown, limit = 20): string =>
    formatValue({ name: 'x', start: 0, end: 1, value: of }, false, limit)

  it('quotes text, also in bytes, and spells other bytes', () => {
    expect(value('a\nb')).toBe('"a\\nb"')
    expect(value(Buffer.from('größe'))).toBe('"größe"')
    expect(value(new Uint8Array([0xff, 0x00]))).toBe('ff00')
    expect(value(9_007_199_254_740_993n)).toBe('9007199254740993')
    expect(value({ a: [1, new Uint8Array([255])] }, 99)).toBe('{"a":[1,{"base64":"/w=="}]}')
  })

  it('shortens, without breaking a character', () => {
    expect(value('x'.repeat(30))).toBe(`"${'x'.repeat(20)}"… 30 characters`)
    expect(value(Buffer.from('ö'.repeat(30)), 5)).toBe('"öö"… 60 bytes')
    expect(value(Buffer.alloc(100, 0xff), 8)).toBe('ffffffff… 100 bytes')
  })
})

describe('Progress', () => {
  it('waits, then tells how far, how fast and how long still', () => {
    let now = 0
    let text = ''
    const progress = new Progress({ write: (part: string) => (text += part) }, () => now)
    progress.update({ bytes: 10e6, size: 100e6 }, 5)
    expect(text).toBe('')
    now = 1000
    progress.update({ bytes: 25e6, size: 100e6 }, 12_345)
    expect(text).toBe('\r\x1b[2K25.0 MB of 100.0 MB (25 %), 25.0 MB/s, 12,345 frames, 3 s left')
    progress.clear()
    expect(text.endsWith('left\r\x1b[2K')).toBe(true)
  })

  it('never shows for what is quick', () => {
    let text = ''
    new Progress({ write: (part: string) => (text += part) }, () => 0).clear()
    expect(text).toBe('')
  })
})
