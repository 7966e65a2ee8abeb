import type { Writer } from '../../core/index.ts'
import type { Frame } from './frames.ts'
import { unmask } from './read.ts'
import { opcodes } from './tables.ts'

export function write(writer: Writer, frame: Frame): void {
  if (frame.type === 'http-request' || frame.type === 'http-response') {
    writer.text(`${frame.startLine}\r\n`)
    for (const { name, value } of frame.headers) writer.text(`${name}: ${value}\r\n`)
    writer.text('\r\n')
    writer.raw(frame.body)
    return
  }
  const { length } = frame.payload
  const flags = (frame.fin ? 0x80 : 0) | (frame.rsv1 ? 0x40 : 0) | (frame.rsv2 ? 0x20 : 0) | (frame.rsv3 ? 0x10 : 0)
  const mask = frame.maskingKey === undefined ? 0 : 0x80
  writer.u8(flags | (opcodes.code(frame.type) ?? 0))
  if (length < 126) writer.u8(mask | length)
  else if (length <= 0xffff) {
    writer.u8(mask | 126)
    writer.u16(length)
  } else {
    writer.u8(mask | 127)
    writer.u64(length)
  }
  if (frame.maskingKey !== undefined) writer.raw(frame.maskingKey)
  writer.raw(unmask(frame.payload, frame.maskingKey))
}
