import type { Plan } from './plan.ts'
import type { Out } from './protocol.ts'

/** A group none of whose clients has a connection that it should have. */
export interface Without {
  readonly group: string
  readonly clients: number
  /** Milliseconds of the shared clock, from when on there was none. */
  readonly since: number
  readonly why: string
  /** None of them will try again. */
  readonly over: boolean
}

/** The groups without any connection, put together of what agents tell of their own clients. */
export const gone = ({ groups }: Plan, out: readonly Out[]): Without[] =>
  groups.flatMap(({ name: group, clients }) => {
    const theirs = out.filter(each => each.group === group && each.clients > 0)
    const [first] = theirs.toSorted((a, b) => b.since - a.since)
    if (first === undefined || theirs.reduce((sum, each) => sum + each.clients, 0) < clients) return []
    const over = theirs.every(each => each.over)
    return { group, clients, since: first.since, why: first.why, over }
  })

/** Whether a group has no connection and still tries. */
export const mayReturn = (plan: Plan, out: readonly Out[]): boolean => gone(plan, out).some(({ over }) => !over)
