import { Exchange, type ExchangeOptions, type Packet, type Side } from '../../core/index.ts'
import type { Attach } from '../frames.ts'
import { choices } from '../tables.ts'
import { Value } from '../value.ts'
import type { Assembly } from './assembly.ts'
import type { End } from './session.ts'

export interface LinkOptions {
  /** What its session knows it by. */
  readonly key: string
  readonly name: string
  readonly sender: End
  readonly opener: Side
  readonly handle: number
}

/** A unidirectional route for messages, within a session [2.6]. */
export class Link {
  readonly key: string
  readonly name: string
  /** The end of its session that sends over it. */
  readonly sender: End
  /** Who attached first; that side's handle tells it from other links. */
  readonly opener: Side
  readonly handle: number
  /** Where its messages go to, or come from; undefined where each message says so itself. */
  address: string | undefined
  /** The broker made the node that it leads to [3.5.3, 3.5.4]. */
  dynamic = false
  /** It leads to a transaction coordinator: what goes over it is no application's [4.2]. */
  coordinator = false
  /** What levels are told of. */
  subject: string
  /** What attaches say of it, as JSON. */
  details: Readonly<Record<string, unknown>> = {}
  /** Deliveries that its sender began: a serial number [2.6.7]. */
  deliveryCount = 0
  /** How many more its sender may begin; undefined while its receiver has not said. */
  credit: number | undefined
  /** Deliveries that wait to be settled. */
  unsettled = 0
  /** Some of them ended, which is not told yet. */
  changed = false
  /** The delivery that takes several transfers and is not at its end. */
  current: Assembly | undefined
  /** Its opener's attach has the terminus at the other side's end. */
  wanted = false
  /** An answering attach without that terminus: a detach that tells why should follow [2.6.3]. */
  doubtful: { readonly time: number; readonly number: number } | undefined
  answered = false
  /** It was told as attached. */
  told = false
  /** One side has detached it. */
  detaching = false

  constructor({ key, name, sender, opener, handle }: LinkOptions) {
    this.key = key
    this.name = name
    this.sender = sender
    this.opener = opener
    this.handle = handle
    this.subject = `${sender.scope} link=${handle}`
  }

  /** Takes what an attach says. The end that answers has the last word, and gives the address of a node that it made. */
  lead({ source, target, sndSettleMode, rcvSettleMode, role, initialDeliveryCount = 0 }: Attach): void {
    const terminus = this.sender.side === 'client' ? target : source
    if (terminus !== undefined && !(terminus instanceof Value)) {
      if ('type' in terminus && terminus.type === 'coordinator') this.coordinator = true
      if ('address' in terminus && terminus.address !== undefined) this.address = terminus.address
      if ('dynamic' in terminus && terminus.dynamic === true) this.dynamic = true
    }
    if (role === 'sender') this.deliveryCount = initialDeliveryCount
    const words = [`link=${this.handle}`, this.coordinator ? 'coordinator' : this.address]
    this.subject = [this.sender.scope, ...words].filter(word => word !== undefined && word !== '').join(' ')
    this.details = {
      handle: this.handle,
      role: this.sender.side === 'client' ? 'sender' : 'receiver',
      source: addressOf(source) ?? this.details.source,
      target: addressOf(target) ?? this.details.target,
      sndSettleMode: modeOf('sender-settle-mode', sndSettleMode) ?? this.details.sndSettleMode,
      rcvSettleMode: modeOf('receiver-settle-mode', rcvSettleMode) ?? this.details.rcvSettleMode,
    }
  }
}

const modeOf = (type: string, mode: number | undefined): string | undefined =>
  mode === undefined ? undefined : choices[type]?.[mode]

function addressOf(terminus: Attach['source']): string | undefined {
  if (terminus === undefined || terminus instanceof Value) return undefined
  if ('address' in terminus) return terminus.address
  return 'type' in terminus ? terminus.type : undefined
}

/** A transfer that was not sent settled, with its disposition. */
export class Delivery extends Exchange {
  readonly link: Link

  constructor(link: Link, options: ExchangeOptions, packet: Packet, number: number) {
    super(options, packet, number)
    this.link = link
  }
}
