import { randomUUID } from 'node:crypto'
import { chmod, link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { KeyPair } from './authority.ts'

/** Where the user's own authority is kept, once it was made. */
const authorityFolder = (): string =>
  join(process.env.XDG_DATA_HOME || join(homedir(), '.local', 'share'), 'mqinspect', 'ca')

export interface StoredAuthority extends KeyPair {
  /** The certificate's file, for whoever is to trust it. */
  readonly file: string
  /** It was made just now. */
  readonly made: boolean
}

/** The user's authority, made at its first use. Its key is readable by the user alone. */
export async function loadAuthority(folder = authorityFolder()): Promise<StoredAuthority> {
  const file = join(folder, 'mqinspect-ca.pem')
  const keyFile = join(folder, 'mqinspect-ca-key.pem')
  const stored = await load(file, keyFile)
  if (stored !== undefined) return { ...stored, file, made: false }
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await chmod(folder, 0o700)
  const { makeAuthority } = await import('./authority.ts')
  const made = await makeAuthority()
  // The key first: whoever finds a certificate finds its key. Two that begin at once agree on the one that was first.
  if (!(await place(keyFile, made.key, 0o600))) return wait(folder)
  await place(file, made.cert, 0o644)
  return { ...made, file, made: true }
}

async function load(file: string, keyFile: string): Promise<KeyPair | undefined> {
  try {
    const [cert, key, { mode }] = await Promise.all([readFile(file, 'utf8'), readFile(keyFile, 'utf8'), stat(keyFile)])
    // Copied about or restored, it may have become readable to others.
    if ((mode & 0o077) !== 0) await chmod(keyFile, 0o600)
    return { cert, key }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Whole or not at all, and never over another's. */
async function place(file: string, text: string, mode: number): Promise<boolean> {
  const draft = `${file}.${randomUUID()}`
  await writeFile(draft, text, { mode, flag: 'wx' })
  try {
    await link(draft, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await rm(draft)
  }
}

const PATIENCE = 50
const PAUSE = 20

/** Another process is making it: its certificate follows its key at once. */
async function wait(folder: string): Promise<StoredAuthority> {
  const file = join(folder, 'mqinspect-ca.pem')
  const keyFile = join(folder, 'mqinspect-ca-key.pem')
  for (let times = 0; times < PATIENCE; times++) {
    const stored = await load(file, keyFile)
    if (stored !== undefined) return { ...stored, file, made: false }
    await new Promise(resolve => setTimeout(resolve, PAUSE))
  }
  throw new Error(`${keyFile} has no certificate beside it; remove it, and a new authority is made`)
}
