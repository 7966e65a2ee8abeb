import { describe, expect, it } from 'vitest'
import { styleFor } from '../../src/output/index.ts'
import { jsonLines, shown } from './shown.ts'

const lines = (text: string): string[] => text.split('\n').slice(0, -1)

describe('text', () => {
  it('is a line a frame, diagnostics below', async () => {
    expect(lines(await shown())).toEqual([
      '     1  16:00:00.123457   #1 → toy      login                   12  user=ann',
      '     2  16:00:00.123458   #2 → toy      say                      5  bad',
      '        warning bad-word at 2..5: this is not said (TOY 1.2)',
      '     3  16:00:01.123456   #1 ← toy      many                    13',
      '     4  16:00:01.123458   #2 ← toy      malformed                3  3 bytes that fit no frame',
      '        error not-a-frame at 0..3: no frame can begin here',
      '     5  16:00:01.123459   #2 ← toy      gap                     40  40 bytes that were not captured',
      '     6  16:00:01.123460   #1 → toy      say                     14  \\x1b[31mred\\n\\u202e',
    ])
  })

  it('is cut to the width of a terminal', async () => {
    const at = async (columns: number): Promise<string> => {
      const style = styleFor({ isTTY: true, columns }, true, {})
      return lines(await shown({ style, count: 1 }))[0] as string
    }
    expect(await at(76)).toBe('     1  16:00:00.123457   #1 → toy      login                   12  user=ann')
    expect(await at(72)).toBe('     1  16:00:00.123457   #1 → toy      login                   12  use…')
    expect(await at(30)).toBe('     1  16:00:00.123457   #1 …')
  })

  it('has colours where they are wanted, and only the ones it makes', async () => {
    const style = styleFor({ isTTY: true, columns: 200 }, false, {})
    const text = await shown({ style })
    expect(text).toContain('\x1b[36m→\x1b[39m')
    expect(text).not.toContain('\x1b[31mred')
  })
})

describe('ndjson', () => {
  it('has the members of the contract, in order', async () => {
    const rows = jsonLines(await shown({ format: 'ndjson' }))
    expect(rows).toEqual([
      {
        frame: 1,
        packet: 1,
        time: '2025-11-24T16:00:00.123457789Z',
        flow: 1,
        from: 'client',
        protocol: 'toy',
        type: 'login',
        length: 12,
        summary: 'login user=ann',
        toy: { user: 'ann', password: '***' },
      },
      expect.objectContaining({
        frame: 2,
        flow: 2,
        toy: { text: 'bad' },
        diagnostics: [
          { code: 'bad-word', severity: 'warning', message: 'this is not said', rule: 'TOY 1.2', start: 2, end: 5 },
        ],
      }),
      expect.objectContaining({
        frame: 3,
        from: 'server',
        summary: 'many',
        toy: {
          big: '9',
          urgent: true,
          level: 3,
          blob: { base64: '//4=' },
          headers: { 'x.y': 'dotted', list: [{ a: 1 }, { a: 2 }], bell: '\u0007\u009b' },
        },
      }),
      expect.objectContaining({ frame: 4, type: 'malformed', length: 3, bytes: '\t\t\t' }),
      expect.objectContaining({ frame: 5, type: 'gap', length: 40 }),
      expect.objectContaining({ frame: 6, packet: 6, toy: { text: '\u001b[31mred\n\u202e' } }),
    ])
    expect(Object.keys(rows[0]!)).toEqual([
      ...['frame', 'packet', 'time', 'flow', 'from', 'protocol', 'type', 'length', 'summary', 'toy'],
    ])
    expect(rows[4]).not.toHaveProperty('bytes')
    expect(rows[4]).not.toHaveProperty('diagnostics')
  })

  it('shows secrets when asked to', async () => {
    const [login] = jsonLines(await shown({ format: 'ndjson', secrets: true }))
    expect(login?.toy).toEqual({ user: 'ann', password: 's3cret' })
  })

  it('sends no controls to a terminal', async () => {
    for (const view of ['frames', 'flows', 'stats'] as const) {
      expect(await shown({ format: 'ndjson', view })).not.toMatch(/[^\P{Cc}\n]|[\u202a-\u202e]/u)
    }
  })

  it('is an array as json, also of nothing', async () => {
    const rows = jsonLines(await shown({ format: 'ndjson' }))
    expect(JSON.parse(await shown({ format: 'json' }))).toEqual(rows)
    expect(JSON.parse(await shown({ format: 'json', flows: new Set([9]) }))).toEqual([])
  })
})

describe('tree', () => {
  it('names every byte, and hides credentials, also in what holds them', async () => {
    expect(lines(await shown({ format: 'tree', flows: new Set([1]), count: 2 })).map(line => line.trimEnd())).toEqual([
      '     1  16:00:00.123457   #1 → toy      login                   12  user=ann',
      '         0..12  toy',
      '          0..1    length: 12',
      '          1..2    type: 2 (login)',
      '         2..12    credentials',
      '          2..5      user: "ann"',
      '          5..6      nul: 0',
      '         6..12      password: ***',
      '     3  16:00:01.123456   #1 ← toy      many                    13',
      '         0..13  toy',
      '          0..1    length: 13',
      '          1..2    type: 3 (many)',
      '         2..10    big: 9',
      '        10..11    flags: 131',
      '   10 x.......    urgent: true',
      '   10 ....xxxx    level: 3',
      '        11..13    blob: fffe',
    ])
    expect(await shown({ format: 'tree', secrets: true })).toContain('credentials: {"user":"ann","password":"s3cret"}')
  })

  it('tells diagnostics below', async () => {
    expect(await shown({ format: 'tree' })).toContain('warning bad-word at 2..5: this is not said (TOY 1.2)')
  })
})

describe('hex', () => {
  it('marks where fields begin and names them beside', async () => {
    expect(lines(await shown({ format: 'hex', count: 4 })).filter(line => /^ {8}[0-9a-f]{4} /.test(line))).toEqual([
      '        0000 |0c|02|61 6e 6e|00|** ** ** ** ** **              ..ann.******      length=12  type=2 (login)  user="ann"  nul=0  password=***',
      '        0000 |05|01|62 61 64                                   ..bad             length=5  type=1 (say)  text="bad"',
      '        0000 |0d|03|00 00 00 00 00 00 00 09|83|ff fe           .............     length=13  type=3 (many)  big=9  flags=131  urgent=true  level=3  blob=fffe',
      '        0000  09 09 09                                         ...',
    ])
  })

  it('never shows a secret', async () => {
    for (const format of ['text', 'ndjson', 'json', 'tree', 'hex'] as const) {
      expect(await shown({ format })).not.toMatch(/s3cret|73 33 63/)
      expect((await shown({ format, secrets: true })) === (await shown({ format }))).toBe(format === 'text')
    }
  })
})

describe('choosing rows', () => {
  it('keeps the numbers of the whole input', async () => {
    const rows = jsonLines(await shown({ format: 'ndjson', flows: new Set([2]) }))
    expect(rows.map(({ frame, flow }) => [frame, flow])).toEqual([
      [2, 2],
      [4, 2],
      [5, 2],
    ])
  })

  it('ends after as many as asked for, and says so once', async () => {
    let told = 0
    const rows = jsonLines(await shown({ format: 'ndjson', count: 2, flows: new Set([2]), onEnough: () => told++ }))
    expect(rows.map(({ frame }) => frame)).toEqual([2, 4])
    expect(told).toBe(1)
  })
})
