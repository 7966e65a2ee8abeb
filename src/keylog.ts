import { readFile } from 'node:fs/promises'
import { EXIT, Failure } from './failure.ts'
import type { Secrets } from './services.ts'

/** Block type of an NSS key log in pcapng's Decryption Secrets Block (draft-ietf-opsawg-pcapng §4.7). */
export const TLS_KEY_LOG = 0x544c534b

/** `LABEL client-random secret`, as SSLKEYLOGFILE has it. Anything else is a comment. */
const LINE = /^([A-Z0-9_]+) ([0-9a-fA-F]{64}) ([0-9a-fA-F]+)\s*$/

/** The secrets of NSS key logs: from files, and from captures that carry their own. */
export class KeyLog implements Secrets {
  readonly #secrets = new Map<string, Uint8Array>()

  get size(): number {
    return this.#secrets.size
  }

  add(text: string): void {
    for (const line of text.split('\n')) {
      const [, label, random, secret] = LINE.exec(line) ?? []
      if (label === undefined || random === undefined || secret === undefined) continue
      this.#secrets.set(`${label} ${random.toLowerCase()}`, Buffer.from(secret, 'hex'))
    }
  }

  /** A Decryption Secrets Block's content; of a type that is no key log, nothing is taken. */
  addBlock(type: number, bytes: Uint8Array): void {
    if (type === TLS_KEY_LOG) this.add(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1'))
  }

  async addFile(path: string): Promise<void> {
    const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
      throw new Failure(`--keylog ${path}: ${cause.code === 'ENOENT' ? 'no such file' : cause.message}`, {
        exit: EXIT.input,
        next: 'Give the file that the client or server wrote with SSLKEYLOGFILE.',
        cause,
      })
    })
    const before = this.size
    this.add(text)
    if (this.size === before) {
      throw new Failure(`--keylog ${path}: there is no secret in it`, {
        exit: EXIT.input,
        next: 'A key log has lines like CLIENT_RANDOM <client random> <secret>.',
      })
    }
  }

  secret(label: string, clientRandom: string): Uint8Array | undefined {
    return this.#secrets.get(`${label} ${clientRandom}`)
  }
}
