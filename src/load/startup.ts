import { setTimeout as pause } from 'node:timers/promises'
import { OutboxMemory } from '../../codecs/core/index.ts'
import { codecs } from '../../codecs/index.ts'
import { EXIT, Failure } from '../failure.ts'
import { dialling, formatAddress, parseUpstream } from '../net/index.ts'
import { ScramKeys } from '../scram.ts'
import { loadTrust } from '../tls/index.ts'
import { Client } from './client.ts'
import type { ClientContext } from './client-context.ts'
import { clock } from './clock.ts'
import { codecOf, identityOf } from './identity.ts'
import type { GroupPlan, Plan } from './plan.ts'
import type { Secrets } from './secrets/index.ts'
import { StampReader } from './stamp.ts'
import { Tally } from './tally.ts'
import { Whereabouts } from './whereabouts.ts'

export interface StartupOptions {
  /** Seconds that the brokers may take to be there. */
  readonly patience: number
  readonly signal: AbortSignal
  readonly secrets: Secrets
  /** Told of who is waited for, and why, and of who is there then. */
  readonly tell: (what: string) => void
}

/** Milliseconds between two attempts at one upstream; and after which it is told again that it is waited for. */
const PAUSE = 1000
const REMINDER = 10_000

/**
 * Resolves when a client could log in at each upstream of these plans, or when nobody wants that any more. A port that is
 * open is not enough: what forwards it may be there long before the broker. Throws where one is not there in time.
 */
export async function brokersThere(plans: readonly Plan[], options: StartupOptions): Promise<void> {
  const targets = new Map<string, Target>()
  for (const plan of plans) {
    for (const group of await options.secrets.of(plan.groups)) {
      const { urls, protocol, version, user, password, virtualHost } = group
      for (const url of urls) {
        const key = JSON.stringify([url, protocol, version, user, password, virtualHost])
        if (!targets.has(key)) targets.set(key, { plan, group, url })
      }
    }
  }
  await Promise.all([...targets.values()].map(target => waitFor(target, options)))
}

interface Target {
  readonly plan: Plan
  readonly group: GroupPlan
  readonly url: string
}

async function waitFor({ plan, group, url }: Target, { patience, signal, tell }: StartupOptions): Promise<void> {
  const dial = dialling(await loadTrust(plan.tls))
  const address = parseUpstream(url, codecs)
  const name = formatAddress(address)
  const now = clock()
  const began = now()
  const left = (): number => patience * 1000 - (now() - began)
  let trouble: Trouble | undefined
  let told = began
  while (!signal.aborted) {
    const before = trouble
    trouble = await attempt(group, url, {
      run: plan.run,
      dial,
      now,
      signal,
      timeout: Math.min(plan.timeout * 1000, left()),
    })
    if (signal.aborted) return
    if (trouble === undefined) {
      if (before !== undefined) tell(`${name} is there, after ${((now() - began) / 1000).toFixed(1)} s`)
      return
    }
    if (left() <= PAUSE) throw notThere(name, patience, trouble)
    if (trouble.why !== before?.why || now() - told >= REMINDER) {
      told = now()
      tell(`waiting for ${name}, for ${Math.ceil(left() / 1000)} s more at most: ${trouble.why}`)
    }
    await pause(PAUSE, undefined, { signal }).catch(() => {})
  }
}

interface Trouble {
  readonly why: string
  readonly next: string | undefined
}

/** One client that logs in, does nothing, and leaves; or why it could not. */
async function attempt(
  group: GroupPlan,
  url: string,
  { run, ...options }: Pick<ClientContext, 'dial' | 'now' | 'signal' | 'timeout'> & Pick<Plan, 'run'>,
): Promise<Trouble | undefined> {
  const address = parseUpstream(url, codecs)
  const plan: GroupPlan = {
    ...group,
    ...{ urls: [url], publish: undefined, consume: undefined, lifetime: Number.POSITIVE_INFINITY },
    ...{ reconnect: { delay: 0, most: 0 }, cleanup: false },
  }
  let trouble: Trouble | undefined
  const context: ClientContext = {
    ...options,
    plan,
    codec: codecOf(plan),
    tally: new Tally(),
    whereabouts: new Whereabouts(),
    stamps: new StampReader(0, false),
    memory: new OutboxMemory(),
    scram: new ScramKeys(),
    login: group,
    wrote: client => process.nextTick(() => client.flush()),
    changed: () => {},
    trouble: (why, { next } = {}) => {
      trouble ??= { why, next }
    },
    made: () => {},
    blocked: () => {},
  }
  const identity = identityOf(plan, 0, run, [address])
  const client = new Client(context, {
    ...identity,
    // Not that of a client of the run: what the broker keeps for that one is not to be touched.
    clientId: `${identity.clientId}-startup`,
    ...{ destinations: [], sources: [], publisher: undefined, consumer: undefined },
  })
  await client.connect()
  const isReady = client.state === 'ready'
  await client.leave()
  return isReady ? undefined : (trouble ?? { why: 'it is not ready', next: undefined })
}

const notThere = (name: string, patience: number, { why, next }: Trouble): Failure =>
  new Failure(`${name} was not there within ${patience} s: ${why}`, {
    exit: EXIT.connection,
    next: next ?? 'See whether the broker is started, and listens there; --startup-timeout may be longer.',
  })
