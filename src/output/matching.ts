import type { AnyCodec } from '../../codecs/core/index.ts'
import { frameFields } from '../fields/index.ts'
import { compile } from '../filter/index.ts'
import type { Payloads } from '../payload/index.ts'
import { Output } from './output.ts'
import { Rows } from './rows.ts'
import { Viewer } from './viewer.ts'

const NOWHERE = 1

/** Shows nothing, but tells of which flows some frame matches. */
export function flowsMatching(
  filter: string,
  codecs: readonly AnyCodec[],
  payloads: Payloads,
  found: (flow: number) => void,
): Viewer {
  const wanted = compile(filter, frameFields(codecs))
  const options = { flows: undefined, count: undefined, wanted, payloads, secrets: true }
  const view = {
    needs: 'frames',
    row: (row: { flow: { id: number } }) => found(row.flow.id),
    finish: () => {},
  } as const
  return new Viewer(new Rows(new Output(NOWHERE), options, () => view))
}
