import { codecs } from '../../codecs/index.ts'
import { usage } from '../failure.ts'
import { PrivateFile, type ShowRequest, show, showOptions } from '../output/index.ts'

export interface CsvRequest extends Pick<ShowRequest, 'view' | 'fields' | 'flow' | 'filter' | 'show-secrets'> {
  readonly proto?: readonly string[] | undefined
  readonly avro?: readonly string[] | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly redact?: readonly string[] | undefined
  readonly 'redact-secrets': boolean
}

type Viewer = ReturnType<typeof show>

/** A view shows what is read: what is cut off or overwritten on the way needs a recording between. */
export function checkCsv({ from, to, redact, 'redact-secrets': secrets }: CsvRequest): void {
  const cut = from !== undefined || to !== undefined
  if (!cut && redact === undefined && !secrets) return
  throw usage(
    `${cut ? '--from and --to cut' : '--redact overwrites'} what was carried, and CSV is a view of it`,
    'Convert to a pcapng first, and that to CSV; -Y and --fields choose rows and columns, and passwords are *** in any case.',
  )
}

/** Writes a view as CSV; `read` delivers the traffic. Says what was written. */
export async function writeCsv(
  request: CsvRequest,
  path: string,
  read: (viewer: Viewer) => Promise<void>,
): Promise<string> {
  const options = await showOptions({ ...request, format: 'csv', json: false, 'no-color': true }, codecs)
  const file = await PrivateFile.open(path)
  try {
    const viewer = show(file.output, options)
    try {
      await read(viewer)
    } finally {
      viewer.finish()
    }
  } finally {
    await file.close()
  }
  return path === '-' ? '' : `wrote ${path}`
}
