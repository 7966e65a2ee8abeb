import { LONGEST_TIMER } from '../../duration.ts'
import type { GroupPlan } from '../plan.ts'
import { readSecret, type SecretSource } from './source.ts'

/** Milliseconds until it is tried again, where there is nothing to be had: twice as many each time, up to the most. */
const FIRST_RETRY = 1000
const MOST_RETRY = 30_000

export interface SecretsListener {
  /** A group's password is another now. */
  renewed(group: string, password: string): void
  trouble(why: string): void
}

interface Kept {
  readonly source: SecretSource
  text: string
  timer?: NodeJS.Timeout
}

/** The passwords and tokens of all groups of all steps: each is read once, and again when it is about to be too old. */
export class Secrets {
  readonly #read: typeof readSecret
  readonly #ending = new AbortController()
  readonly #kept = new Map<string, Kept>()
  #listener: (SecretsListener & { readonly groups: readonly GroupPlan[] }) | undefined

  constructor(read = readSecret) {
    this.#read = read
  }

  /** The groups, with their passwords as they are now; until the next call, its listener hears of others. */
  async of(groups: readonly GroupPlan[], listener: SecretsListener = NOBODY): Promise<GroupPlan[]> {
    for (const { secret } of groups) if (secret !== undefined) await this.#first(secret)
    this.#listener = { ...listener, groups }
    return groups.map(group => ({ ...group, password: this.#textOf(group) ?? group.password }))
  }

  close(): void {
    this.#ending.abort()
    for (const { timer } of this.#kept.values()) clearTimeout(timer)
  }

  #textOf({ secret }: GroupPlan): string | undefined {
    return secret === undefined ? undefined : this.#kept.get(keyOf(secret))?.text
  }

  async #first(source: SecretSource): Promise<void> {
    const key = keyOf(source)
    if (this.#kept.has(key)) return
    const { text, freshFor } = await this.#read(source, this.#ending.signal)
    const kept: Kept = { source, text }
    this.#kept.set(key, kept)
    this.#later(kept, freshFor, FIRST_RETRY)
  }

  #later(kept: Kept, milliseconds: number, retry: number): void {
    if (this.#ending.signal.aborted || milliseconds === Number.POSITIVE_INFINITY) return
    kept.timer = setTimeout(() => void this.#again(kept, retry), Math.min(milliseconds, LONGEST_TIMER))
    kept.timer.unref()
  }

  async #again(kept: Kept, retry: number): Promise<void> {
    const { source } = kept
    try {
      const { text, freshFor } = await this.#read(source, this.#ending.signal)
      this.#later(kept, freshFor, FIRST_RETRY)
      if (text === kept.text) return
      kept.text = text
      const { groups = [] } = this.#listener ?? {}
      for (const { name, secret } of groups) {
        if (secret !== undefined && keyOf(secret) === keyOf(source)) this.#listener?.renewed(name, text)
      }
    } catch (error) {
      if (this.#ending.signal.aborted) return
      this.#listener?.trouble(
        `the ${source.token ? 'token' : 'password'} cannot be renewed: ${(error as Error).message}`,
      )
      this.#later(kept, retry, Math.min(retry * 2, MOST_RETRY))
    }
  }
}

const NOBODY: SecretsListener = { renewed() {}, trouble() {} }

const keyOf = (source: SecretSource): string => JSON.stringify(source)
