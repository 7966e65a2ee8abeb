import type { Named } from './arguments.ts'
import { type MethodRow, type MethodType, methods } from './tables.ts'

/** The method table, prepared for reading and writing: names of lengths and masks of bits worked out once. */

export interface Argument extends Named {
  /** Reserved: not in the frame where it is zero or empty. */
  readonly reserved: boolean
  /** Of a bit, where in its octet it is; 0x01 begins an octet. */
  readonly mask: number
  /** Of the first bit in an octet: the bits that have a meaning there. */
  readonly used: number
  /** Of a bit: no other comes after it in its octet. */
  readonly last: boolean
}

export interface Plan {
  readonly type: MethodType
  readonly classId: number
  readonly methodId: number
  readonly arguments: readonly Argument[]
}

function plan(type: MethodType): Plan {
  const [classId, methodId, row]: MethodRow = methods[type]
  const rows = Object.entries(row)
  const masks: number[] = []
  for (const [at, [, kind]] of rows.entries()) {
    const before = masks[at - 1] ?? 0
    masks.push(kind !== 'bit' ? 0 : before === 0 || before === 0x80 ? 1 : before << 1)
  }
  const used = (at: number): number => {
    const mask = masks[at] ?? 0
    const next = masks[at + 1] ?? 0
    return next > mask && mask > 0 ? mask | used(at + 1) : mask
  }
  return {
    type,
    classId,
    methodId,
    arguments: rows.map(([key, kind], at) => {
      const name = key.replace('?', '')
      const mask = masks[at] as number
      return {
        name,
        lengthName: `${name}Length`,
        type: kind,
        reserved: key !== name,
        mask,
        used: used(at),
        last: used(at) === mask,
      }
    }),
  }
}

export const plans: readonly Plan[] = (Object.keys(methods) as MethodType[]).map(plan)
export const planOf: ReadonlyMap<string, Plan> = new Map(plans.map(each => [each.type, each]))

/** By class and method in one index, so that finding a method is one look. No id reaches 128. */
const byId: (Plan | undefined)[] = new Array<Plan | undefined>(128 << 7).fill(undefined)
for (const each of plans) byId[(each.classId << 7) | each.methodId] = each

export const planById = (classId: number, methodId: number): Plan | undefined =>
  (classId | methodId) < 128 ? byId[(classId << 7) | methodId] : undefined
