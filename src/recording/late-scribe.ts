import type { Packet } from '../../codecs/core/index.ts'
import type { Flow } from '../flow.ts'
import { knownOf, placeOf, type RecordedOptions } from './policy.ts'
import type { Scribe } from './target.ts'

/** Begun when the first of a flow is written, with what is known of it by then. Comments that come before wait. */
export class LateScribe {
  readonly #begin: RecordedOptions['begin']
  #begun: Scribe | undefined
  #comments: Parameters<Scribe['comment']>[] = []

  constructor(begin: RecordedOptions['begin']) {
    this.#begin = begin
  }

  for(flow: Flow | undefined): Scribe {
    if (this.#begun === undefined) {
      this.#begun = this.#begin(knownOf(flow))
      for (const comment of this.#comments) this.#begun.comment(...comment)
      this.#comments = []
    }
    return this.#begun
  }

  /** See RecordedSink. */
  comment(flow: Flow | undefined, packet: Packet | undefined, text: string): void {
    const place = placeOf(flow, packet)
    if (this.#begun === undefined) this.#comments.push([...place, text])
    else this.#begun.comment(...place, text)
  }
}
