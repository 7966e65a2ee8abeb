import { type Act, type AnyCodec, Recent } from '../../codecs/core/index.ts'
import { Generic } from '../diff/index.ts'

/** Names that are made up are not that long, in characters. */
const LONG = 1024
/** Texts of a protocol that are remembered. */
const MOST = 8192

interface Known {
  readonly generic: Generic
  readonly names: Recent<string, string>
}

/** What acts have in common whose names were made up: `subscribe reply-7f3a91c2` is `subscribe reply-‹…›`. */
export class Signatures {
  /** By protocol. */
  readonly #known = new Map<string, Known>()

  of(codec: AnyCodec, { signature }: Act): string {
    return this.generic(codec, signature)
  }

  generic(codec: AnyCodec, text: string): string {
    if (text.length > LONG) return text
    const { generic, names } = this.#of(codec)
    let name = names.get(text)
    if (name === undefined) {
      name = generic.name(text)
      names.set(text, name)
    }
    return name
  }

  #of({ id, comparison }: AnyCodec): Known {
    let known = this.#known.get(id)
    if (known === undefined) {
      known = { generic: new Generic(comparison), names: new Recent(MOST) }
      this.#known.set(id, known)
    }
    return known
  }
}
