import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Body, loadPayloads, type Payload } from '../../src/payload/index.ts'

export const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
export const base64 = (body: Uint8Array): object => ({ base64: Buffer.from(body).toString('base64') })

const standard = await loadPayloads()

/** A body without a schema. */
export const decode = (body: Uint8Array, about: Omit<Body, 'bytes'> = {}): Payload =>
  standard.decode({ bytes: body, ...about })

/** Files in a folder that goes with the test; gives the path of one. */
export function files(contents: Readonly<Record<string, string>>): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'payload-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [name, content] of Object.entries(contents)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  return name => join(folder, name)
}
