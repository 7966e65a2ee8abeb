import { type FileHandle, open } from 'node:fs/promises'
import { CaptureError } from './error.ts'

/** A capture as a file, or as it comes through a pipe. */
export type CaptureInput =
  | {
      readonly path: string
      /** Only these, in order; absent: all of it. */
      readonly stretches?: readonly Stretch[] | undefined
    }
  | {
      readonly stream: AsyncIterable<Uint8Array>
      /** What messages call it. */
      readonly name: string
    }

/** Bytes [start, end) of a file; `before` says what was left out before them, as a block of the same format. */
export interface Stretch {
  readonly start: number
  readonly end: number
  readonly before?: Uint8Array
}

/** Bytes as they come. */
export interface Source {
  readonly chunks: AsyncIterator<Uint8Array>
  /** How many bytes before the first chunk of each buffer are free. */
  readonly headroom: number
  readonly size: number | undefined
  readonly name: string
}

export async function openSource(input: CaptureInput): Promise<Source> {
  if ('stream' in input) {
    const chunks = input.stream[Symbol.asyncIterator]()
    return { chunks, headroom: 0, size: undefined, name: input.name }
  }
  const { path, stretches } = input
  const handle = await open(path).catch(cause => {
    throw unreadable(path, cause)
  })
  const stat = await handle.stat()
  if (stat.isDirectory()) {
    await handle.close()
    throw new CaptureError(`${path} is a directory`, { next: 'Name one capture file in it.' })
  }
  if (stretches !== undefined) {
    const size = stretches.reduce((sum, { start, end }) => sum + end - start, 0)
    return { chunks: someOf(handle, stretches), headroom: 0, size, name: path }
  }
  return {
    chunks: blocks(handle),
    headroom: HEADROOM,
    size: stat.isFile() ? stat.size : undefined,
    name: path,
  }
}

/** What is read at once; and the least room that makes it worth going on in the same block. */
const BLOCK = 1 << 20
const LEAST = 64 << 10
/** Room for the packet that the block before ended in, so that the rest need not be copied to it. */
const HEADROOM = 64 << 10

/** Reads a block ahead, while the one before is worked on. What a pipe gives in small pieces fills one block. */
async function* blocks(handle: FileHandle): AsyncGenerator<Uint8Array> {
  let block = newBlock()
  let at = HEADROOM
  let reading = handle.read(block, at, block.length - at, null)
  try {
    for (;;) {
      const { bytesRead } = await reading
      if (bytesRead === 0) return
      const chunk = block.subarray(at, at + bytesRead)
      at += bytesRead
      if (block.length - at < LEAST) {
        block = newBlock()
        at = HEADROOM
      }
      reading = handle.read(block, at, block.length - at, null)
      // Whoever stops listening does not learn how this one went.
      reading.catch(() => {})
      yield chunk
    }
  } finally {
    const close = (): Promise<void> => handle.close()
    void reading.then(close, close)
  }
}

async function* someOf(handle: FileHandle, stretches: readonly Stretch[]): AsyncGenerator<Uint8Array> {
  try {
    for (const { start, end, before } of stretches) {
      if (before !== undefined) yield before
      for (let at = start; at < end; ) {
        const block = new Uint8Array(Math.min(BLOCK, end - at))
        const { bytesRead } = await handle.read(block, 0, block.length, at)
        if (bytesRead === 0) return
        at += bytesRead
        yield block.subarray(0, bytesRead)
      }
    }
  } finally {
    await handle.close()
  }
}

function newBlock(): Uint8Array {
  return new Uint8Array(Buffer.allocUnsafeSlow(HEADROOM + BLOCK).buffer)
}

function unreadable(path: string, cause: NodeJS.ErrnoException): CaptureError {
  switch (cause.code) {
    case 'ENOENT':
      return new CaptureError(`there is no file ${path}`, { next: 'Check the path.', cause })
    case 'EACCES':
    case 'EPERM':
      return new CaptureError(`no permission to read ${path}`, {
        next: 'Change its permissions, or read it as the user who wrote it.',
        cause,
      })
    default:
      return new CaptureError(`cannot read ${path}: ${cause.message}`, { cause })
  }
}
