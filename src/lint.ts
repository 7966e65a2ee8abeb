import type { Severity } from '../codecs/core/index.ts'
import { codecs } from '../codecs/index.ts'
import { type DecodeRequest, decode } from './decode.ts'
import { EXIT, usage } from './failure.ts'
import { asBadAs, rulesOf } from './findings/index.ts'
import { near } from './near.ts'
import { painted, styleFor, wrapped } from './output/index.ts'

export interface LintRequest extends Omit<DecodeRequest, 'view' | 'json' | 'fields'> {
  readonly json: boolean
  /** A finding at least as bad makes the exit code 99. */
  readonly 'fail-on'?: Severity | undefined
  /** Rules that are not to be told of. */
  readonly ignore?: readonly string[] | undefined
}

/** Tells what is wrong with what is in a capture. Returns the exit code. */
export async function lint(request: LintRequest, signal: AbortSignal): Promise<number> {
  const ids = rulesOf(codecs).map(({ id }) => id)
  for (const id of request.ignore ?? []) {
    if (ids.includes(id)) continue
    const [meant] = near(id, ids)
    throw usage(
      `--ignore ${id}: there is no such rule`,
      meant ? `Did you mean ${meant}?` : 'See mqinspect lint --rules.',
    )
  }
  const failOn = request['fail-on']
  let crossed = false
  const quieted = (request.ignore ?? []).map(id => `finding != "${id}"`)
  const filter = [...quieted, ...(request.filter === undefined ? [] : [`(${request.filter})`])].join(' && ')
  const code = await decode({ ...request, view: 'findings', filter: filter === '' ? undefined : filter }, signal, {
    failOn,
    onFinding: ({ severity }) => {
      crossed ||= failOn !== undefined && asBadAs(severity, failOn)
    },
  })
  return code === EXIT.done && crossed ? EXIT.threshold : code
}

/** Every rule, for people. */
export async function listRules(request: { readonly json: boolean; readonly 'no-color': boolean }): Promise<number> {
  const style = styleFor(process.stdout, request['no-color'])
  for (const { id, severity, title, why, fix } of rulesOf(codecs)) {
    if (request.json) process.stdout.write(`${JSON.stringify({ rule: id, severity, title, why, fix })}\n`)
    else {
      const head = `${painted(style.palette[severity], severity.padEnd(7))} ${painted(style.palette.bold, id)}  ${title}`
      process.stdout.write([head, ...wrapped(why, style), ...wrapped(`fix: ${fix}`, style), ''].join('\n'))
    }
  }
  return EXIT.done
}
