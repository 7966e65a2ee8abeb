import type { AnyCodec } from '../../codecs/core/index.ts'
import { usage } from '../failure.ts'
import { loadPayloads, type PayloadOptions } from '../payload/index.ts'
import type { FormatName, ShowOptions, ViewName } from './show.ts'
import { styleFor } from './style.ts'

/** The flags that choose what is shown, as they were given. */
export interface ShowRequest extends PayloadOptions {
  readonly format: FormatName
  readonly json: boolean
  readonly view: ViewName
  readonly filter?: string | undefined
  readonly fields?: readonly string[] | undefined
  readonly flow?: readonly string[] | undefined
  readonly count?: number | undefined
  readonly 'show-secrets': boolean
  readonly 'no-color': boolean
}

/** What the flags ask for, checked. The same for files and for live traffic. Rejects where a schema cannot be read. */
export async function showOptions(request: ShowRequest, known: readonly AnyCodec[]): Promise<ShowOptions> {
  return {
    view: request.view,
    format: request.json ? 'ndjson' : request.format,
    filter: request.filter,
    fields: request.fields?.filter(field => field !== ''),
    flows: flowNumbers(request.flow),
    count: request.count,
    payloads: await loadPayloads(request),
    secrets: request['show-secrets'],
    style: styleFor(process.stdout, request['no-color']),
    codecs: known,
  }
}

/** What `--flow` names; undefined for all. */
export const flowNumbers = (flow: readonly string[] | undefined): Set<number> | undefined =>
  flow === undefined ? undefined : new Set(flow.map(flowNumber))

function flowNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text))
    throw usage(`--flow ${text}: flows are numbered from 1`, 'mqinspect decode --view flows lists them.')
  return Number(text)
}
