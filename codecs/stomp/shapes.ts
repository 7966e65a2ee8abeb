import type { FieldShape, FrameShape } from '../core/index.ts'
import { type Command, commands, definitions, type StandardField, standard } from './tables.ts'

const content: FieldShape = { kind: 'bytes', body: true }
const crlf: FieldShape = { kind: 'boolean', optional: true }
const headers: Readonly<Record<string, FieldShape>> = {
  headers: { kind: 'object' },
  repeatedHeaders: { kind: 'list', optional: true },
}

function shapeOf(command: Command): FrameShape {
  const { section, fields, body = false, facts = false } = definitions[command]
  return {
    section: section ?? command,
    fields: {
      ...fieldShapes(fields),
      ...headers,
      body: body ? content : { ...content, optional: true },
      crlf,
    },
    ...(facts ? { facts } : {}),
  }
}

const fieldShapes = (fields: readonly StandardField[]): Record<string, FieldShape> =>
  Object.fromEntries(
    fields.map(field => [field, { ...standard[field].shape, at: [`headers.${standard[field].header}`] }]),
  )

export const shapes: Readonly<Record<Command | 'heartbeat', FrameShape>> = {
  ...(Object.fromEntries(commands.map(command => [command, shapeOf(command)])) as Record<Command, FrameShape>),
  heartbeat: { section: 'Heart-beating', fields: { crlf } },
}

/** Of a command that nobody has specified, the headers tell what there is. */
export const unlisted: FrameShape = {
  section: 'STOMP Frames',
  fields: { ...headers, body: { ...content, optional: true }, crlf },
}
