import { type AnyCodec, type Driver, Outbox, type Packet, type Plate } from '../../codecs/core/index.ts'
import { ScramKeys } from '../../src/scram.ts'

/** Publishes to, consumes and asks `q`, and does what a client does with all that it hears: what hears for it. */
export function driven(codec: AnyCodec): (packet: Packet) => void {
  const outbox = new Outbox(undefined, codec.transport !== 'stream')
  let isReady = false
  let plate: Plate | undefined
  let deliveries = 0
  let time = 0
  const driver: Driver | undefined = codec.drive?.open({
    clientId: 'c',
    host: 'localhost',
    keepAlive: 10,
    publishes: true,
    destinations: ['q'],
    inFlight: 8,
    sources: ['q'],
    requests: true,
    credit: 10,
    settles: true,
    tellsMade: true,
    removes: [],
    settings: {},
    scram: new ScramKeys(),
    outbox,
    listener: {
      ready: () => (isReady = true),
      delivered: ({ id, bytes, start, end, size }) => {
        if (start > end || end > bytes.length || size < end - start) {
          throw new Error(`a body of ${size} bytes at ${start} to ${end} of ${bytes.length}`)
        }
        if (id >= 0) driver?.settle(id, deliveries % 5 === 0 ? 'reject' : 'accept', deliveries++ % 3 === 0)
      },
      answered: () => {},
      empty: () => {},
      made: () => {},
      removed: () => {},
      returned: () => {},
      blocked: () => {},
      unblocked: () => {},
      failed: () => {},
      left: () => {},
      wrote: () => {},
    },
  })
  driver?.start()
  return packet => {
    if (driver === undefined) return
    driver.hear(packet)
    driver.tick?.((time += 100))
    if (isReady && driver.room > 0) {
      plate ??= driver.plate({ destination: 'q', body: new Uint8Array(32), replyTo: driver.replyTo })
      driver.publish(plate)
    }
    outbox.ends?.splice(0)
    outbox.reuse(outbox.take())
  }
}
