import { existsSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { Enum, ReflectionObject, Root, Type } from 'protobufjs'
import {
  decodeMessage,
  type MessageField,
  type MessageType,
  type Parameters,
  type PayloadFormat,
  plainText,
  protobuf,
  type Reading,
  type Scalar,
  Unreadable,
} from '../../codecs/payload/index.ts'
import { usage } from '../failure.ts'
import { near } from '../near.ts'

/** Messages that .proto files describe. The language is the library's to read; the bytes are read by codecs/payload. */

type Library = typeof import('protobufjs')

/** `FILE` or `FILE:Type`, the message's name with or without its package. */
export async function loadProto(flags: readonly string[]): Promise<PayloadFormat[]> {
  const library = (await import('protobufjs')).default as unknown as Library
  const all = new Map<string, MessageType>()
  const named: MessageType[] = []
  for (const flag of flags) {
    const { file, name } = split(flag)
    const root = load(library, file)
    const types = new Map<Type, MessageType>()
    const messages = [...messagesOf(library, root)]
    for (const message of messages) all.set(fullName(message), described(library, message, types))
    named.push(...chosen(file, name, messages).map(message => described(library, message, types)))
  }
  return [declared(all, named), ...named.map(guessed)]
}

function split(flag: string): { readonly file: string; readonly name: string | undefined } {
  const [, file = flag, name] = /^(.+):([A-Za-z_][\w.]*)$/.exec(flag) ?? []
  return { file, name }
}

function load(library: Library, file: string): Root {
  const root = new library.Root()
  root.resolvePath = (origin, target) => (origin === '' ? resolve(target) : imported(origin, target))
  try {
    // Synchronously: what cannot be resolved it throws from a callback otherwise.
    return root.loadSync(file, { keepCase: true })
  } catch (error) {
    const { message } = error as Error
    throw usage(`--proto ${file}: ${message}`, 'Give a .proto file; what it imports is looked for beside it and above.')
  }
}

/** Imports are relative to a root that the file does not name: its own folder, or one above. */
function imported(origin: string, target: string): string {
  for (let folder = dirname(origin); ; folder = dirname(folder)) {
    const path = join(folder, target)
    if (existsSync(path)) return path
    if (folder === dirname(folder)) return join(dirname(origin), target)
  }
}

function* messagesOf(library: Library, parent: { readonly nestedArray: ReflectionObject[] }): Generator<Type> {
  for (const child of parent.nestedArray) {
    if (child instanceof library.Type) yield child
    if (child instanceof library.Namespace) yield* messagesOf(library, child)
  }
}

const fullName = (type: ReflectionObject): string => type.fullName.replace(/^\./, '')

/** The message that is named; where none is, the only one that the file itself has at its top. */
function chosen(file: string, name: string | undefined, messages: readonly Type[]): Type[] {
  if (name === undefined) {
    const own = messages.filter(
      ({ filename, parent }) => basename(filename ?? '') === basename(file) && !messages.includes(parent as Type),
    )
    return own.length === 1 ? own : []
  }
  const fitting = messages.filter(type => fullName(type) === name || fullName(type).endsWith(`.${name}`))
  const exact = fitting.find(type => fullName(type) === name) ?? (fitting.length === 1 ? fitting[0] : undefined)
  if (exact !== undefined) return [exact]
  const names = messages.map(fullName)
  const short = messages.map(message => message.name)
  if (fitting.length > 0) {
    throw usage(`--proto ${file}: ${name} may be ${fitting.map(fullName).join(' or ')}`, 'Name it with its package.')
  }
  const [meant] = near(name, [...short, ...names])
  const next = meant === undefined ? `It has ${names.slice(0, 20).join(', ') || 'none'}.` : `Did you mean ${meant}?`
  throw usage(`--proto ${file}: there is no message ${name}`, next)
}

/** Messages hold each other, themselves too: a type is known before its fields are. */
function described(library: Library, message: Type, types: Map<Type, MessageType>): MessageType {
  const known = types.get(message)
  if (known !== undefined) return known
  const fields = new Map<number, MessageField>()
  const type: MessageType = { kind: 'message', name: fullName(message), fields }
  types.set(message, type)
  for (const field of message.fieldsArray) {
    const { id, name, repeated, resolvedType } = field
    fields.set(id, {
      name,
      repeated,
      type:
        resolvedType === null
          ? (field.type as Scalar)
          : resolvedType instanceof library.Enum
            ? enumeration(resolvedType)
            : described(library, resolvedType as Type, types),
      ...(field instanceof library.MapField ? { keys: field.keyType as Scalar } : {}),
    })
  }
  return type
}

/** Of aliases the first. */
function enumeration({ values }: Enum): MessageField['type'] {
  const names = new Map<number, string>()
  for (const [name, code] of Object.entries(values)) if (!names.has(code)) names.set(code, name)
  return { kind: 'enum', values: names }
}

/** For bodies that are said to be Protocol Buffers; the content type may say of which message. */
function declared(all: ReadonlyMap<string, MessageType>, named: readonly MessageType[]): PayloadFormat {
  return {
    ...protobuf,
    decode: (bytes, parameters) => {
      const said = messageSaid(parameters)
      const type = said === undefined ? undefined : all.get(said)
      if (type !== undefined) return reading(bytes, type)
      // The one that knows every field, or else the first, unless it is said to be another.
      const fitting = named.find(type => fits(bytes, type)) ?? (said === undefined ? named[0] : undefined)
      if (fitting !== undefined) return reading(bytes, fitting)
      const trouble =
        said === undefined
          ? 'several messages are described; name one, --proto FILE:Type'
          : `no --proto file has ${said}`
      return { ...protobuf.decode(bytes, parameters), trouble }
    },
  }
}

/** `application/x-protobuf; messageType="demo.Order"`, and other spellings of it. */
function messageSaid({ messagetype, proto, message, type }: Parameters): string | undefined {
  const said = messagetype ?? proto ?? message ?? type
  return said?.slice(said.lastIndexOf('/') + 1)
}

/** For bodies of which nothing is said: what is no text, and of which every field is known. */
function guessed(type: MessageType): PayloadFormat {
  return {
    id: protobuf.id,
    name: protobuf.name,
    contentTypes: [],
    looks: bytes => (plainText(bytes) === undefined ? 0.3 : 0),
    decode: bytes => {
      const { value, unknown } = decodeMessage(bytes, type)
      if (unknown > 0) throw new Unreadable(`fields that ${type.name} does not have`)
      return { value, type: type.name }
    },
  }
}

const reading = (bytes: Uint8Array, type: MessageType): Reading => ({
  value: decodeMessage(bytes, type).value,
  type: type.name,
})

function fits(bytes: Uint8Array, type: MessageType): boolean {
  try {
    return decodeMessage(bytes, type).unknown === 0
  } catch (error) {
    if (error instanceof Unreadable) return false
    throw error
  }
}
