import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { usage } from './failure.ts'
import { near } from './near.ts'
import { readYaml } from './yaml.ts'

/**
 * Settings in a file: any flag by its name, at the top for all commands, or below a command's name for that one.
 *
 *     format: ndjson
 *     proxy:
 *       write: traffic.pcapng
 *
 * The command line goes before the environment, that before `mqinspect.yaml` in the working directory, that before the
 * user's own file.
 */

/** What commands there are, and the flags of each. */
export type KnownFlags = ReadonlyMap<string, ReadonlySet<string>>

function configFiles(): string[] {
  const folder = process.env.XDG_CONFIG_HOME || join(homedir(), '.config')
  return ['mqinspect.yaml', join(folder, 'mqinspect', 'mqinspect.yaml')]
}

/** What the files say of one command's flags, by the flag's name: text as one would type it. */
export async function configured(
  command: string,
  known: KnownFlags,
  files = configFiles(),
): Promise<Map<string, string | readonly string[]>> {
  const settings = new Map<string, string | readonly string[]>()
  // The file that counts most comes first, and in it what is said of this command.
  for (const file of files) {
    const text = readIfThere(file)
    if (text === undefined) continue
    const content = sectionOf(file, (await readYaml(file, text)).value)
    for (const section of [content[command], content]) {
      if (!isSection(section)) continue
      for (const [name, value] of Object.entries(section)) {
        if (known.get(command)?.has(name) === true && !settings.has(name) && !isSection(value)) {
          const texts = [value].flat().map(item => textOf(file, name, item))
          settings.set(name, Array.isArray(value) ? texts : (texts[0] as string))
        }
      }
    }
    check(file, content, known)
  }
  return settings
}

type Section = Readonly<Record<string, unknown>>

const isSection = (value: unknown): value is Section =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw usage(`${file}: ${(error as Error).message}`, 'Mend it, or move it away.')
  }
}

function sectionOf(file: string, content: unknown): Section {
  if (content === null) return {}
  if (!isSection(content)) throw usage(`${file} holds no settings`, 'Write one a line: format: ndjson')
  return content
}

/** Whatever is no flag of any command, or not of the command it stands below, is a mistake worth telling. */
function check(file: string, content: Section, known: KnownFlags): void {
  const all = new Set([...known.values()].flatMap(flags => [...flags]))
  for (const [name, value] of Object.entries(content)) {
    const flags = known.get(name)
    if (flags !== undefined && isSection(value)) {
      for (const inner of Object.keys(value))
        if (!flags.has(inner)) throw unknown(file, `${name}: ${inner}`, inner, flags)
    } else if (!all.has(name)) throw unknown(file, name, name, new Set([...all, ...known.keys()]))
  }
}

function unknown(file: string, where: string, name: string, names: ReadonlySet<string>): Error {
  const [meant] = near(name, [...names])
  const hint = meant === undefined ? 'Settings are named as flags are, without the dashes.' : `Did you mean ${meant}?`
  return usage(`${file}: ${where}: there is no such flag`, hint)
}

function textOf(file: string, name: string, value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw usage(`${file}: ${name}: neither text, nor a number, nor true or false`)
}
