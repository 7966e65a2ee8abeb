/** Sequence numbers of one page. */
const PAGE = 65_536
interface Page {
  bits: Uint8Array
  left: number
}

/** A page of which all came. */
const FULL = new Uint8Array(0)

/** Which messages of one stream came to one subscription: a bit each, of pages that not all of came. */
export class Receipts {
  /** Different ones. */
  count = 0
  duplicates = 0
  /** As far as there is something on them. */
  readonly #pages: (Page | undefined)[] = []

  /** False where it came before. */
  note(sequence: number): boolean {
    const page = this.#page(Math.floor(sequence / PAGE))
    if (page.bits === FULL) {
      this.duplicates++
      return false
    }
    const at = (sequence % PAGE) >> 3
    const bit = 1 << (sequence & 7)
    const bits = page.bits[at] as number
    if ((bits & bit) !== 0) {
      this.duplicates++
      return false
    }
    page.bits[at] = bits | bit
    this.count++
    if (--page.left === 0) page.bits = FULL
    return true
  }

  /** What another part of the same subscription got. */
  add(other: Receipts): void {
    this.duplicates += other.duplicates
    for (const [number, theirs] of other.#pages.entries()) {
      if (theirs === undefined) continue
      const { bits, left } = theirs
      const page = this.#page(number)
      if (page.left === PAGE) {
        this.count += PAGE - left
        page.bits = bits === FULL ? FULL : bits.slice()
        page.left = left
      } else this.#merge(page, bits)
    }
  }

  /** Up to `most` of the sequence numbers below `end` that did not come, and how many those are in all. */
  missing(end: number, most: number): { readonly count: number; readonly first: number[] } {
    const first: number[] = []
    let came = 0
    for (let number = 0; number * PAGE < end; number++) {
      const { bits = NONE } = this.#pages[number] ?? {}
      const until = Math.min(PAGE, end - number * PAGE)
      if (bits === FULL) {
        came += until
        continue
      }
      for (let at = 0; at < until; at++) {
        if (((bits[at >> 3] as number) & (1 << (at & 7))) !== 0) came++
        else if (first.length < most) first.push(number * PAGE + at)
      }
    }
    return { count: end - came, first }
  }

  /** One more than the highest of the sequence numbers that came. */
  get end(): number {
    const page = this.#pages.findLastIndex(each => each !== undefined)
    if (page < 0) return 0
    const { bits } = this.#pages[page] as Page
    const last = bits === FULL ? PAGE / 8 - 1 : bits.findLastIndex(byte => byte !== 0)
    const byte = bits === FULL ? 0xff : (bits[last] ?? 0)
    return page * PAGE + last * 8 + 32 - Math.clz32(byte)
  }

  /** As it travels: pages of bits, `true` for a full one, `false` for an empty one. */
  get portable(): PortableReceipts {
    return {
      count: this.count,
      duplicates: this.duplicates,
      pages: Array.from(this.#pages, page => (page === undefined ? false : page.bits === FULL ? true : page.bits)),
    }
  }

  static of({ count, duplicates, pages }: PortableReceipts): Receipts {
    const receipts = new Receipts()
    receipts.count = count
    receipts.duplicates = duplicates
    for (const bits of pages) {
      if (bits === false) receipts.#pages.push(undefined)
      else receipts.#pages.push(bits === true ? { bits: FULL, left: 0 } : { bits, left: PAGE - ones(bits) })
    }
    return receipts
  }

  #merge(page: Page, bits: Uint8Array): void {
    for (let at = 0; at < PAGE / 8; at++) {
      const mine = page.bits === FULL ? 0xff : (page.bits[at] as number)
      const theirs = bits === FULL ? 0xff : (bits[at] as number)
      this.duplicates += bitsOf(mine & theirs)
      const added = bitsOf(theirs & ~mine)
      if (added === 0) continue
      page.bits[at] = mine | theirs
      page.left -= added
      this.count += added
    }
    if (page.left === 0) page.bits = FULL
  }

  #page(number: number): Page {
    let page = this.#pages[number]
    if (page === undefined) {
      page = { bits: new Uint8Array(PAGE / 8), left: PAGE }
      while (this.#pages.length < number) this.#pages.push(undefined)
      this.#pages[number] = page
    }
    return page
  }
}

export interface PortableReceipts {
  readonly count: number
  readonly duplicates: number
  readonly pages: readonly (Uint8Array | boolean)[]
}

const NONE = new Uint8Array(PAGE / 8)

function bitsOf(byte: number): number {
  let count = 0
  for (let rest = byte; rest !== 0; rest &= rest - 1) count++
  return count
}

const ones = (bits: Uint8Array): number => bits.reduce((sum, byte) => sum + bitsOf(byte), 0)
