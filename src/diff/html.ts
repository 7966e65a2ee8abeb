import { escapeHtml, type Output } from '../output/index.ts'
import { type Difference, SECTIONS } from './difference.ts'
import type { Compared } from './report.ts'
import { changeText, evidenceText, sizeText, verdictText } from './words.ts'

/** Differences as one page that needs nothing else: no script, no request. */
export function writeHtml(output: Output, { a, b, runs, found }: Compared): void {
  const sections = SECTIONS.flatMap(section => {
    const here = found.filter(difference => difference.section === section)
    return here.length === 0 ? [] : [`<h2>${section}</h2>\n<table>${here.map(rowOf).join('\n')}</table>`]
  })
  const heads = [
    ['A', a, runs[0]],
    ['B', b, runs[1]],
  ] as const
  output.write(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(verdictText(found))}</title>
<style>${STYLE}</style></head><body>
<h1>${escapeHtml(verdictText(found))}</h1>
<table>${heads
    .map(
      ([name, file, run]) =>
        `<tr><th>${name}</th><td>${escapeHtml(file)}</td><td class="dim">${escapeHtml(sizeText(run))}</td></tr>`,
    )
    .join('\n')}</table>
${sections.join('\n')}
</body></html>
`)
}

const MARKS: Readonly<Record<Difference['change'], string>> = { missing: '−', extra: '+', changed: '~' }

function rowOf(difference: Difference): string {
  const { change, counts, protocol = '', subject, count } = difference
  const cells = [
    `<td class="mark">${MARKS[change]}</td>`,
    `<td>${escapeHtml(protocol)}</td>`,
    `<td><b>${escapeHtml(subject)}</b></td>`,
    `<td><code>${escapeHtml(changeText(difference))}</code></td>`,
    `<td class="number">${count > 1 ? count : ''}</td>`,
    `<td class="dim">${escapeHtml(evidenceText(difference))}</td>`,
  ]
  return `<tr class="${change}${counts ? '' : ' aside'}">${cells.join('')}</tr>`
}

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { margin: 2rem auto; max-width: 80rem; padding: 0 1rem }
h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem }
table { border-collapse: collapse; width: 100% }
td, th { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #8884 }
td code { overflow-wrap: anywhere } .number { text-align: right } .dim { opacity: .7 }
.mark { width: 1rem; font-weight: bold } .aside { opacity: .7 }
.missing .mark { color: #c33 } .extra .mark { color: #283 } .changed .mark { color: #b70 }
`
