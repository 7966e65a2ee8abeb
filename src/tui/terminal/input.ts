/** What a user did, as the terminal tells it. */
export type Input =
  /** `j`, `G`, `space`, `ctrl-d`, `alt-b`, `up`, `shift-tab`, `f3`. */
  | { readonly type: 'key'; readonly key: string }
  | { readonly type: 'paste'; readonly text: string }
  /** Cells count from 0. */
  | {
      readonly type: 'mouse'
      readonly action: 'press' | 'wheel-up' | 'wheel-down'
      readonly x: number
      readonly y: number
    }

const ESC = '\x1b'
const PASTE_START = `${ESC}[200~`
const PASTE_END = `${ESC}[201~`
/** More of a paste or of a sequence that does not end is dropped. */
const MOST_PENDING = 1 << 20

const CONTROLS: Readonly<Record<string, string>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\x7f': 'backspace',
  '\b': 'backspace',
  ' ': 'space',
}

/** By the last character of a CSI or SS3 sequence. */
const FINALS: Readonly<Record<string, string>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  H: 'home',
  F: 'end',
  Z: 'shift-tab',
  P: 'f1',
  Q: 'f2',
  R: 'f3',
  S: 'f4',
}

/** By the number before a tilde. */
const TILDES: Readonly<Record<string, string>> = {
  1: 'home',
  2: 'insert',
  3: 'delete',
  4: 'end',
  5: 'pageup',
  6: 'pagedown',
  7: 'home',
  8: 'end',
  11: 'f1',
  12: 'f2',
  13: 'f3',
  14: 'f4',
}

/** xterm's modifier parameter counts from 1: shift, alt, control. */
function modified(name: string, parameter: string | undefined): string {
  const bits = Number(parameter ?? 1) - 1
  if (!(bits > 0)) return name
  return `${(bits & 4) === 0 ? '' : 'ctrl-'}${(bits & 2) === 0 ? '' : 'alt-'}${(bits & 1) === 0 ? '' : 'shift-'}${name}`
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
const SEQUENCE = /^\x1b(?:\[([<?]?)([\d;]*)([A-Za-z~])|O([A-Za-z]))/
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
const PARTIAL = /^\x1b(?:\[[<?]?[\d;]*|O)?$/

/** Turns what a terminal sends into what its user did; sequences may come in pieces. */
export class InputReader {
  #pending = ''

  push(text: string): Input[] {
    this.#pending += text
    const inputs: Input[] = []
    while (this.#pending !== '') {
      const taken = this.#take(inputs)
      if (taken === 0) break
      this.#pending = this.#pending.slice(taken)
    }
    if (this.#pending.length > MOST_PENDING) this.#pending = ''
    return inputs
  }

  /** Whether an escape waits for what may follow it: a while later, it was the key. */
  get waiting(): boolean {
    return this.#pending !== '' && !this.#pending.startsWith(PASTE_START)
  }

  /** Nothing followed. */
  settle(): Input[] {
    if (!this.waiting) return []
    const rest = this.#pending.slice(1)
    this.#pending = ''
    return [{ type: 'key', key: 'esc' }, ...(rest === '' ? [] : this.push(rest))]
  }

  /** Characters taken; 0 where more are awaited. */
  #take(inputs: Input[]): number {
    const text = this.#pending
    if (text.startsWith(PASTE_START)) {
      const end = text.indexOf(PASTE_END)
      if (end < 0) return 0
      inputs.push({ type: 'paste', text: text.slice(PASTE_START.length, end) })
      return end + PASTE_END.length
    }
    if (!text.startsWith(ESC)) {
      const [character = ''] = text
      inputs.push({ type: 'key', key: plain(character) })
      return character.length
    }
    if (PARTIAL.test(text)) return 0
    const found = SEQUENCE.exec(text)
    if (found !== null) {
      const input = sequence(found)
      if (input !== undefined) inputs.push(input)
      return found[0].length
    }
    if (text[1] === '[' || text[1] === 'O') return 2
    const [character = ''] = text.slice(1)
    if (character === ESC) inputs.push({ type: 'key', key: 'esc' })
    else inputs.push({ type: 'key', key: `alt-${plain(character)}` })
    return character === ESC ? 1 : 1 + character.length
  }
}

function plain(character: string): string {
  const named = CONTROLS[character]
  if (named !== undefined) return named
  const code = character.charCodeAt(0)
  return code < 0x20 ? `ctrl-${String.fromCharCode(code + 0x60)}` : character
}

function sequence([, mark, parameters = '', final = '', single]: RegExpExecArray): Input | undefined {
  if (single !== undefined) return named(FINALS[single])
  const [first, second] = parameters.split(';')
  if (mark === '<') return mouse(parameters, final)
  // What the terminal answers to a question.
  if (mark === '?') return undefined
  const name = final === '~' ? TILDES[first ?? ''] : FINALS[final]
  return named(name === undefined ? undefined : modified(name, second))
}

const named = (key: string | undefined): Input | undefined => (key === undefined ? undefined : { type: 'key', key })

const [BUTTON, MOTION, WHEEL] = [3, 32, 64]

/** SGR mouse reports: `<button;column;row`, M pressed, m released. */
function mouse(parameters: string, final: string): Input | undefined {
  const [code = 0, column = 1, row = 1] = parameters.split(';').map(Number)
  if (final !== 'M' || (code & MOTION) !== 0) return undefined
  const at = { x: column - 1, y: row - 1 }
  if ((code & WHEEL) !== 0) {
    return (code & BUTTON) > 1
      ? undefined
      : { type: 'mouse', action: (code & BUTTON) === 0 ? 'wheel-up' : 'wheel-down', ...at }
  }
  return (code & BUTTON) === 0 ? { type: 'mouse', action: 'press', ...at } : undefined
}
