import { createHash } from 'node:crypto'
import type { Message } from '../../codecs/core/index.ts'
import { type Part, relate, type Script, type ScriptLine } from './script.ts'

/** Bodies that are too short to be told apart by themselves, in bytes. */
const SHORT = 8

/** What of the recording's messages brought about which deliveries: found by content, and by what replies refer to. */
export class Links {
  readonly #published = new Map<string, Part[]>()
  /** How many with this content a connection was delivered so far. */
  readonly #delivered = new Map<Script, Map<string, number>>()
  /** By connection, what replies may refer to. */
  readonly #requests = new Map<Script, Map<string, Part>>()

  published(part: Part, message: Message): void {
    for (const key of keysOf(message)) {
      const list = this.#published.get(key)
      if (list === undefined) this.#published.set(key, [part])
      else list.push(part)
    }
    for (const id of [message.correlationId, message.id]) {
      if (id === undefined) continue
      const requests = this.#requests.get(part.script) ?? new Map<string, Part>()
      requests.set(id, part)
      this.#requests.set(part.script, requests)
    }
  }

  /** Says of `line` what must have been done before it. */
  delivered(line: ScriptLine, message: Message): void {
    const cause = this.#cause(line.script, message)
    line.echo = cause
    if (cause !== undefined) cause.echoed = true
    if (line.kind === 'answer') return
    const { correlationId } = message
    const request = correlationId === undefined ? undefined : this.#requests.get(line.script)?.get(correlationId)
    if (cause !== undefined && cause.script !== line.script) {
      line.cause = cause
      relate(cause, 'elsewhere', line)
    } else if (cause !== undefined) after(line, cause)
    if (request !== undefined) after(line, request)
  }

  /** The n-th of its content that was published is the n-th that was delivered. */
  #cause(script: Script, message: Message): Part | undefined {
    for (const key of keysOf(message)) {
      const list = this.#published.get(key)
      if (list === undefined) continue
      const counts = this.#delivered.get(script) ?? new Map<string, number>()
      this.#delivered.set(script, counts)
      const count = counts.get(key) ?? 0
      counts.set(key, count + 1)
      return list[Math.min(count, list.length - 1)]
    }
    return undefined
  }
}

function after(line: ScriptLine, part: Part): void {
  if (line.after.includes(part)) return
  line.after = [...line.after, part]
  relate(part, 'events', line)
}

/** The same at the same address, then the same anywhere. */
function keysOf({ address = '', body, size }: Message): string[] {
  const content = `${size} ${createHash('sha1').update(body).digest('base64')}`
  return size < SHORT ? [`${address}\n${content}`] : [`${address}\n${content}`, content]
}
