import { fitted, fittedLine } from '../kit/cells.ts'
import { keyName } from '../kit/keys.ts'
import { bar } from '../kit/screen.ts'
import { EMPTY, type Line, line, type Span, span } from '../kit/text.ts'
import { COMMANDS } from '../model/commands.ts'
import { type Binding, KEYMAP, works } from '../model/keymap.ts'
import type { State } from '../model/state.ts'

const GROUPS: readonly Binding['group'][] = ['Move', 'Find', 'Rows', 'Panes', 'Keep', 'Program']
const KEYS = 20
const COLUMN = 76

/** Every key that works where the user is, and the commands; in two columns where there is room. */
export function helpLines(state: State, width: number): Line[] {
  const blocks = GROUPS.map(group => [
    line(span(` ${group}`, 'title')),
    ...KEYMAP.filter(binding => binding.group === group && works(binding, state)).map(keyLine),
    EMPTY,
  ])
  const commands = [
    line(span(' Commands, after :', 'title')),
    ...COMMANDS.map(({ name, takes, help }) => pair(`${name} ${takes}`, help)),
  ]
  const all = [...blocks, commands]
  if (width < 2 * COLUMN) return all.flat()
  const half = Math.ceil(all.flat().length / 2)
  const left: Line[] = []
  const right: Line[] = []
  for (const block of all) (left.length + block.length / 2 <= half ? left : right).push(...block)
  return Array.from({ length: Math.max(left.length, right.length) }, (_, index) => {
    const first = fittedLine(left[index] ?? EMPTY, Math.floor(width / 2))
    return { spans: [...first.spans, ...(right[index] ?? EMPTY).spans] }
  })
}

const keyLine = ({ keys, help }: Binding): Line => pair(keys.map(keyName).join(' '), help)

const pair = (left: string, right: string): Line => line(span(`  ${fitted(left, KEYS)}`, 'key'), span(right))

/** The main keys, and last how to see the others. */
export function barSpans(state: State, width: number): Span[] {
  const items = KEYMAP.filter(binding => binding.bar !== undefined && works(binding, state)).map(
    ({ keys: [key = ''], bar: what = '' }) => ({ key: keyName(key), what }),
  )
  const help = items.filter(({ key }) => key === '?')
  return bar([...items.filter(({ key }) => key !== '?'), ...help], width)
}
