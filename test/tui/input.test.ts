import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Input, InputReader } from '../../src/tui/terminal/input.ts'

const read = (text: string): Input[] => {
  const reader = new InputReader()
  return [...reader.push(text), ...reader.settle()]
}
const keys = (text: string): string[] => read(text).map(input => (input.type === 'key' ? input.key : input.type))

describe('what a terminal sends', () => {
  it.each([
    ['jG/', ['j', 'G', '/']],
    ['\r\t \x7f', ['enter', 'tab', 'space', 'backspace']],
    ['\x03\x1a\x0c', ['ctrl-c', 'ctrl-z', 'ctrl-l']],
    ['\x1b[A\x1b[B\x1bOA\x1bOB', ['up', 'down', 'up', 'down']],
    ['\x1b[H\x1b[F\x1b[1~\x1b[4~', ['home', 'end', 'home', 'end']],
    ['\x1b[5~\x1b[6~\x1b[3~\x1b[Z', ['pageup', 'pagedown', 'delete', 'shift-tab']],
    ['\x1b[1;5C\x1b[1;2A\x1b[1;3D', ['ctrl-right', 'shift-up', 'alt-left']],
    ['\x1bb\x1bf', ['alt-b', 'alt-f']],
    ['\x1b', ['esc']],
    ['\x1b\x1b', ['esc', 'esc']],
    ['é漢😀', ['é', '漢', '😀']],
  ])('%j is %j', (text, expected) => expect(keys(text)).toEqual(expected))

  it('is a wheel and a button, in cells from 0', () => {
    expect(read('\x1b[<64;10;5M\x1b[<65;10;5M\x1b[<0;1;1M')).toEqual([
      { type: 'mouse', action: 'wheel-up', x: 9, y: 4 },
      { type: 'mouse', action: 'wheel-down', x: 9, y: 4 },
      { type: 'mouse', action: 'press', x: 0, y: 0 },
    ])
  })

  it('is no click where a button is let go or the mouse is moved', () => {
    expect(read('\x1b[<0;1;1m\x1b[<32;1;1M\x1b[<2;1;1M')).toEqual([])
  })

  it('is one paste, whatever keys its text would be', () => {
    expect(read('\x1b[200~q\r:quit\x1b[201~j')).toEqual([
      { type: 'paste', text: 'q\r:quit' },
      { type: 'key', key: 'j' },
    ])
  })

  it('may be an answer, which is nothing that the user did', () => expect(read('\x1b[?62;22c')).toEqual([]))

  it('may come in any pieces', () => {
    const whole = 'j\x1b[A\x1b[200~pasted\x1b[201~\x1b[<64;10;5M\x1b[1;5CG\x1bOB'
    fc.assert(
      fc.property(fc.array(fc.nat(whole.length), { maxLength: 8 }), cuts => {
        const reader = new InputReader()
        const at = [0, ...cuts.sort((a, b) => a - b), whole.length]
        const inputs = at.slice(1).flatMap((end, index) => reader.push(whole.slice(at[index], end)))
        expect(inputs).toEqual(read(whole))
      }),
    )
  })

  it('never makes it throw, and never keeps it waiting for more than a sequence', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('\x1b', '[', 'O', '<', '?', ';', '1', '~', 'A', 'M', 'j') }),
        text => {
          const reader = new InputReader()
          reader.push(text)
          reader.settle()
          expect(reader.push('j').at(-1)).toEqual({ type: 'key', key: 'j' })
        },
      ),
    )
  })
})
