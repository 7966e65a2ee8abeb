import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { EXIT, Failure } from '../failure.ts'

/** A program that captures, and how it is called. */
export interface CaptureTool {
  readonly name: string
  readonly path: string
  readonly arguments: readonly string[]
  readonly filter: string
}

/** Whom a program that was started by root becomes once it captures; undefined where it is not root's. */
export type User = string | undefined

interface Known {
  readonly name: string
  arguments(interfaceName: string, filter: string, user: User): readonly string[]
}

/**
 * dumpcap first: it is made to capture and to do nothing else, and on many machines may do so without being root. Each
 * writes to its standard output. Nothing of this passes a shell.
 */
const TOOLS: readonly Known[] = [
  { name: 'dumpcap', arguments: (name, filter) => ['-q', '-i', name, '-f', filter, '-w', '-'] },
  {
    name: 'tcpdump',
    arguments: (name, filter, user) => [
      ...['-i', name, '-n', '-U', '-s', '0', '-w', '-'],
      ...(user === undefined ? [] : ['-Z', user]),
      '--',
      filter,
    ],
  },
]

/** Looks for one in `folders`; left out, where programs usually are. Fails where none is installed. */
export async function findCaptureTool(
  interfaceName: string,
  filter: string,
  folders: readonly string[] = usualFolders(),
): Promise<CaptureTool> {
  for (const { name, arguments: arguments_ } of TOOLS) {
    const path = await find(name, folders)
    if (path !== undefined) return { name, path, filter, arguments: arguments_(interfaceName, filter, unprivileged()) }
  }
  throw new Failure('neither dumpcap nor tcpdump is installed', {
    exit: EXIT.failed,
    next: 'Install one: apt install wireshark-common, apt install tcpdump, brew install wireshark. A proxy needs none: mqinspect record localhost:5672 -w traffic.pcapng',
  })
}

function unprivileged(): User {
  if (process.getuid?.() !== 0) return undefined
  return process.env.SUDO_USER ?? 'nobody'
}

async function find(name: string, folders: readonly string[]): Promise<string | undefined> {
  for (const folder of folders) {
    const path = join(folder, name)
    if (
      await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
    ) {
      return path
    }
  }
  return undefined
}

/** Not in every user's path. */
const MORE = ['/usr/sbin', '/sbin', '/usr/local/sbin']

const usualFolders = (): string[] =>
  [...(process.env.PATH ?? '').split(delimiter), ...MORE].filter(folder => folder !== '')
