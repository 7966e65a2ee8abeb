import type { AnyCodec } from '../../codecs/core/index.ts'
import { bySide, constant, count, number, objectSchema, rate, type Schema, side, text, time } from './schema-terms.ts'

/** Lines of the views that are not frames. */

const DISTRIBUTION = { mean: count, p50: count, p90: count, p99: count, p999: count, max: count }

const carrier = objectSchema(
  { name: text },
  { subprotocol: text, serverName: text, cipher: text, encrypted: { type: 'boolean' }, opaque: text, fault: text },
)

const numbers: Schema = { type: 'array', items: number }

export function messageLine(codecs: readonly AnyCodec[]): Schema {
  return {
    title: 'An application message (--view messages)',
    ...objectSchema(
      {
        message: number,
        flow: number,
        time,
        protocol: known(codecs),
        from: side,
        direction: { enum: ['publish', 'deliver'] },
        destination: { type: 'object' },
        properties: { type: 'object' },
        size: count,
        body: { description: 'What the body holds: text, a JSON value, or bytes.' },
        frames: numbers,
      },
      {
        address: text,
        contentType: text,
        payload: objectSchema(
          { format: text },
          { encodings: { type: 'array', items: text }, trouble: text, truncated: { const: true } },
        ),
        whole: { const: false },
      },
    ),
  }
}

export function exchangeLine(codecs: readonly AnyCodec[]): Schema {
  const answered = { reply: number, elapsedUs: count, ok: { type: 'boolean' } }
  const open = { reply: { const: null }, openUs: count }
  const step = objectSchema({ type: text, frame: number, elapsedUs: count })
  const both = {
    exchange: number,
    flow: number,
    time,
    protocol: known(codecs),
    from: side,
    kind: text,
    key: text,
    request: number,
  }
  const optional = { address: text, outcome: text, steps: { type: 'array', items: step, minItems: 1 } }
  return {
    title: 'A request with its answer (--view exchanges), or without one so far',
    anyOf: [objectSchema({ ...both, ...answered }, optional), objectSchema({ ...both, ...open }, optional)],
  }
}

export function findingLine(codecs: readonly AnyCodec[]): Schema {
  return {
    title: 'A diagnosis (--view findings)',
    ...objectSchema({
      finding: text,
      severity: { enum: ['error', 'warning', 'note'] },
      flow: number,
      time,
      protocol: protocols(codecs),
      frames: numbers,
      message: text,
      why: text,
      fix: text,
    }),
  }
}

export function levelLine(codecs: readonly AnyCodec[]): Schema {
  return {
    title: 'A level that changed (--view levels)',
    ...objectSchema({
      level: text,
      subject: text,
      value: { type: 'integer' },
      frame: number,
      flow: number,
      time,
      protocol: known(codecs),
    }),
  }
}

const known = (codecs: readonly AnyCodec[]): Schema => ({ enum: [...new Set(codecs.map(({ id }) => id))] })

export function flowLine(): Schema {
  return {
    title: 'A connection (--view flows)',
    ...objectSchema(
      {
        flow: number,
        protocol: text,
        client: text,
        server: text,
        start: time,
        end: time,
        durationUs: count,
        frames: bySide,
        bytes: bySide,
        malformed: count,
        lost: count,
        ending: { enum: ['fin', 'reset', 'lost', 'open'] },
      },
      {
        carriers: { type: 'array', items: carrier, minItems: 1 },
        product: text,
        serverProduct: text,
        protocolVersion: text,
        clientId: text,
        user: text,
        virtualHost: text,
      },
    ),
  }
}

export function statLines(codecs: readonly AnyCodec[]): Schema[] {
  const counts = { frames: bySide, bytes: bySide }
  const rates = { framesPerSecond: rate, bytesPerSecond: rate }
  const totals = { flows: count, malformed: count, lost: count }
  const stat = (name: string, required: Record<string, Schema>, optional: Record<string, Schema> = {}): Schema => ({
    title: `Statistics, ${name} (--view stats)`,
    ...objectSchema({ stat: constant(name), ...required, ...counts }, { ...optional, ...rates }),
  })
  const protocol = protocols(codecs)
  return [
    stat('total', totals, { start: time, end: time }),
    // Of a carrier that could not be looked into, its own name.
    stat('protocol', { protocol: text, ...totals }),
    stat('type', { protocol, type: text }),
    stat('destination', { protocol, destination: text }),
    stat('other-destinations', { protocol }),
    stat('flow', { flow: number, protocol: text, client: text, server: text }, { product: text }),
    {
      title: 'Statistics, sizes of messages in bytes (--view stats)',
      ...objectSchema({ stat: constant('message-size'), protocol, direction: text, count, ...DISTRIBUTION }),
    },
    ...['latency', 'destination-latency', 'flow-latency'].map(name => ({
      title: `Statistics, ${name} of exchanges (--view stats)`,
      ...objectSchema(
        {
          stat: constant(name),
          protocol,
          kind: text,
          ...(name === 'destination-latency' ? { destination: text } : {}),
          ...(name === 'flow-latency' ? { flow: number } : {}),
          count,
          failed: count,
          open: count,
        },
        { meanUs: count, p50Us: count, p90Us: count, p99Us: count, p999Us: count, maxUs: count },
      ),
    })),
  ]
}

const protocols = (codecs: readonly AnyCodec[]): Schema => ({ enum: [...codecs.map(({ id }) => id), 'unknown'] })
