import { open } from 'node:fs/promises'
import { EXIT, Failure } from '../../failure.ts'
import { reason } from '../../net/index.ts'
import { fetchToken, type TokenGrant } from './oauth2.ts'

/** Where a group's password comes from, where it is not said: from somewhere that may have another later. */
export type SecretSource =
  | { readonly from: 'file'; readonly path: string; readonly token: boolean }
  | { readonly from: 'server'; readonly grant: TokenGrant; readonly token: true }

export interface Reading {
  readonly text: string
  /** Milliseconds until the next is to be read. */
  readonly freshFor: number
}

/** Milliseconds after which a file is read again. */
const FILE_FRESH = 1000
const MOST_BYTES = 64 << 10

/** Throws a `Failure` where there is nothing to be had. */
export const readSecret = (source: SecretSource, signal: AbortSignal): Promise<Reading> =>
  source.from === 'server' ? fetchToken(source.grant, signal) : readFile(source.path)

/** A mounted secret is another file under the same name, when it changes: it is opened anew each time. */
async function readFile(path: string): Promise<Reading> {
  const failed = (why: string, cause?: unknown): Failure =>
    new Failure(`${path}: ${why}`, { exit: EXIT.failed, next: 'Name a file with nothing but the secret in it.', cause })
  const bytes = Buffer.alloc(MOST_BYTES + 1)
  let length = 0
  try {
    const file = await open(path)
    try {
      length = (await file.read(bytes, 0, bytes.length, 0)).bytesRead
    } finally {
      await file.close()
    }
  } catch (error) {
    throw failed(`it cannot be read: ${reason(error)}`, error)
  }
  if (length > MOST_BYTES) throw failed('it is too long for a secret')
  const text = bytes.toString('utf8', 0, length).replace(/\r?\n$/, '')
  if (text === '') throw failed('it is empty')
  return { text, freshFor: FILE_FRESH }
}
