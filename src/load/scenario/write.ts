import { dirname, isAbsolute, relative } from 'node:path'
import { PrivateFile } from '../../output/index.ts'
import { writeYaml } from '../../yaml.ts'
import type { RunSpec, StepSpec } from '../run-spec.ts'
import type { GroupSpec } from '../spec.ts'
import { withFiles } from '../template.ts'
import { CONSUME, GROUP, PUBLISH, REPLAY, RUN, type Setting } from './shape.ts'

type Section = Readonly<Record<string, unknown>>
type Shape = Readonly<Record<string, Setting>>

/** Writes a run as a scenario, which read again is the same run; but for passwords and other secrets, which are not to lie about. */
export async function saveScenario(path: string, spec: RunSpec): Promise<void> {
  const file = await PrivateFile.open(path)
  file.output.write(await scenarioText(spec, dirname(path)))
  await file.close()
}

/** Files are named as seen from `folder`, where it is to lie. */
export async function scenarioText({ settings, steps }: RunSpec, folder: string): Promise<string> {
  const writer = new Writer(folder)
  const [only, ...others] = steps
  const top = writer.section(settings, RUN)
  if (only?.kind === 'load' && others.length === 0) {
    const { name: _, ...rest } = writer.step(only)
    return writeYaml({ ...top, ...rest })
  }
  return writeYaml({ ...top, steps: steps.map(step => writer.step(step)) })
}

class Writer {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  step(step: StepSpec): Section {
    const { name } = step
    switch (step.kind) {
      case 'wait':
        return { name, wait: step.wait }
      case 'replay':
        return { name, replay: this.section(step.replay, REPLAY) }
      default: {
        const { duration, threshold, groups } = step
        return said({ name, duration, threshold, groups: Object.fromEntries(groups.map(each => this.#group(each))) })
      }
    }
  }

  section(values: object, shape: Shape): Section {
    const written = Object.entries(values).flatMap(([name, value]) => {
      const setting = shape[name]
      if (setting === undefined || value === undefined || setting.secret === true) return []
      const as = this.#value(name, value, setting)
      return as === undefined ? [] : [[name, as]]
    })
    return Object.fromEntries(written)
  }

  #group({ name, publish, consume, ...group }: GroupSpec): [string, Section] {
    const inner = {
      publish: publish && this.section(publish, PUBLISH),
      consume: consume && this.section(consume, CONSUME),
    }
    return [name, { ...this.section(group, GROUP), ...said(inner) }]
  }

  #value(name: string, value: unknown, setting: Setting): unknown {
    if (!Array.isArray(value)) return this.#one(name, value, setting)
    if (value.length === 0) return undefined
    if (setting.kind === 'pairs') {
      return Object.fromEntries((value as string[]).map(each => pairOf(withFiles(each, path => this.#from(path)))))
    }
    const all = value.map(each => this.#one(name, each, setting))
    return all.length === 1 ? all[0] : all
  }

  #one(name: string, value: unknown, { kind, file, template }: Setting): unknown {
    if (typeof value !== 'string') return value
    if (name === 'upstream' || name === 'to') return value.replace(/^((?:[\w+.-]+:\/\/)?[^@/:]*):[^@]*@/, '$1@')
    if (file) return this.#from(value)
    if (template) return withFiles(value, path => this.#from(path))
    return kind === 'amount' || kind === 'amounts' ? numeric(value) : value
  }

  #from(path: string): string {
    return isAbsolute(path) ? path : relative(this.#folder, path)
  }
}

const said = (values: Section): Section =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))

/** A number where it reads as one, and back. */
const numeric = (text: string): string | number => (String(Number(text)) === text ? Number(text) : text)

function pairOf(pair: string): [string, string | number | boolean] {
  const at = pair.indexOf('=')
  const value = pair.slice(at + 1)
  return [pair.slice(0, at), value === 'true' ? true : value === 'false' ? false : numeric(value)]
}
