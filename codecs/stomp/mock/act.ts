import { type Act, fnv } from '../../core/index.ts'
import type { CommandFrame, StompFrame } from '../frames.ts'
import { isMasked } from '../play/connect.ts'

/** An ACK or NACK is as many acts as it settles deliveries: another client may settle them one by one. */
export interface StompAct extends Act {
  readonly frame: CommandFrame
}

/** A destination as the recording has it, for one of now. */
export type Recorded = (destination: string) => string

export interface Subscription {
  /** Its `id`; in STOMP 1.0, where it may have none, its destination. */
  readonly key: string
  readonly mode: string
  /** What waits to be acknowledged, in its order: by what names it, where it came from. */
  readonly unsettled: Map<string, string>
}

/** Subscriptions of a client, and what is not settled of one: what is beyond is not known any more. */
const MOST_SUBSCRIPTIONS = 4096
const MOST_UNSETTLED = 65_536

/** What the frames of one client do. */
export class Doing {
  readonly #recorded: Recorded
  readonly #subscriptions = new Map<string, Subscription & { readonly act: StompAct }>()

  constructor(recorded: Recorded) {
    this.#recorded = recorded
  }

  /** By its `id`, or by its destination. */
  subscription(key: string): (Subscription & { readonly act: StompAct }) | undefined {
    return this.#subscriptions.get(key)
  }

  did(frame: StompFrame): StompAct[] {
    if (frame.type === 'heartbeat') return []
    const command = frame as CommandFrame
    switch (command.type) {
      case 'CONNECT':
      case 'STOMP':
        return [connecting(command)]
      case 'SUBSCRIBE':
        return [this.#subscribing(command)]
      case 'UNSUBSCRIBE':
        return [this.#unsubscribing(command)]
      case 'ACK':
      case 'NACK':
        return this.#settling(command)
      case 'SEND':
        return [this.#sending(command)]
      case 'DISCONNECT':
        return [{ frame: command, type: 'DISCONNECT', signature: 'DISCONNECT', detail: '', farewell: true }]
      default:
        return [this.#other(command)]
    }
  }

  /** A MESSAGE, which is to be acknowledged by either name. */
  deliver({ subscription: key, destination = '', ack, messageId }: CommandFrame): void {
    const subscription = this.#subscriptions.get(key ?? destination)
    const name = ack ?? messageId
    if (subscription === undefined || subscription.mode === 'auto' || name === undefined) return
    if (subscription.unsettled.size < MOST_UNSETTLED) subscription.unsettled.set(name, destination)
  }

  #subscribing(frame: CommandFrame): StompAct {
    const { id, destination: address = '', ack: mode = 'auto' } = frame
    const destination = this.#recorded(address)
    const signature = `SUBSCRIBE${asking(frame)} ${destination}`
    const act: StompAct = { frame, type: 'SUBSCRIBE', address, signature, detail: `${destination} ${mode}` }
    const key = id ?? address
    if (this.#subscriptions.size < MOST_SUBSCRIPTIONS) {
      this.#subscriptions.set(key, { key, mode, act, unsettled: new Map() })
    }
    return act
  }

  #unsubscribing(frame: CommandFrame): StompAct {
    const key = frame.id ?? frame.destination ?? ''
    const address = this.#subscriptions.get(key)?.act.address ?? frame.destination ?? ''
    this.#subscriptions.delete(key)
    const destination = this.#recorded(address)
    const signature = `UNSUBSCRIBE${asking(frame)} ${destination}`
    return { frame, type: 'UNSUBSCRIBE', address, signature, detail: destination }
  }

  #sending(frame: CommandFrame): StompAct {
    const { destination: address = '', transaction, body } = frame
    const destination = this.#recorded(address)
    const signature = `SEND${asking(frame)}${transaction === undefined ? '' : ' in a transaction'} ${destination}`
    return { frame, type: 'SEND', address, signature, detail: contentOf(destination, body) }
  }

  /** In mode `client` all that came before, too [STOMP 1.2, SUBSCRIBE ack Header]. The last one is it that was named. */
  #settling(frame: CommandFrame): StompAct[] {
    const { type, id, messageId } = frame
    for (const { mode, unsettled } of this.#subscriptions.values()) {
      const name = [id, messageId].find(each => each !== undefined && unsettled.has(each))
      if (name === undefined) continue
      const names = mode === 'client' ? upTo(unsettled, name) : [name]
      return names.map(each => {
        const address = unsettled.get(each) ?? ''
        unsettled.delete(each)
        const destination = this.#recorded(address)
        return { frame, type, address, signature: `${type} ${destination}`, detail: destination }
      })
    }
    return [{ frame, type, signature: `${type} of nothing`, detail: '' }]
  }

  #other(frame: CommandFrame): StompAct {
    const { type } = frame
    return { frame, type, signature: `${type}${asking(frame)}`, detail: '' }
  }
}

function connecting(frame: CommandFrame): StompAct {
  const { login, passcode, host, headers, acceptVersion = '1.0' } = frame
  const clientId = headers.get('client-id')
  const known = passcode !== undefined && !isMasked(passcode)
  return {
    frame,
    type: 'CONNECT',
    address: host,
    signature: 'CONNECT',
    detail: '',
    likeness: {
      ...(clientId === undefined ? {} : { clientId }),
      ...(login === undefined ? {} : { user: login }),
      ...(known ? { password: String(fnv(new TextEncoder().encode(passcode))) } : {}),
      ...(host === undefined ? {} : { virtualHost: host }),
      version: acceptVersion,
    },
  }
}

/** What is answered by a RECEIPT, or not. */
const asking = ({ receipt }: CommandFrame): string => (receipt === undefined ? '' : ' with a receipt')

function upTo(unsettled: ReadonlyMap<string, string>, last: string): string[] {
  const names = [...unsettled.keys()]
  return names.slice(0, names.indexOf(last) + 1)
}

/** Tells a message from others: where it goes, and what it holds. */
export const contentOf = (destination: string, body = NOTHING): string => `${destination} ${body.length} ${fnv(body)}`

const NOTHING: Uint8Array = new Uint8Array(0)
