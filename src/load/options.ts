import type { AnyCodec, Drive, DriveOption, DriveSettings } from '../../codecs/core/index.ts'
import { codecs } from '../../codecs/index.ts'
import { type Failure, usage } from '../failure.ts'
import { near } from '../near.ts'
import { formatAddress, parseUpstream } from '../net/index.ts'
import { spokenAt } from './codec.ts'
import type { OptionTemplate } from './plan.ts'
import type { GroupSpec } from './spec.ts'
import { columnsIn, isTemplate, samplesOf } from './template.ts'

/**
 * What is said for all groups: of it, what a group's protocol has. All of it, where that is not known yet. A protocol is
 * for those whose addresses leave it open.
 */
export function fitting<T extends Pick<GroupSpec, 'protocol' | 'option' | 'protocol-version'>>(
  said: T,
  group: GroupSpec,
): T {
  const protocol = group.protocol ?? (isCertain(group) ? undefined : said.protocol)
  const drive = driveOf({ ...group, protocol })
  if (drive === undefined) return said
  const { option, 'protocol-version': version } = said
  return {
    ...said,
    protocol,
    option: option?.filter(text => pair(text, '--option')[0] in drive.options),
    'protocol-version': version !== undefined && drive.versions.includes(version) ? version : undefined,
  }
}

/** Throws where no group has an option, or the version, that is said for all of them. */
export function checkShared(
  said: Pick<GroupSpec, 'protocol' | 'option' | 'protocol-version'>,
  groups: readonly GroupSpec[],
): void {
  const drives = groups.map(group => driveOf({ ...group, protocol: fitting({ ...said, option: [] }, group).protocol }))
  if (drives.length === 0 || drives.some(drive => drive === undefined)) return
  for (const text of said.option ?? []) {
    const [name] = pair(text, '--option')
    if (!drives.some(drive => drive !== undefined && name in drive.options)) throw noOption(name, drives)
  }
  const version = said['protocol-version']
  if (version === undefined || drives.some(drive => drive?.versions.includes(version))) return
  const known = drives.flatMap(drive => drive?.versions ?? [])
  throw usage(`--protocol-version ${version}: no protocol here has it`, `There are: ${[...new Set(known)].join(', ')}.`)
}

/** Of the group's protocol, where it is told already. */
function driveOf(spec: GroupSpec): Drive | undefined {
  const { protocol, upstream = [] } = spec
  if (protocol === undefined && upstream.length === 0) return undefined
  return codecOf(spec).drive
}

/** Whether the scheme of its address names the protocol. */
function isCertain({ upstream: [url] = [] }: GroupSpec): boolean {
  return url !== undefined && parseUpstream(url, codecs).codec !== undefined
}

function noOption(name: string, drives: readonly (Pick<Drive, 'options'> | undefined)[]): Failure {
  const known = [...new Set(drives.flatMap(drive => Object.keys(drive?.options ?? {})))]
  const [meant] = near(name, known)
  const next = meant === undefined ? `It has: ${known.join(', ')}.` : `Did you mean ${meant}?`
  return usage(`--option ${name}: the protocol has no such option`, next)
}

export const driven = (): string[] => [...new Set(codecs.flatMap(({ id, drive }) => (drive === undefined ? [] : id)))]

/** What a group speaks. Throws where nothing tells. */
export function codecOf({ protocol, upstream = [] }: GroupSpec): AnyCodec {
  const [address] = upstream.map(url => parseUpstream(url, codecs))
  if (protocol !== undefined) {
    const found =
      (address === undefined ? undefined : spokenAt(protocol, address)) ?? codecs.find(({ id }) => id === protocol)
    if (found !== undefined) return found
    throw usage(`--protocol ${protocol}: there is none`, `There are: ${driven().join(', ')}.`)
  }
  if (address === undefined) throw usage('whom to load is not said', 'For example: mqinspect load mqtt://localhost')
  const found =
    address.codec ??
    // The first that goes by this scheme, or is at home at this port.
    codecs.find(({ schemes }) => schemes.some(({ scheme }) => scheme === address.scheme)) ??
    codecs.find(({ ports }) => ports.includes(address.port))
  if (found !== undefined) return found
  throw usage(`${formatAddress(address)}: which protocol is spoken there?`, `Say --protocol ${driven().join(', ')}.`)
}

/** Throws where the protocol of a group has no such option, or not this value of it. */
export function checkOption(spec: GroupSpec, option: string): void {
  const drive = driveOf(spec)
  if (drive === undefined) return
  settingsOf([option], drive.options)
  templatesOf([option], drive.options, undefined)
}

/** `NAME=VALUE` each, checked against what the protocol has; but for what messages have each for itself, as templates. */
export function settingsOf(texts: readonly string[], known: Readonly<Record<string, DriveOption>>): DriveSettings {
  const settings: Record<string, boolean | number | string | undefined> = {}
  for (const [name, option] of Object.entries(known)) settings[name] = option.default
  for (const text of texts) {
    const [name, value] = pair(text, '--option')
    const option = known[name]
    if (option === undefined) throw noOption(name, [{ options: known }])
    if (option.eachMessage && isTemplate(value)) continue
    settings[name] = settingOf(name, value, option)
  }
  return settings
}

/**
 * Those that messages have each for itself, as far as they may differ. Each value that they come to is checked; those of
 * files, by `file:column`, where there are any yet.
 */
export function templatesOf(
  texts: readonly string[],
  known: Readonly<Record<string, DriveOption>>,
  columns: Readonly<Record<string, readonly string[]>> | undefined,
): Record<string, OptionTemplate> {
  const templates: Record<string, OptionTemplate> = {}
  for (const text of texts) {
    const [name, template] = pair(text, '--option')
    const option = known[name]
    if (option?.eachMessage !== true) continue
    // What is said last holds.
    delete templates[name]
    if (!isTemplate(template)) continue
    templates[name] = { kind: option.kind, template }
    if (columns === undefined && columnsIn(template).length > 0) continue
    for (const value of samplesOf(template, columns ?? {})) settingOf(name, value, option)
  }
  return templates
}

function settingOf(name: string, value: string, { kind, most, choices }: DriveOption): boolean | number | string {
  if (kind === 'boolean') {
    if (value === 'true' || value === 'false') return value === 'true'
    throw usage(`--option ${name}=${value}: true or false`)
  }
  if (kind === 'uint') {
    const number = Number(value)
    if (/^\d+$/.test(value) && number <= (most ?? Number.POSITIVE_INFINITY)) return number
    throw usage(`--option ${name}=${value}: a whole number${most === undefined ? '' : ` up to ${most}`}`)
  }
  if (choices === undefined || choices.includes(value)) return value
  throw usage(`--option ${name}=${value}: one of ${choices.join(', ')}`)
}

export function pair(text: string, flag: string): readonly [string, string] {
  const at = text.indexOf('=')
  if (at <= 0) throw usage(`${flag} ${text}: not a pair`, `Write NAME=VALUE.`)
  return [text.slice(0, at), text.slice(at + 1)]
}
