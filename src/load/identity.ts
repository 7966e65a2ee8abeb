import type { AnyCodec, ScramCrypto } from '../../codecs/core/index.ts'
import { codecs } from '../../codecs/index.ts'
import { type Address, parseUpstream } from '../net/index.ts'
import { spokenAt } from './codec.ts'
import { type GroupPlan, runName } from './plan.ts'
import { type Names, Template } from './template.ts'

/** Who a client of a group is: its number, from 0, and what follows from it. */
export interface Identity {
  readonly number: number
  /** Its own upstream; then those that it may go on to. */
  readonly addresses: readonly Address[]
  readonly localAddress: string | undefined
  readonly clientId: string
}

/** What a group speaks. */
export const codecOf = ({ protocol, urls: [url] }: GroupPlan): AnyCodec =>
  spokenAt(protocol, parseUpstream(url as string, codecs)) as AnyCodec

/** Where each of the group's upstreams is. */
export const addressesOf = ({ urls }: GroupPlan): Address[] => urls.map(url => parseUpstream(url, codecs))

/** Who a client is, by its number. `run`: the run's; `all`: the group's upstreams. */
export function identityOf(plan: GroupPlan, number: number, run: number, all: readonly Address[]): Identity {
  const { localAddresses, failover } = plan
  // Its own first; where it may go to another, in this order.
  const own = number % all.length
  const addresses = failover ? [...all.slice(own), ...all.slice(0, own)] : all.slice(own, own + 1)
  // Each of them to each of the upstreams.
  const localAddress = localAddresses[Math.floor(number / all.length) % localAddresses.length]
  const { clientId } = namesOf(plan, { number, addresses }, run)
  return { number, addresses, localAddress, clientId }
}

/** What its templates name. */
export function namesOf(
  plan: GroupPlan,
  { number, addresses }: Pick<Identity, 'number' | 'addresses'>,
  run: number,
): Names {
  const user = plan.user ?? addresses[0]?.user ?? ''
  const naming = { client: number + plan.firstClient - 1, user, group: plan.name, run: runName({ run }) }
  return { ...naming, clientId: new Template(plan.clientId, { ...naming, clientId: '' }).text }
}

/** What a connection of a client is, whatever it is for. */
export const drivenAs = (
  plan: GroupPlan,
  clientId: string,
  address: Address,
  { login, scram }: { readonly login: { readonly password: string | undefined }; readonly scram: ScramCrypto },
) => ({
  clientId,
  user: plan.user ?? address.user,
  password: login.password ?? address.password,
  token: plan.secret?.token === true,
  virtualHost: plan.virtualHost,
  host: address.host,
  version: plan.version,
  keepAlive: plan.keepAlive,
  settings: plan.settings,
  scram,
})

/** Whether each frame is written by itself. Some servers want a WebSocket's message to be one frame. */
export const isInUnits = ({ transport }: AnyCodec, address: Address): boolean =>
  transport !== 'stream' || address.transport === 'ws' || address.transport === 'wss'
