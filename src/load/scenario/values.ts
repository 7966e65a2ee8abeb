import { isAbsolute, join } from 'node:path'
import { Failure } from '../../failure.ts'
import { near } from '../../near.ts'
import type { YamlFile, YamlPath } from '../../yaml.ts'
import { withFiles } from '../template.ts'
import type { Setting } from './shape.ts'

type Section = Readonly<Record<string, unknown>>
type Read = (value: unknown, path: YamlPath) => unknown

/** Reads the values of a scenario's file, held to its shape. What is wrong is told with its place. */
export class Values {
  readonly #file: YamlFile
  readonly #folder: string

  /** Files are named as seen from `folder`. */
  constructor(file: YamlFile, folder: string) {
    this.#file = file
    this.#folder = folder
  }

  /** What a map says: settings, as `T` has them, and under other names what `inner` reads. */
  section<T>(value: unknown, path: YamlPath, settings: Readonly<Record<string, Setting>>, inner: Section = {}): T {
    const read: Record<string, unknown> = {}
    for (const [name, item] of Object.entries(this.map(value, path))) {
      const at = [...path, name]
      const setting = settings[name]
      const reader = inner[name] as Read | undefined
      if (setting !== undefined) read[name] = this.#setting(item, at, setting)
      else if (reader !== undefined) read[name] = reader(item, at)
      else throw this.#unknown(name, at, [...Object.keys(settings), ...Object.keys(inner)])
    }
    return read as T
  }

  /** Nothing is an empty map. */
  map(value: unknown, path: YamlPath): Section {
    if (value === null) return {}
    if (typeof value === 'object' && !Array.isArray(value)) return value as Section
    throw this.wrong(path, 'NAME: VALUE is meant here, a line each')
  }

  list(value: unknown, path: YamlPath): readonly unknown[] {
    if (Array.isArray(value)) return value
    throw this.wrong(path, 'a list is meant here: - …, an item each')
  }

  wrong(path: YamlPath, what: string, next?: string, at: 'key' | 'value' = 'value'): Failure {
    const name = path.filter(step => typeof step === 'string').at(-1)
    return this.#file.mistake(path, name === undefined ? what : `${name}: ${what}`, next, at)
  }

  /** Does what throws failures that do not know where they are, and says where. */
  placed<T>(path: YamlPath, work: () => T): T {
    try {
      return work()
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      throw this.#file.mistake(path, error.message, error.next)
    }
  }

  #unknown(name: string, path: YamlPath, names: readonly string[]): Failure {
    const [meant] = near(name, names)
    const next = meant === undefined ? `There are: ${names.join(', ')}.` : `Did you mean ${meant}?`
    return this.#file.mistake(path, `${name}: there is no such setting here`, next, 'key')
  }

  #setting(value: unknown, path: YamlPath, setting: Setting): unknown {
    const { kind, least = 0 } = setting
    switch (kind) {
      case 'truth':
        if (typeof value === 'boolean') return value
        throw this.wrong(path, 'true or false')
      case 'integer':
        if (Number.isInteger(value) && Number(value) >= least) return value
        throw this.wrong(path, `a whole number from ${least} on`)
      case 'pairs':
        return Object.entries(this.map(value, path)).map(
          ([name, item]) => `${name}=${withFiles(this.#plain(item, [...path, name]), named => this.#from(named))}`,
        )
      case 'texts':
      case 'amounts':
        if (!Array.isArray(value)) return [this.#text(value, path, setting)]
        return value.map((item, at) => this.#text(item, [...path, at], setting))
      default:
        return this.#text(value, path, setting)
    }
  }

  #text(value: unknown, path: YamlPath, { kind, check, choices, file, template }: Setting): string {
    const isAmount = kind === 'amount' || kind === 'amounts'
    if (typeof value !== 'string' && !(isAmount && typeof value === 'number')) {
      throw this.wrong(path, isAmount ? 'a number, or text, is meant here' : 'text is meant here', 'Quote it: "…".')
    }
    const text = String(value)
    const name = path.filter(step => typeof step === 'string').at(-1) as string
    this.placed(path, () => check?.(text, name))
    if (choices !== undefined && !choices.includes(text)) {
      const [meant] = near(text, choices)
      throw this.wrong(path, `${text}: one of ${choices.join(', ')}`, meant && `Did you mean ${meant}?`)
    }
    if (template) return withFiles(text, named => this.#from(named))
    return file === undefined ? text : this.#from(text)
  }

  #from(path: string): string {
    return isAbsolute(path) ? path : join(this.#folder, path)
  }

  #plain(value: unknown, path: YamlPath): string {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value)
    throw this.wrong(path, 'text, a number, true or false')
  }
}
