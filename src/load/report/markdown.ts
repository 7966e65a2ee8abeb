import { printable } from '../../output/index.ts'
import type { LoadResult } from '../result.ts'
import { generatorText, notesOf, troublesOf } from './summary.ts'
import { countsTable, groupsTable, latencyTable, placesTable, searchTable, stagesTable, type Table } from './tables.ts'
import { formatSeconds, formatSpan, goneText, limitText, proofWord, thresholdWord, verdictText } from './words.ts'

/** What a run came to, for pull requests and wikis: GitHub's Markdown. */
export function markdown(result: LoadResult): string {
  const { plan, proof, thresholds, groups, stages, blocked, search } = result
  const list = (lines: readonly string[]): string => lines.map(line => `- ${escaped(line)}\n`).join('')
  const section = (title: string, text: string): string => (text === '' ? '' : `\n### ${title}\n\n${text}`)
  return [
    `## ${escaped(verdictText(result))}\n\n`,
    list([...plan, `${formatSeconds(result.seconds)} from ${result.started}`]),
    section(
      'Thresholds',
      list(thresholds.map(({ ok, threshold, shown }) => `${thresholdWord(ok)}: ${threshold} (${shown})`)),
    ),
    section('Latency', tableText(latencyTable(result)) + list(notesOf(result)).replace(/^(?=.)/, '\n')),
    section('Counts', tableText(countsTable(result))),
    section(`Proof: ${proofWord(proof.ok)}`, list([...proof.lines, ...proof.lost.map(lost => `lost: ${lost}`)])),
    section('Groups', groups.length > 1 ? tableText(groupsTable(result)) : ''),
    section('Connections', tableText(placesTable(result))),
    section('Stages', stages.length > 1 ? tableText(stagesTable(result)) : ''),
    section('Search', search === undefined ? '' : tableText(searchTable(result))),
    section('Blocked by the peer', list(blocked.map(span => `${formatSpan(span)}: ${span.reason}`))),
    section('Without a connection in the end', list(result.gone.map(goneText))),
    section('Troubles', list(troublesOf(result))),
    `\n${escaped(limitText(result.limit))}; ${escaped(generatorText(result))}\n`,
  ].join('')
}

function tableText({ columns, rows }: Table): string {
  if (rows.length === 0) return ''
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`
  const rule = line(columns.map(({ right }) => (right === true ? '--:' : ':--')))
  return line(columns.map(({ title }) => title)) + rule + rows.map(row => line(row.map(escaped))).join('')
}

/** What Markdown would take for markup is text. */
const escaped = (text: string): string => printable(text).replace(/[\\`*_{}[\]<>|#~&]/g, char => `\\${char}`)
