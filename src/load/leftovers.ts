import { type AnyCodec, type Made, OutboxMemory } from '../../codecs/core/index.ts'
import { type Address, type Dial, dialling, reason } from '../net/index.ts'
import { ScramKeys } from '../scram.ts'
import { loadTrust } from '../tls/index.ts'
import { LEAVING } from './client.ts'
import { clock } from './clock.ts'
import { MOST_CONNECTING } from './group.ts'
import { addressesOf, codecOf, drivenAs, type Identity, identityOf, isInUnits } from './identity.ts'
import { Link } from './link.ts'
import type { GroupPlan, Plan } from './plan.ts'
import type { MadeBy } from './protocol.ts'
import type { Secrets } from './secrets/index.ts'

/** Things of a run that are kept in mind. */
const MOST = 100_000
/** Of those that stay, so many are named. */
const MOST_NAMED = 5

/** What one client made first. */
interface Own {
  readonly plan: Plan
  readonly group: GroupPlan
  readonly client: number
  readonly made: Made[]
}

/** What is told of each of them: gone, or why not. */
type Told = (made: Made, why: string | undefined) => void

/** What the clients of a run made that outlives them. Who made it takes it away, by a connection of the same name. */
export class Leftovers {
  readonly #known = new Set<string>()
  readonly #own = new Map<string, Own>()
  readonly #stays = new Set<string>()
  readonly #removed = new Map<string, number>()
  readonly #kept: string[] = []
  #beyond = 0

  /** Before a plan is run: what its clients will leave that cannot be taken away. */
  expect({ groups }: Plan): void {
    for (const group of groups) {
      const stays = group.cleanup ? codecOf(group).drive?.stays?.(group.settings) : undefined
      if (stays !== undefined) this.#stays.add(stays)
    }
  }

  add(plan: Plan, { group: name, client, made }: MadeBy): void {
    const group = plan.groups.find(each => each.name === name)
    if (group === undefined) return
    const where = [group.protocol, group.virtualHost, ...group.urls].join(' ')
    const key = `${where} ${made.kind} ${made.name}`
    if (this.#known.has(key)) return
    if (this.#known.size >= MOST) {
      this.#beyond++
      return
    }
    this.#known.add(key)
    const id = `${plan.run} ${name} ${client}`
    let own = this.#own.get(id)
    if (own === undefined) this.#own.set(id, (own = { plan, group, client, made: [] }))
    own.made.push(made)
  }

  /** Takes it all away, as far as peers let it; in words, what is gone, and what is not, each with why. */
  async remove(secrets: Secrets): Promise<{ readonly removed: string | undefined; readonly kept: readonly string[] }> {
    const open = new Set<Promise<void>>()
    const dials = new Map<Plan['tls'], Dial>()
    const scram = new ScramKeys()
    for (const own of this.#own.values()) {
      const { tls } = own.plan
      const dial = dials.get(tls) ?? dialling(await loadTrust(tls))
      dials.set(tls, dial)
      while (open.size >= MOST_CONNECTING) await Promise.race(open)
      const [group] = (await secrets.of([own.group])) as [GroupPlan]
      const done: Promise<void> = this.#removeOwn({ ...own, group }, dial, scram).then(() => {
        open.delete(done)
      })
      open.add(done)
    }
    await Promise.all(open)
    const counted = [...this.#removed].map(([kind, count]) => `${formatCount(count)} ${kind}${count === 1 ? '' : 's'}`)
    return { removed: counted.length === 0 ? undefined : counted.join(', '), kept: this.#left() }
  }

  async #removeOwn({ plan, group, client, made }: Own, dial: Dial, scram: ScramKeys): Promise<void> {
    const left = new Set(made)
    const told: Told = (each, why) => {
      left.delete(each)
      if (why === undefined) this.#removed.set(each.kind, (this.#removed.get(each.kind) ?? 0) + 1)
      else this.#kept.push(`${each.kind} ${each.name}: ${why}`)
    }
    const why = await visit({
      group,
      identity: identityOf(group, client, plan.run, addressesOf(group)),
      made,
      dial,
      scram,
      timeout: plan.timeout * 1000,
      told,
    })
    for (const each of left) told(each, why ?? 'nothing was said of it')
  }

  #left(): string[] {
    const more = this.#kept.length - MOST_NAMED
    return [
      ...this.#kept.slice(0, MOST_NAMED),
      ...(more > 0 ? [`${formatCount(more)} more`] : []),
      ...(this.#beyond > 0 ? [`what was made after the first ${formatCount(MOST)}`] : []),
      ...this.#stays,
    ]
  }
}

const formatCount = (count: number): string => count.toLocaleString('en')

interface VisitOptions {
  readonly group: GroupPlan
  readonly identity: Identity
  readonly made: readonly Made[]
  readonly dial: Dial
  readonly scram: ScramKeys
  /** Milliseconds that it may take. */
  readonly timeout: number
  readonly told: Told
}

/** One connection, for nothing but this; why it ended before all was done, if it did. */
async function visit({ group, identity, made, dial, scram, timeout, told }: VisitOptions): Promise<string | undefined> {
  const codec: AnyCodec = codecOf(group)
  const { addresses, localAddress, clientId } = identity
  const [address] = addresses as [Address]
  const signal = AbortSignal.timeout(timeout)
  let link: Link | undefined
  let left = (): void => {}
  try {
    const connection = await dial(address, { timeout, signal, codec, localAddress })
    await new Promise<void>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error(`no answer in ${timeout / 1000} s`)))
      link = new Link({
        codec,
        connection,
        units: isInUnits(codec, address),
        memory: new OutboxMemory(),
        driven: {
          ...drivenAs(group, clientId, address, { login: group, scram }),
          ...{
            publishes: false,
            destinations: [],
            inFlight: 1,
            sources: [],
            requests: false,
            credit: 0,
            settles: false,
          },
          tellsMade: false,
          removes: made,
        },
        now: clock(),
        owner: {
          ...{ answered() {}, returned() {}, delivered() {}, empty() {}, made() {}, blocked() {}, unblocked() {} },
          changed() {},
          ready: resolve,
          removed: told,
          left: () => left(),
          wrote: () => process.nextTick(() => link?.flush()),
          lost: why => {
            reject(new Error(why))
            left()
          },
        },
      })
      link.start()
    })
    await new Promise<void>(resolve => {
      left = resolve
      setTimeout(resolve, LEAVING).unref()
      link?.leave()
    })
    return undefined
  } catch (error) {
    return reason(error as Error)
  } finally {
    link?.end()
  }
}
