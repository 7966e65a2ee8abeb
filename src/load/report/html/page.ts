import { createHash } from 'node:crypto'
import { escapeHtml } from '../../../output/index.ts'
import type { LoadResult } from '../../result.ts'
import { handled } from '../../stages.ts'
import { generatorText, notesOf, troublesOf } from '../summary.ts'
import { countsTable, groupsTable, latencyTable, placesTable, searchTable, stagesTable, type Table } from '../tables.ts'
import {
  formatCount,
  formatMicros,
  formatRate,
  formatSeconds,
  formatSpan,
  goneText,
  limitText,
  MEASURE_TITLES,
  perSecond,
  proofWord,
  thresholdWord,
  verdictText,
} from '../words.ts'
import { figure, jsonText } from './plot.ts'
import { plotsOf } from './plots.ts'
import { SCRIPT } from './script.ts'
import { STYLE } from './style.ts'

const digest = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** A run as one page that needs nothing else, and can do nothing else: its policy allows its own style and script. */
export function html(result: LoadResult): string {
  const { plan, proof, thresholds, groups, stages, blocked, search, run, started, seconds, mqinspect } = result
  const plots = plotsOf(result)
  const axes = Object.fromEntries(plots.map(({ axis: { id, places, names } }) => [id, { places, names }]))
  const policy = `default-src 'none'; style-src ${digest(STYLE)}; script-src ${digest(SCRIPT)}; base-uri 'none'; form-action 'none'`
  const section = (title: string, text: string): string =>
    text === '' ? '' : `<h2>${escapeHtml(title)}</h2>\n${text}\n`
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(verdictText(result))} · mqinspect load</title>
<style>${STYLE}</style></head><body>
<header>
<h1 class="${goodness(result.ok)}">${escapeHtml(verdictText(result))}</h1>
<ul class="lines">${items(plan)}<li class="dim">${escapeHtml(`${formatSeconds(seconds)} from ${started}, run ${run}, mqinspect ${mqinspect}`)}</li></ul>
${keyFigures(result)}
</header>
${section(
  'Thresholds',
  listed(
    thresholds.map(
      ({ ok, threshold, shown }) =>
        `<b class="${goodness(ok)}">${thresholdWord(ok)}</b> ${escapeHtml(threshold)} <span class="dim">(${escapeHtml(shown)})</span>`,
    ),
  ),
)}
<h2>Over time</h2>
${shadesText(result)}
<div class="plots">
${plots.map(figure).join('\n')}
</div>
${section('Latency', tableOf(latencyTable(result)) + listed(notesOf(result).map(escapeHtml)))}
${section('Counts', tableOf(countsTable(result)))}
${section(`Proof: ${proofWord(proof.ok)}`, listed([...proof.lines, ...proof.lost.map(lost => `lost: ${lost}`)].map(escapeHtml)))}
${section('Groups', groups.length > 1 ? tableOf(groupsTable(result)) : '')}
${section('Connections', tableOf(placesTable(result)))}
${section('Stages', stages.length > 1 ? tableOf(stagesTable(result)) : '')}
${section('Search', search === undefined ? '' : tableOf(searchTable(result)))}
${section('Blocked by the peer', listed(blocked.map(span => escapeHtml(`${formatSpan(span)}: ${span.reason}`))))}
${section('Without a connection in the end', listed(result.gone.map(goneText).map(escapeHtml)))}
${section('Troubles', listed(troublesOf(result).map(escapeHtml)))}
${section('Limit', listed([limitText(result.limit), generatorText(result)].map(escapeHtml)))}
<script type="application/json" id="axes">${jsonText(axes)}</script>
<script>${SCRIPT}</script>
</body></html>
`
}

const goodness = (ok: boolean): string => (ok ? 'good' : 'bad')
const items = (lines: readonly string[]): string => lines.map(line => `<li>${escapeHtml(line)}</li>`).join('')
/** Of lines that are HTML already. */
const listed = (lines: readonly string[]): string =>
  lines.length === 0 ? '' : `<ul class="lines">${lines.map(line => `<li>${line}</li>`).join('')}</ul>`

/** What the grounds of the plots mean, where they mean something. */
function shadesText({ stages, blocked }: LoadResult): string {
  const parts = [
    ...(stages.length > 1 ? ['every other stage is shaded'] : []),
    ...(blocked.length > 0 ? ['red ground: publishers were held up by the peer'] : []),
  ]
  return parts.length === 0 ? '' : `<p class="dim shades">${parts.join('; ')}</p>`
}

function keyFigures({ counts, seconds, measures, generator }: LoadResult): string {
  const answers = (['publish-confirm', 'publish-deliver', 'request-reply'] as const).flatMap(measure => {
    const found = measures[measure]
    if (found === undefined) return []
    return [
      [
        `${MEASURE_TITLES[measure]}, p50 / p99`,
        `${formatMicros(found.latency.p50)} / ${formatMicros(found.latency.p99)}`,
      ],
    ]
  })
  const figures = [
    ['sent', formatRate(perSecond(counts.sent, seconds))],
    ['delivered', formatRate(perSecond(counts.delivered, seconds))],
    ...answers,
    ['lost', formatCount(counts.lost)],
    ...(handled(counts) === 0
      ? [['connections', formatCount(counts.connected)]]
      : [['messages per CPU-second', formatCount(generator.messagesPerCpuSecond)]]),
  ] as const
  return `<dl class="figures">${figures.map(([name, value]) => `<div><dt>${escapeHtml(name as string)}</dt><dd>${escapeHtml(value as string)}</dd></div>`).join('')}</dl>`
}

function tableOf({ columns, rows }: Table): string {
  if (rows.length === 0) return ''
  const side = (at: number): string => (columns[at]?.right === true ? ' class="number"' : '')
  const head = columns.map(({ title }, at) => `<th${side(at)}>${escapeHtml(title)}</th>`).join('')
  const body = rows.map(row => `<tr>${row.map((cell, at) => `<td${side(at)}>${escapeHtml(cell)}</td>`).join('')}</tr>`)
  return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`
}
