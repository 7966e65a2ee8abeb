import { type Act, type AnyCodec, Recent } from '../../codecs/core/index.ts'
import { Generic } from '../diff/index.ts'

/** Names that are made up are not that long, in characters. */
const LONG = 1024

/** What acts have in common whose names were made up: `subscribe reply-7f3a91c2` is `subscribe reply-‹…›`. */
export class Signatures {
  readonly #generics = new Map<AnyCodec, Generic>()
  readonly #known = new Recent<string, string>(8192)

  of(codec: AnyCodec, { signature }: Act): string {
    return this.generic(codec, signature)
  }

  generic(codec: AnyCodec, text: string): string {
    if (text.length > LONG) return text
    const known = this.#known.get(text)
    if (known !== undefined) return known
    let generic = this.#generics.get(codec)
    if (generic === undefined) {
      generic = new Generic(codec.comparison)
      this.#generics.set(codec, generic)
    }
    const name = generic.name(text)
    this.#known.set(text, name)
    return name
  }
}
