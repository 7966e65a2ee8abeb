import { Body, Budget } from '../../core/index.ts'
import type { AmqpFrame, ContentHeader, MethodOf } from '../frames.ts'
import { type AmqpAct, headerAct, methodAct, publishAct, type Recorded, settleAct } from './act.ts'

type Settling = MethodOf<'basic.ack' | 'basic.nack' | 'basic.reject'>

/** A message that is being published [4.2.6]. */
interface Publishing {
  readonly frame: MethodOf<'basic.publish'>
  header: ContentHeader | undefined
  readonly body: Body
}

class Channel {
  publishing: Publishing | undefined
  confirming = false
  publishes = 0
  /** What the client has to acknowledge: by tag, where it came from. */
  readonly delivered = new Map<number, string>()
}

/** Bytes of messages that one client publishes and that are not whole yet. */
const MOST_BYTES = 32 << 20

/** What the frames of one client do. */
export class Doing {
  readonly #channels = new Map<number, Channel>()
  readonly #budget = new Budget(MOST_BYTES)
  readonly #recorded: Recorded

  constructor(recorded: Recorded) {
    this.#recorded = recorded
  }

  /** It is to acknowledge this. */
  deliver(channel: number, tag: number, address: string): void {
    this.#channel(channel).delivered.set(tag, address)
  }

  did(frame: AmqpFrame): AmqpAct[] {
    switch (frame.type) {
      case 'protocol-header':
        return [headerAct(frame)]
      case 'heartbeat':
      case 'method':
      case 'channel.close-ok':
      case 'channel.flow-ok':
      case 'connection.close-ok':
      case 'basic.cancel-ok':
        return []
      case 'basic.publish':
        this.#channel(frame.channel).publishing = { frame, header: undefined, body: new Body(this.#budget) }
        return []
      case 'header':
      case 'body':
        return this.#content(frame)
      case 'basic.ack':
      case 'basic.nack':
      case 'basic.reject':
        return this.#settle(frame)
      case 'channel.open':
      case 'channel.close':
        this.close(frame.channel)
        break
      case 'confirm.select':
        this.#channel(frame.channel).confirming = true
        break
      case 'basic.recover':
      case 'basic.recover-async':
        this.#channel(frame.channel).delivered.clear()
        break
    }
    return [methodAct(frame, this.#recorded)]
  }

  /** What is known of the channel means nothing any more. */
  close(number: number): void {
    this.#channels.get(number)?.publishing?.body.drop()
    this.#channels.delete(number)
  }

  #content(frame: AmqpFrame & { readonly type: 'header' | 'body' }): AmqpAct[] {
    const channel = this.#channel(frame.channel)
    const { publishing } = channel
    if (publishing === undefined) return []
    const { body } = publishing
    if (frame.type === 'header') publishing.header = frame
    else body.add(frame.body, frame.body.length, body.size + frame.body.length === this.#sizeOf(publishing))
    const { header } = publishing
    if (header === undefined || body.size < this.#sizeOf(publishing)) return []
    channel.publishing = undefined
    const tag = channel.confirming ? ++channel.publishes : 0
    const content = { properties: header.properties, body: body.finish() }
    return [publishAct(publishing.frame, tag, content, body.size, this.#recorded)]
  }

  #sizeOf({ header }: Publishing): number {
    return Number(header?.bodySize ?? Number.POSITIVE_INFINITY)
  }

  /** All up to a tag, or all there are with 0 [1.8.3.13]. */
  #settle(frame: Settling): AmqpAct[] {
    const { delivered } = this.#channel(frame.channel)
    const last = Number(frame.deliveryTag)
    const multiple = frame.type !== 'basic.reject' && frame.multiple
    const tags = multiple ? [...delivered.keys()].filter(tag => last === 0 || tag <= last) : [last]
    return tags.flatMap(tag => {
      const address = delivered.get(tag)
      delivered.delete(tag)
      return address === undefined ? [] : [settleAct(frame, tag, address)]
    })
  }

  #channel(number: number): Channel {
    let channel = this.#channels.get(number)
    if (channel === undefined) this.#channels.set(number, (channel = new Channel()))
    return channel
  }
}
