import type { TrafficRule } from '../finding.ts'

/** Bytes that are no frame. */
export const malformed: TrafficRule = {
  id: 'malformed',
  severity: 'warning',
  title: 'Bytes that fit no frame',
  why: 'One of the two does not speak the protocol as the other understands it; the connection usually ends soon after. Or the bytes are not what they were taken for.',
  fix: 'Look at the bytes (--format hex), and at who sent them. If it is another protocol, say so with -d; if bytes are missing from the capture, capture again with a larger buffer (-B).',
  watch: report => ({
    packet: (flow, { kind, length, side }, number) => {
      // What follows a hole, or what a capture began in the middle of, is nobody's mistake.
      if (kind !== 'malformed' || flow.lost > 0 || flow.joined !== 'start') return
      report(flow, `${length} bytes from the ${side} fit no frame of ${flow.codec?.name ?? 'any protocol'}`, [number])
    },
  }),
}

/** The capture is not complete. */
export const captureGap: TrafficRule = {
  id: 'capture-gap',
  severity: 'note',
  title: 'The capture lacks bytes of this connection',
  why: 'What was lost may hold the answer to a request, or half a message: other findings on this connection may say that something is missing only because the capture lacks it.',
  fix: 'Capture with a larger buffer (tcpdump -B 65536), a filter on the port, and full packets (-s 0); on the host itself rather than on a mirrored port; or let mqinspect proxy relay the connection: it misses nothing.',
  watch: report => {
    const first = new WeakMap<object, number>()
    return {
      packet: (flow, { kind }, number) => {
        if (kind === 'gap' && !first.has(flow)) first.set(flow, number)
      },
      closed: flow => {
        const number = first.get(flow)
        // What a carrier could not make out is missing in what it carries, but was captured.
        if (number === undefined || flow.lost === 0) return
        report(flow, `${flow.lost} bytes of this connection were not captured`, [number])
      },
    }
  },
}

const OLD = /^(?:SSL|TLS 1\.[01]\b)/

/** TLS that is no longer to be relied on. */
export const oldTls: TrafficRule = {
  id: 'tls-old',
  severity: 'warning',
  title: 'TLS older than 1.2',
  why: 'TLS 1.0 and 1.1 are deprecated (RFC 8996): their hashes are broken, and brokers and clients drop them one after the other, so that the connection stops working with some upgrade.',
  fix: 'Allow TLS 1.2 and 1.3 on both sides: ssl_options.versions in RabbitMQ, tls_version in Mosquitto, transport.enabledProtocols in ActiveMQ; update the client’s TLS library.',
  watch: report => {
    const told = new WeakSet<object>()
    return {
      closed: flow => {
        const old = flow.carriers.find(({ name }) => OLD.test(name))
        if (old === undefined || told.has(flow)) return
        told.add(flow)
        report(flow, `the connection is carried by ${old.name}`, [])
      },
    }
  },
}
