import type { AnyCodec } from '../../codecs/core/index.ts'
import { complete, type Suggestion } from '../filter/index.ts'
import { fieldsOf, VIEWS, type ViewName } from '../output/index.ts'

/** What may follow the first `kept` characters of the word that is being written. */
export interface Offer {
  readonly kept: number
  readonly suggestions: readonly Suggestion[]
}

const NOTHING: Offer = { kept: 0, suggestions: [] }

/**
 * What the last of `words` may become, where it is a filter or a list of fields: `decode FILE -Y 'mqtt.to`. The words are
 * those after the program's name up to the cursor, without quotes; a shell may have cut `--filter=mqtt.to` at its `=`.
 */
export function offer(words: readonly string[], codecs: readonly AnyCodec[]): Offer {
  const text = words.at(-1) ?? ''
  const before = words.slice(0, -1).filter(word => word !== '=')
  const whole = /^(--(?:filter|fields)=)(.*)$/s.exec(text)
  if (whole !== null) {
    const [, flag = '', value = ''] = whole
    const { kept, suggestions } = offer([...before, flag.slice(0, -1), value], codecs)
    return { kept: kept + flag.length, suggestions }
  }
  const view = viewOf(before)
  switch (before.at(-1)) {
    case '-Y':
    case '--filter': {
      const { start, suggestions } = complete(text, text.length, fieldsOf(view, codecs))
      return { kept: start, suggestions }
    }
    case '--fields':
      return view === 'stats' ? NOTHING : lastOfList(text, view, codecs)
    default:
      return NOTHING
  }
}

function lastOfList(text: string, view: ViewName, codecs: readonly AnyCodec[]): Offer {
  const kept = text.lastIndexOf(',') + 1
  const fields = fieldsOf(view, codecs)
  const { suggestions } = complete(text.slice(kept), text.length - kept, fields)
  // Neither functions nor tests (`mqtt.publish`) have a value to write in a column.
  const columns = suggestions.filter(each => each.text.endsWith('.') || fields.find(each.text.split('.')) !== undefined)
  return { kept, suggestions: columns }
}

function viewOf(words: readonly string[]): ViewName {
  if (words[0] === 'lint') return 'findings'
  let named: string | undefined
  for (const [at, word] of words.entries()) {
    if (word === '--view') named = words[at + 1]
    else if (word.startsWith('--view=')) named = word.slice('--view='.length)
  }
  return VIEWS.find(view => view === named) ?? 'frames'
}

/** For a shell to read: how much of the word stays, then a suggestion a line, with a tab before what it is. */
export const offerLines = ({ kept, suggestions }: Offer): string =>
  [kept, ...suggestions.map(({ text, detail }) => `${text}\t${detail}`)].map(line => `${line}\n`).join('')
