import { createRequire } from 'node:module'
import { parseDuration } from '../duration.ts'
import { EXIT, usage } from '../failure.ts'
import { Output, styleFor } from '../output/index.ts'
import { tell } from '../tell.ts'
import { loadTrust, upstreamTls } from '../tls/index.ts'
import { joined } from './join.ts'
import { Leftovers } from './leftovers.ts'
import { checkOpenFiles } from './open-files.ts'
import { type Plan, runName } from './plan.ts'
import { planOf, targetsOf } from './planning.ts'
import { printed } from './printed.ts'
import { LiveMetrics, parseThreshold, ReportFiles, summaryText, type Threshold } from './report/index.ts'
import { type LoadRequest, saidSpec, specOf } from './request.ts'
import type { LoadResult } from './result.ts'
import type { RunSettings, RunSpec } from './run-spec.ts'
import { saveScenario } from './scenario/index.ts'
import { Secrets } from './secrets/index.ts'
import { withSources } from './sources.ts'
import { mayLoad } from './spec.ts'
import { brokersThere, type StartupOptions } from './startup.ts'
import { type Outcome, type Prepared, Steps } from './steps.ts'
import type { Watch } from './watch.ts'

const STDOUT = 1

/** Loads a broker. Returns the exit code. */
export async function load(request: LoadRequest, signal: AbortSignal): Promise<number> {
  const spec = await withSources(await specOf(request), signal)
  const { settings } = spec
  const thresholds = (settings.threshold ?? []).map(text => parseThreshold(text))
  mayLoad(targetsOf(spec), request['yes-i-own-this-broker'])
  const prepared = prepare(spec)
  checkOpenFiles(plansOf(prepared), settings.workers ?? 1)
  // Each worker reads it for itself, and by then it is late to say that a file is not there.
  await loadTrust(upstreamTls(settings))
  const { 'save-scenario': saved } = request
  if (saved !== undefined) {
    await saveScenario(saved, await saidSpec(request))
    if (!request.quiet) tell(`saved as ${saved}, without passwords and other secrets`)
  }
  const files = await ReportFiles.open(settings.report ?? [])
  const output = new Output(STDOUT)
  const { version } = createRequire(import.meta.url)('mqinspect/package.json') as { version: string }
  const watch = request.screen
    ? await onScreen(prepared, thresholds, request, { output, signal })
    : printed(request, output)
  const live = await LiveMetrics.start(request, { ...watched(prepared), version, tell: what => watch.tell(what) })
  const leftovers = new Leftovers()
  const secrets = new Secrets()
  const steps = new Steps({
    ...{ settings, request, watch, secrets, signal, live, leftovers, version },
    thresholds,
    isOnly: prepared.length === 1,
  })
  const outcomes: Outcome[] = []
  let result: LoadResult | undefined
  let unwritten: unknown
  try {
    await startup(prepared, settings, { secrets, signal, tell: what => request.quiet || watch.tell(what) })
    for (const step of prepared) {
      if (signal.aborted) break
      const outcome = await steps.run(step)
      outcomes.push(outcome)
      if (outcome.over) break
    }
    for (const { name } of prepared.slice(outcomes.length))
      outcomes.push({ name, started: Date.now(), ok: true, words: 'not begun' })
    result = joined(outcomes, thresholds, signal.aborted)
    // Before anything else is shown: whoever looked on may have closed the terminal.
    if (result !== undefined) await files.write(result).catch(error => (unwritten = error))
  } finally {
    await live.close()
    await watch.close()
    // Also of a run that was interrupted, or failed.
    const { removed, kept } = await leftovers.remove(secrets)
    secrets.close()
    if (removed !== undefined && !request.quiet) tell(`took away ${removed}`)
    for (const line of kept) tell(`not taken away: ${line}`)
  }
  if (result === undefined) return EXIT.failed
  if (request.json) output.write(`${JSON.stringify({ result })}\n`)
  else output.write(summaryText(result, styleFor(process.stdout, request['no-color'])))
  await output.end()
  if (unwritten !== undefined) throw unwritten
  return exitOf(result)
}

const plansOf = (steps: readonly Prepared[]): Plan[] => steps.flatMap(step => (step.kind === 'load' ? step.plan : []))

/** Waits for the brokers of all steps, where that is asked for. */
async function startup(
  steps: readonly Prepared[],
  { 'startup-timeout': patience }: RunSettings,
  options: Omit<StartupOptions, 'patience'>,
): Promise<void> {
  if (patience === undefined) return
  await brokersThere(plansOf(steps), { ...options, patience: parseDuration(patience, '--startup-timeout') / 1000 })
}

/** The terminal UI, which is loaded where it is shown. */
async function onScreen(
  steps: readonly Prepared[],
  thresholds: readonly Threshold[],
  { theme, 'no-color': noColor }: LoadRequest,
  rest: { readonly output: Output; readonly signal: AbortSignal },
): Promise<Watch> {
  const { Board } = await import('./board/board.ts')
  return new Board({ steps, thresholds, theme, noColor, ...rest })
}

/** All steps are planned before the first begins: an hour's run is not to end in a mistake that could be seen. */
function prepare(spec: RunSpec): Prepared[] {
  const { settings, steps } = spec
  const steered = settings['find-limit'] !== undefined
  if (steered && parseThreshold(settings['find-limit'] as string, '--find-limit').endsAfter !== undefined) {
    throw usage('--find-limit: a search goes on where it does not hold', 'Leave out abort.')
  }
  if (steered && steps.length > 1) throw usage('--find-limit: it is for runs of one step')
  if (steps.every(({ kind }) => kind !== 'load')) throw usage('no step of the scenario has groups, which load a broker')
  return steps.map((step, at): Prepared => {
    const place = { at, of: steps.length }
    return step.kind === 'load' ? { ...step, ...place, plan: planOf(step, spec, steered) } : { ...step, ...place }
  })
}

/** All steps, for who watches: one run, of all their groups. */
function watched(steps: readonly Prepared[]): { readonly plan: Pick<Plan, 'groups'>; readonly run: string } {
  const plans = plansOf(steps)
  return { plan: { groups: plans.flatMap(({ groups }) => groups) }, run: runName(plans[0] as Plan) }
}

function exitOf(result: LoadResult): number {
  const { search } = result
  if (search?.held === null) return EXIT.threshold
  if (result.thresholds.some(({ ok }) => !ok)) return EXIT.threshold
  if (result.gone.length > 0) return EXIT.connection
  // Above the rate that holds, a search loses what it likes.
  return result.proof.ok || search !== undefined ? EXIT.done : EXIT.failed
}
