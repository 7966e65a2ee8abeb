import { fittedLine } from '../kit/cells.ts'
import { type Line, type Look, span } from '../kit/text.ts'
import { topOf } from '../model/moving.ts'
import { type Twig, twigIndex } from '../model/tree.ts'

/** The lines of the tree that are seen, the chosen one among them. */
export function detailLines(
  lines: readonly Twig[],
  field: string | undefined,
  { width, height, active }: { readonly width: number; readonly height: number; readonly active: boolean },
): Line[] {
  const chosen = twigIndex(lines, field)
  const top = topOf(chosen, lines.length, height)
  return lines.slice(top, top + height).map((twig, index) => {
    const at = top + index === chosen
    const look: Look | undefined = at ? (active ? 'selected' : 'marked') : undefined
    return fittedLine({ ...twigLine(twig, at), look }, width)
  })
}

function twigLine({ depth, tree, open }: Twig, chosen: boolean): Line {
  const { name, value = '', start, end, mask } = tree
  const group = tree.children !== undefined
  const fold = group ? (open ? '▾ ' : '▸ ') : '  '
  const where = start === undefined ? '' : mask === undefined ? `  ${start}..${end}` : `  ${start} ${bits(mask)}`
  return {
    spans: [
      span(`${chosen ? '▶' : ' '}${'  '.repeat(depth)}${fold}`, 'dim'),
      span(name, tree.look ?? (group ? 'bold' : 'accent')),
      span(value === '' ? '' : `: ${value}`),
      span(where, 'dim'),
    ],
  }
}

/** `..xx....`: which bits of the byte. */
function bits(mask: number): string {
  return Array.from({ length: 8 }, (_, bit) => ((mask & (0x80 >> bit)) === 0 ? '.' : 'x')).join('')
}
