import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AnyCodec, Joined, Side } from '../../codecs/core/index.ts'
import { codecs } from '../../codecs/index.ts'

/** One step of a vector: what happens on the connection, in order. */
export type Step =
  | { readonly type: 'data'; readonly side: Side; readonly bytes: Uint8Array }
  | { readonly type: 'gap'; readonly side: Side; readonly length: number }
  | { readonly type: 'end'; readonly side: Side }

export interface Vector {
  readonly file: string
  readonly title: string
  readonly steps: readonly Step[]
  readonly joined: Joined
  /** `write(read(x))` gives the same bytes. */
  readonly canonical: boolean
  readonly detectable: boolean
  /** What stands after `---`. */
  readonly expected: string
}

const MARK = '\n---\n'
const fixtures = new URL('../../fixtures/', import.meta.url).pathname

/** Where a protocol's vectors are; the second codec of one id has its transport in the name. */
export function folderOf(codec: AnyCodec): string {
  const first = codecs.find(({ id }) => id === codec.id) ?? codec
  return join(fixtures, first === codec ? codec.id : `${codec.id}-${codec.schemes[0]?.transport ?? codec.transport}`)
}

/** All vectors of a protocol, by file name. */
export function vectors(codec: AnyCodec): Vector[] {
  const folder = folderOf(codec)
  const files = readdirSync(folder).filter(name => name.endsWith('.wire'))
  return files.sort().map(name => parseVector(readFileSync(join(folder, name), 'utf8'), join(folder, name)))
}

export function parseVector(text: string, file: string): Vector {
  const [head = '', expected = ''] = text.split(MARK)
  const steps: Step[] = []
  const options = new Map<string, string>()
  let title = ''
  for (const [index, line] of head.split('\n').entries()) {
    const fail = (why: string) => new Error(`${file}:${index + 1}: ${why}`)
    const rest = line.slice(1).trim()
    if (line.startsWith('# ') && title === '') title = rest
    else if (line.startsWith('> ') || line.startsWith('< ')) {
      const side: Side = line.startsWith('>') ? 'client' : 'server'
      steps.push({ type: 'data', side, bytes: parseBytes(rest, fail) })
    } else if (line.startsWith('! ')) {
      const [what, side, length] = rest.split(/\s+/)
      if (side !== 'client' && side !== 'server') throw fail(`no side in "${line}"`)
      if (what === 'gap') steps.push({ type: 'gap', side, length: Number(length) })
      else if (what === 'end') steps.push({ type: 'end', side })
      else throw fail(`no step "${what}"`)
    } else if (line.startsWith('@ ')) {
      const [name = '', value = 'yes'] = rest.split(/\s+/)
      options.set(name, value)
    }
  }
  if (title === '') throw new Error(`${file}: no title`)
  if (steps.length === 0) throw new Error(`${file}: no bytes`)
  return {
    file,
    title,
    steps,
    joined: options.get('joined') === 'middle' ? 'middle' : 'start',
    canonical: !options.has('noncanonical'),
    detectable: !options.has('undetectable'),
    expected,
  }
}

/** The vector's text with its expectation replaced. */
export const withExpected = (text: string, expected: string): string =>
  text.split(MARK)[0]?.trimEnd() + '\n' + MARK + expected

const token = /\s+|#.*$|"(?:[^"\\]|\\.)*"|[0-9a-fA-F]{2}|\*\d+|[()]/y

/** `10 0c "text" 61*3 (00 ff)*2 # comment`. */
function parseBytes(text: string, fail: (why: string) => Error): Uint8Array {
  const stack: number[][] = [[]]
  let last: number[] = []
  token.lastIndex = 0
  for (let at = 0; at < text.length; at = token.lastIndex) {
    token.lastIndex = at
    const found = token.exec(text)?.[0]
    if (found === undefined) throw fail(`not bytes: "${text.slice(at)}"`)
    const top = stack.at(-1) as number[]
    if (found === '(') stack.push([])
    else if (found === ')') {
      last = stack.pop() as number[]
      const outer = stack.at(-1)
      if (outer === undefined) throw fail('a ) without its (')
      append(outer, last)
    } else if (found.startsWith('*')) {
      for (let times = Number(found.slice(1)); times > 1; times--) append(top, last)
    } else if (found.startsWith('"')) append(top, (last = [...Buffer.from(JSON.parse(found) as string)]))
    else if (/^[0-9a-f]{2}$/i.test(found)) append(top, (last = [Number.parseInt(found, 16)]))
  }
  if (stack.length !== 1) throw fail('a ( without its )')
  return Uint8Array.from(stack[0] as number[])
}

function append(to: number[], bytes: readonly number[]): void {
  for (const byte of bytes) to.push(byte)
}
