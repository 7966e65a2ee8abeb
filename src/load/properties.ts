import type { DriveOption, DriveSettings, Outgoing } from '../../codecs/core/index.ts'
import type { PublishPlan } from './plan.ts'
import { type MessageNames, type Names, Template } from './template.ts'

/** What messages say of themselves, beside their bodies. */
export type Said = Pick<Outgoing, 'contentType' | 'headers' | 'settings'>

/** What the messages of one client say of themselves: put together once, where it is the same in all of them. */
export class Properties {
  readonly isDynamic: boolean
  readonly #settings: DriveSettings
  readonly #contentType: Template | undefined
  readonly #headers: readonly (readonly [string, Template])[]
  readonly #options: readonly (readonly [string, DriveOption['kind'], Template])[]
  readonly #constant: Said

  /** `settings`: what its driver has, of which messages may have some otherwise. */
  constructor({ contentType, headers, options }: PublishPlan, settings: DriveSettings, names: Names) {
    const of = (text: string): Template => new Template(text, names)
    this.#settings = settings
    this.#contentType = contentType === undefined ? undefined : of(contentType)
    this.#headers = Object.entries(headers).map(([name, text]) => [name, of(text)])
    this.#options = Object.entries(options).map(([name, { kind, template }]) => [name, kind, of(template)])
    const templates = [this.#contentType, ...this.#headers.map(([, each]) => each)]
    this.isDynamic = [...templates, ...this.#options.map(([, , each]) => each)].some(each => each?.isDynamic)
    this.#constant = this.#said(({ text }) => text)
  }

  /** Of a message; where nothing differs, always the same. */
  of(message: MessageNames): Said {
    return this.isDynamic ? this.#said(template => template.fill(message)) : this.#constant
  }

  #said(text: (template: Template) => string): Said {
    const options = this.#options.map(([name, kind, template]) => [name, typed(text(template), kind)] as const)
    const headers = this.#headers.map(([name, template]) => [name, text(template)] as const)
    return {
      contentType: this.#contentType === undefined ? undefined : text(this.#contentType),
      headers: headers.length === 0 ? undefined : Object.fromEntries(headers),
      settings: options.length === 0 ? undefined : { ...this.#settings, ...Object.fromEntries(options) },
    }
  }
}

function typed(text: string, kind: DriveOption['kind']): boolean | number | string {
  if (kind === 'text') return text
  return kind === 'uint' ? Number(text) : text === 'true'
}
