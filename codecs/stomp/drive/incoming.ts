import { indexOf, type Packet } from '../../core/index.ts'
import { CR, commandLine, LF } from '../layout.ts'

const ascii = (text: string): Uint8Array => Uint8Array.from(text, letter => letter.charCodeAt(0))

const names = {
  ack: ascii('ack:'),
  messageId: ascii('message-id:'),
  redelivered: ascii('redelivered:true'),
  replyTo: ascii('reply-to:'),
  subscription: ascii('subscription:'),
}

const [A, M, R, S] = ascii('amrs') as unknown as [number, number, number, number]

/** Where in a MESSAGE things stand that matter to whoever gets it; found in one pass, without a string. A start of 0: not there. */
export class Incoming {
  bodyAt = 0
  ackAt = 0
  ackEnd = 0
  messageIdAt = 0
  messageIdEnd = 0
  subscriptionAt = 0
  subscriptionEnd = 0
  replyToAt = 0
  replyToEnd = 0
  redelivered = false

  /** Of repeated headers the first counts [STOMP 1.2, Repeated Header Entries]. */
  look({ buffer, start, end }: Packet): void {
    this.ackAt = 0
    this.messageIdAt = 0
    this.subscriptionAt = 0
    this.replyToAt = 0
    this.redelivered = false
    let line = commandLine(buffer, start, end) + 1
    for (;;) {
      const lineFeed = indexOf(buffer, LF, line, end)
      if (lineFeed < 0) break
      const stop = lineFeed > line && buffer[lineFeed - 1] === CR ? lineFeed - 1 : lineFeed
      if (stop === line) {
        this.bodyAt = lineFeed + 1
        return
      }
      this.#header(buffer, line, stop)
      line = lineFeed + 1
    }
    // Cut within its headers.
    this.bodyAt = end
  }

  #header(bytes: Uint8Array, line: number, stop: number): void {
    switch (bytes[line]) {
      case A:
        if (this.ackAt === 0 && begins(bytes, line, stop, names.ack)) {
          this.ackAt = line + names.ack.length
          this.ackEnd = stop
        }
        break
      case M:
        if (this.messageIdAt === 0 && begins(bytes, line, stop, names.messageId)) {
          this.messageIdAt = line + names.messageId.length
          this.messageIdEnd = stop
        }
        break
      case S:
        if (this.subscriptionAt === 0 && begins(bytes, line, stop, names.subscription)) {
          this.subscriptionAt = line + names.subscription.length
          this.subscriptionEnd = stop
        }
        break
      case R:
        if (begins(bytes, line, stop, names.redelivered)) this.redelivered = true
        else if (this.replyToAt === 0 && begins(bytes, line, stop, names.replyTo)) {
          this.replyToAt = line + names.replyTo.length
          this.replyToEnd = stop
        }
        break
    }
  }
}

function begins(bytes: Uint8Array, start: number, end: number, word: Uint8Array): boolean {
  if (start + word.length > end) return false
  for (let at = 0; at < word.length; at++) if (bytes[start + at] !== word[at]) return false
  return true
}
