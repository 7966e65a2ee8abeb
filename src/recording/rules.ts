import type { AnyCodec, FieldKind, FieldShape } from '../../codecs/core/index.ts'
import { usage } from '../failure.ts'
import { near } from '../near.ts'
import type { Pattern } from './matching.ts'

/** How a value is overwritten: `keep-length` with letters x, `hash` with a keyed hash, so that equal values stay equal. */
const REDACTIONS = ['keep-length', 'hash'] as const
export type Redaction = (typeof REDACTIONS)[number]

/** `mqtt.payload`, `amqp091.properties.headers.authorization=hash`, `message.body`; a step `*` stands for any name. */
export interface RedactRule {
  readonly path: readonly string[]
  readonly redaction: Redaction
}

/** Stands for the fields of every protocol that hold what applications sent. */
const BODY = ['message', 'body']
const ANY = '*'

export function parseRedactRule(text: string, codecs: readonly AnyCodec[]): RedactRule {
  const [path = '', redaction = 'keep-length', ...more] = text.trim().split('=')
  const steps = path.split('.')
  if (steps.length < 2 || steps.includes('') || more.length > 0) {
    throw usage(`--redact ${text}: not a path`, 'Write message.body, mqtt.payload or amqp091.properties.headers.*')
  }
  if (!isRedaction(redaction)) {
    throw usage(
      `--redact ${text}: ${redaction} is no way to overwrite`,
      `Write ${REDACTIONS.join(' or ')} after the =.`,
    )
  }
  const rule: RedactRule = { path: steps, redaction }
  check(rule, text, codecs)
  return rule
}

const isRedaction = (text: string): text is Redaction => REDACTIONS.some(name => name === text)

/** What a rule means in the field trees of one type of frame. */
export function patternsOf({ path, redaction }: RedactRule, codec: AnyCodec, type: string): Pattern[] {
  const [protocol = '', ...steps] = path
  const shape = Object.hasOwn(codec.frames, type) ? codec.frames[type] : codec.unlisted
  if (shape === undefined) return []
  if (isBody(path)) return bodies(shape.fields, []).map(found => ({ path: found, redaction }))
  if (protocol !== ANY && protocol !== codec.id) return []
  return [...found(shape.fields, steps, [])]
    .filter(({ kind }) => !FIXED.has(kind))
    .map(at => ({ path: at.path, redaction }))
}

const isBody = (path: readonly string[]): boolean => path.join('.') === BODY.join('.')

type Shapes = Readonly<Record<string, FieldShape>>

/** Overwriting these would say something else, and may keep the frame from being read. */
const FIXED: ReadonlySet<FieldKind> = new Set(['uint', 'int', 'long', 'float', 'boolean', 'time'])

interface Found {
  readonly path: readonly string[]
  readonly kind: FieldKind
}

/** Where the fields at the end of a path stand in the field tree. */
function* found(shapes: Shapes, steps: readonly string[], before: readonly string[]): Iterable<Found> {
  const [wanted, ...rest] = steps
  for (const [name, shape] of Object.entries(shapes)) {
    if (wanted !== ANY && wanted !== name) continue
    for (const path of placesOf(name, shape, before)) {
      if (rest.length === 0) yield { path, kind: shape.kind }
      else {
        if (shape.fields !== undefined) yield* found(shape.fields, rest, path)
        if (!FIXED.has(shape.kind) && !isListed(shape, rest)) yield { path: [...path, ...rest], kind: 'any' }
      }
    }
  }
}

const isListed = ({ fields }: FieldShape, [next = '']: readonly string[]): boolean =>
  fields !== undefined && Object.hasOwn(fields, next)

const placesOf = (name: string, { at }: FieldShape, before: readonly string[]): readonly (readonly string[])[] =>
  at?.map(path => path.split('.')) ?? [[...before, name]]

function bodies(shapes: Shapes, before: readonly string[]): (readonly string[])[] {
  return Object.entries(shapes).flatMap(([name, shape]) => {
    const places = placesOf(name, shape, before)
    if (shape.body === true) return places
    return shape.fields === undefined ? [] : places.flatMap(path => bodies(shape.fields as Shapes, path))
  })
}

function check({ path }: RedactRule, text: string, codecs: readonly AnyCodec[]): void {
  const [protocol = '', ...steps] = path
  if (isBody(path)) return
  const own = codecs.filter(({ id }) => protocol === ANY || id === protocol)
  if (own.length === 0) {
    const ids = [...new Set(codecs.map(({ id }) => id))]
    const [meant] = near(protocol, [...ids, 'message'])
    const hint = meant === undefined ? '' : `Did you mean ${meant}? `
    throw usage(
      `--redact ${text}: no protocol is called ${protocol}`,
      `${hint}Protocols: ${ids.join(', ')}; or message.body.`,
    )
  }
  const shapes = own.flatMap(({ frames, unlisted }) => [...Object.values(frames), ...(unlisted ? [unlisted] : [])])
  const all = shapes.flatMap(shape => [...found((shape as { fields: Shapes }).fields, steps, [])])
  if (all.length === 0) {
    const names = [...new Set(shapes.flatMap(shape => Object.keys((shape as { fields: Shapes }).fields)))]
    const [meant] = near(steps[0] ?? '', names)
    const hint = meant === undefined ? `Fields: ${names.join(', ')}.` : `Did you mean ${protocol}.${meant}?`
    throw usage(`--redact ${text}: ${protocol} has no such field`, hint)
  }
  if (all.every(({ kind }) => FIXED.has(kind))) {
    throw usage(
      `--redact ${text}: a ${all[0]?.kind} is not overwritten`,
      'Only texts, bytes and what holds such can be.',
    )
  }
}
