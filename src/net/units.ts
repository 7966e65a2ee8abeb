import { Duplex } from 'node:stream'

/** What keeps units apart: each write is one, and each chunk that is read. */
export abstract class Units extends Duplex {
  constructor() {
    // As objects they are not put together; one that nobody has taken is enough to stop the source.
    super({ readableObjectMode: true, readableHighWaterMark: 1 })
    this.on('error', () => {})
  }
}
