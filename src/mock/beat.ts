/** Something that is done every so many milliseconds, as long as it is to be. */
export class Beat {
  readonly #beat: () => void
  #every: number | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(beat: () => void) {
    this.#beat = beat
  }

  /** Undefined: never. */
  set every(every: number | undefined) {
    if (every === this.#every) return
    this.#every = every
    clearInterval(this.#timer)
    if (every !== undefined) this.#timer = setInterval(this.#beat, every)
  }
}
