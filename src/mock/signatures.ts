import { type Act, type AnyCodec, Recent } from '../../codecs/core/index.ts'
import { genericOf } from '../diff/index.ts'

/** Names that are made up are not that long, in characters. */
const LONG = 1024
/** Texts of a protocol that are remembered. */
const MOST = 8192

/** What acts have in common whose names were made up: `subscribe reply-7f3a91c2` is `subscribe reply-‹…›`. */
export class Signatures {
  /** By protocol, what texts were found to be. */
  readonly #known = new Map<string, Recent<string, string>>()

  of(codec: AnyCodec, { signature }: Act): string {
    return this.generic(codec, signature)
  }

  generic(codec: AnyCodec, text: string): string {
    if (text.length > LONG) return text
    let known = this.#known.get(codec.id)
    if (known === undefined) this.#known.set(codec.id, (known = new Recent(MOST)))
    let name = known.get(text)
    if (name === undefined) {
      name = genericOf(codec).name(text)
      known.set(text, name)
    }
    return name
  }
}
