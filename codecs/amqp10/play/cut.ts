import { Deferred, Writer } from '../../core/index.ts'
import type { Context } from '../dialogue.ts'
import type { Transfer } from '../frames.ts'
import { writeMessage } from '../message.ts'
import { writeFrame } from '../write.ts'

/** What a transfer carries, of a message or of a part of one. */
export function payloadOf({ message, payload }: Transfer): Uint8Array {
  if (message === undefined) return payload ?? NOTHING
  if (message instanceof Deferred) return message.bytes.subarray(message.start, message.end)
  const writer = new Writer()
  writeMessage(writer, message)
  return writer.take()
}

/** A transfer in several, of at most so many octets each: no less than 512 [2.6.14, 2.8.19]. */
export function cut(frame: Transfer, payload: Uint8Array, most: number): readonly Transfer[] {
  const { type, channel, handle, settled, more, aborted } = frame
  const first: Transfer = { ...frame, more: true, message: undefined, payload: undefined }
  const room = Math.max(0, most - sizeOf(first))
  if (payload.length <= room) return [{ ...first, more, payload }]
  const later: Transfer = { type, channel, handle, settled, more: true }
  const roomLater = most - sizeOf(later)
  const parts: Transfer[] = [{ ...first, payload: payload.subarray(0, room) }]
  for (let at = room; at < payload.length; at += roomLater) {
    parts.push({ ...later, payload: payload.subarray(at, at + roomLater) })
  }
  const last = parts.pop() as Transfer
  return [...parts, { ...last, more, aborted }]
}

function sizeOf(frame: Transfer): number {
  writeFrame(scratch, frame, ANY)
  const { position } = scratch
  scratch.reset()
  return position
}

const scratch = new Writer(512)
const NOTHING = new Uint8Array(0)
const ANY: Context = { phase: 'amqp', maxFrameSize: undefined, opened: true, continuation: false }
