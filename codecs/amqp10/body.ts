import type { Deferred } from '../core/index.ts'
import type { Composite, Header, Properties } from './frames.ts'
import { type AmqpMap, Scalar, type Value } from './value.ts'

/** A message as it stands in transfers [3.2]: the bare message, and what is annotated around it. */
export interface Message {
  readonly header?: Header | undefined
  readonly deliveryAnnotations?: AmqpMap | undefined
  readonly messageAnnotations?: AmqpMap | undefined
  readonly properties?: Properties | undefined
  readonly applicationProperties?: AmqpMap | undefined
  readonly body?: Body | undefined
  readonly footer?: AmqpMap | undefined
}

export type BodyKind = 'data' | 'amqpSequence' | 'amqpValue'

/** One or more data sections, one or more sequences, or one value. */
export class Body {
  readonly kind: BodyKind
  readonly sections: readonly (Value | Composite)[]

  constructor(kind: BodyKind, sections: readonly (Value | Composite)[]) {
    this.kind = kind
    this.sections = sections
  }

  static data(...parts: readonly Uint8Array[]): Body {
    return new Body(
      'data',
      parts.map(part => Scalar.of('binary', part)),
    )
  }

  toJSON(): unknown {
    return this.sections.length === 1 ? this.sections[0] : this.sections
  }
}

/** A message that stands whole in one transfer, taken apart when first asked for. */
export type Payload = Deferred<Message>
