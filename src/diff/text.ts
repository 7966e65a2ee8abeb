import { type Output, painted, printable, type Style } from '../output/index.ts'
import { type Difference, SECTIONS } from './difference.ts'
import type { Compared } from './report.ts'
import { changeText, evidenceText, sizeText, verdictText } from './words.ts'

const MARKS: Readonly<Record<Difference['change'], string>> = { missing: '-', extra: '+', changed: '~' }

/** Differences for people, section by section. */
export function writeText(output: Output, { a, b, runs, found }: Compared, style: Style): void {
  const { palette } = style
  for (const [name, file, run] of [
    ['A', a, runs[0]],
    ['B', b, runs[1]],
  ] as const) {
    output.write(`${painted(palette.bold, name)}  ${printable(file)}  ${painted(palette.dim, sizeText(run))}\n`)
  }
  for (const section of SECTIONS) {
    const here = found.filter(difference => difference.section === section)
    if (here.length === 0) continue
    output.write(`\n${painted(palette.bold, section)}\n`)
    let subject: string | undefined
    for (const difference of here) {
      const { change, protocol, count, counts } = difference
      const what = [protocol, difference.subject].filter(part => part !== undefined).join(' ')
      const mark = painted(palette[counts ? 'warning' : 'dim'], MARKS[change])
      if (change === 'changed' && what === subject) output.write('    ')
      else output.write(`${mark} ${printable(what)}${change === 'changed' ? '\n    ' : '  '}`)
      subject = change === 'changed' ? what : undefined
      const times = count > 1 && COUNTED.has(section) ? `${count} × ` : ''
      const evidence = evidenceText(difference)
      const where = evidence === '' ? '' : `  ${painted(palette.dim, evidence)}`
      output.write(`${times}${printable(changeText(difference))}${where}\n`)
    }
  }
  output.write(`\n${painted(palette.bold, verdictText(found))}\n`)
}

/** Sections whose count is one of things that are so. */
const COUNTED: ReadonlySet<string> = new Set(['connections', 'messages'])
